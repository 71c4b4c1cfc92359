#include "support/memory_files.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct memory_file *memory_files_add(struct memory_files *m, const char *path, const char *text,
				     size_t size)
{
	assert(m->count < MEMORY_FILES_MAX);
	struct memory_file *f = &m->at[m->count++];

	*f = (struct memory_file){ path, text, size, m->count, NULL, 0 };
	return f;
}

static struct memory_file *find(struct memory_files *m, const char *folder, const char *path)
{
	char whole[4200];

	if (folder && strcmp(folder, ".") != 0)
		snprintf(whole, sizeof whole, "%s/%s", folder, path);
	else
		snprintf(whole, sizeof whole, "%s", path);
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->at[i].path, whole) == 0)
			return &m->at[i];
	return NULL;
}

/* The pages before a text of n octets with its newline, and the one that nobody may read. */
static size_t body_size(size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (n + 1 + page - 1) / page * page;
}

static struct file_id identity(const struct memory_file *f)
{
	return (struct file_id){
		.device = 1, .inode = f->inode, .size = f->size, .modified_s = f->modified_s
	};
}

static const char *memory_read(void *self, const char *folder, const char *path, size_t limit,
			       struct file_text *out)
{
	struct memory_files *m = self;
	struct memory_file *f = find(m, folder, path);

	snprintf(m->folder, sizeof m->folder, "%s", folder ? folder : "-");
	m->reads++;
	if (!f)
		return "no such file";
	if (f->problem)
		return f->problem;
	if (f->size > limit)
		return "the file is larger than the limit";
	size_t page = (size_t)sysconf(_SC_PAGESIZE), body = body_size(f->size);
	uint8_t *base =
		mmap(NULL, body + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert(base != MAP_FAILED && mprotect(base + body, page, PROT_NONE) == 0);
	out->octets = base + body - f->size - 1;
	out->size = f->size;
	memcpy(out->octets, f->text, f->size);
	out->octets[f->size] = '\n';
	out->id = identity(f);
	m->open++;
	return NULL;
}

static void memory_release(void *self, struct file_text *text)
{
	struct memory_files *m = self;
	size_t body = body_size(text->size), zeros = 0;

	while (zeros < text->size && text->octets[zeros] == 0)
		zeros++;
	m->wiped += text->size > 0 && zeros == text->size;
	munmap(text->octets + text->size + 1 - body, body + (size_t)sysconf(_SC_PAGESIZE));
	text->octets = NULL;
	m->open--;
}

static bool memory_identify(void *self, const char *path, struct file_id *out)
{
	struct memory_file *f = find(self, NULL, path);

	if (f)
		*out = identity(f);
	return f != NULL;
}

/* What stands before the last slash of a name is its folder. */
static bool memory_list(void *self, const char *path, struct file_list *out)
{
	const struct memory_files *m = self;
	size_t size = strlen(path);

	out->count = 0;
	out->is_cut = false;
	for (size_t i = 0; i < m->count; i++)
		if (strncmp(m->at[i].path, path, size) == 0 && m->at[i].path[size] == '/')
			strcpy(out->names[out->count++], m->at[i].path + size + 1);
	return out->count > 0;
}

struct files memory_files(struct memory_files *m)
{
	return (struct files){ .read = memory_read,
			       .release = memory_release,
			       .identify = memory_identify,
			       .list = memory_list,
			       .self = m };
}
