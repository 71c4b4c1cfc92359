/*
 * fixing.c -- ten35 check --fix: what is certain is mended in the files.
 */
#include "tool/fixing.h"
#include "base/list.h"
#include "tool/tool.h"
#include "zone/fix.h"

#include <stdlib.h>

enum {
	ROUNDS = 8,       /* what is mended may bring something new to light: a copy, say */
	PATH_SIZE = 8192, /* of a folder and a path in it */
};

/* ------ who reads which file ------ */

static void see_file(struct fixing *f, const struct file_id *id)
{
	struct file_id *seen = list_grow(f->seen, f->count, sizeof *seen);

	f->failed = !seen;
	if (!seen)
		return;
	f->seen = seen;
	f->seen[f->count++] = *id;
}

void fixing_see(struct fixing *f, const char *origin, const char *file)
{
	struct diag d = { 0 };
	struct zonefile zf;

	tool_open(&zf, origin, file, &d);
	(void)!zonefile_read(&zf); /* what is wrong is told later */
	for (size_t i = 0; i < zf.sources.count && !f->failed; i++)
		see_file(f, &zf.inputs[i].id);
	zonefile_free(&zf);
}

void fixing_free(struct fixing *f)
{
	free(f->seen);
	f->seen = NULL;
	f->count = 0;
}

/* ------ one zone ------ */

/* A source's text as it becomes; without octets it stays what it is. */
struct new_text {
	uint8_t *octets; /* owned */
	size_t size;
};

struct mending {
	struct fixing *f;
	struct files below;
	struct zonefile zf;
	struct fixes fixes;
	struct new_text *texts;    /* of the sources, as they become */
	const struct source *last; /* that was asked about, and the answer */
	bool last_may_change;
};

static bool may_change(void *self, const struct source *source)
{
	struct mending *m = self;
	size_t times = 0;

	if (source == m->last)
		return m->last_may_change;
	for (size_t i = 0; i < m->f->count; i++)
		times += file_id_is_same(&m->f->seen[i],
					 &m->zf.inputs[source - m->zf.sources.at].id);
	m->last = source;
	m->last_may_change = times < 2;
	return m->last_may_change;
}

/* Makes the new texts of the sources that change.  False when memory ended. */
static bool make_texts(struct mending *m)
{
	m->texts = calloc(m->zf.sources.count, sizeof *m->texts);
	for (size_t i = 0; m->texts && i < m->zf.sources.count; i++) {
		const struct source *s = &m->zf.sources.at[i];
		size_t count, room;
		const struct edit *edits = fixes_of(&m->fixes, s, &count);
		uint8_t *octets;

		if (count == 0)
			continue;
		room = fix_room(s->size, count);
		if (!(octets = malloc(room + 1)))
			return false;
		struct writer out = writer_init(octets, room);
		fix_apply(s, edits, count, &out);
		m->texts[i] = (struct new_text){ octets, writer_size(&out) };
	}
	return m->texts;
}

/* ------ is it better? ------ */

/* The file system as it will be. */
static const char *read_new(void *self, const char *folder, const char *path, size_t limit,
			    struct file_text *out)
{
	const struct mending *m = self;
	const char *problem = m->below.read(m->below.self, folder, path, limit, out);

	for (size_t i = 0; !problem && i < m->zf.sources.count; i++) {
		const struct new_text *text = &m->texts[i];

		if (!text->octets || !file_id_is_same(&m->zf.inputs[i].id, &out->id))
			continue;
		m->below.release(m->below.self, out);
		if (!(out->octets = malloc(text->size + 1)))
			return "out of memory";
		memcpy(out->octets, text->octets, text->size);
		out->octets[text->size] = '\n';
		out->size = text->size;
	}
	return problem;
}

/* A good zone must not become a bad one: errors that there would be are told. */
static bool stays_good(struct mending *m)
{
	struct files files = {
		.read = read_new,
		.release = m->below.release,
		.identify = m->below.identify,
		.self = m,
	};
	struct diag d = { .report = tool_report };
	struct zonefile zf;
	size_t size;

	tool_open(&zf, m->zf.origin, m->zf.path, &d);
	zf.files = &files;
	uint8_t *image = zonefile_image(&zf, &size);
	bool good = image != NULL;
	free(image);
	zonefile_free(&zf);
	return good;
}

/* ------ telling and writing ------ */

/* Lines with a mark in front, safe for terminals. */
static void print_lines(const struct fixing *f, char mark, struct slice lines)
{
	const char *colour = !f->coloured ? "" : mark == '-' ? "\033[31m" : "\033[32m";
	bool inside = false;

	for (size_t i = 0; i < lines.size; i++) {
		uint8_t octet = lines.octets[i];

		if (!inside) {
			output_put(f->out, colour);
			output_put_octets(f->out, &mark, 1);
		}
		inside = octet != '\n';
		if (!inside && f->coloured)
			output_put(f->out, "\033[0m");
		if (octet != '\n' && octet != '\t' && octet != '\r' &&
		    (octet < 0x20 || octet > 0x7e))
			octet = '?';
		if (octet != '\r')
			output_put_octets(f->out, &octet, 1);
	}
	if (inside)
		output_put(f->out, f->coloured ? "\033[0m\n" : "\n");
}

static void show(const struct mending *m, size_t i)
{
	const struct source *s = &m->zf.sources.at[i];
	const uint8_t *now = m->texts[i].octets, *was = s->text;
	struct diag lines = { 0 };
	size_t count;
	const struct edit *edits = fixes_of(&m->fixes, s, &count);

	while (count > 0) {
		struct hunk h = fix_next(s, &edits, &count);
		struct slice before = { h.was.text, h.was.size };
		size_t size = h.was.size;
		char room[32];
		struct text text = text_init(room, sizeof room);

		now += h.was.text - was; /* the same lines up to here */
		was = h.was.text + h.was.size;
		for (size_t k = 0; k < h.count; k++)
			size = size + strlen(h.edits[k].with) - h.edits[k].size;
		text_format(&text, ":%u\n", diag_line(&lines, s, h.was.text));
		output_put(m->f->out, s->file);
		output_put(m->f->out, room);
		print_lines(m->f, '-', before);
		print_lines(m->f, '+', (struct slice){ now, size });
		now += size;
	}
}

static void complain(const char *file, const char *what, const char *why)
{
	output_put(&output_error, file);
	output_put(&output_error, what);
	output_put(&output_error, why);
	output_put(&output_error, "\n");
}

static const char *write_file(const struct mending *m, size_t i)
{
	char room[PATH_SIZE];
	struct text path = text_init(room, sizeof room);

	zonefile_input_path(&m->zf.inputs[i], &path);
	if (path.full)
		return "its path is too long";
	return files_replace(room, &m->zf.inputs[i].id,
			     (struct slice){ m->texts[i].octets, m->texts[i].size });
}

static bool write_files(const struct mending *m)
{
	bool all = true;

	for (size_t i = 0; i < m->zf.sources.count; i++) {
		const char *problem = m->texts[i].octets ? write_file(m, i) : NULL;

		if (problem)
			complain(m->zf.inputs[i].path, ": not fixed: ", problem);
		else if (m->texts[i].octets)
			show(m, i);
		all = all && !problem;
	}
	return all;
}

/* ------ rounds ------ */

enum outcome { NOTHING_LEFT, MENDED, REFUSED };

static enum outcome mend(struct mending *m)
{
	if (!zonefile_read(&m->zf))
		return NOTHING_LEFT; /* errors: the check tells them */
	if (!fixes_settle(&m->fixes) || (m->fixes.count > 0 && !make_texts(m))) {
		complain(m->zf.path, ": not fixed: ", "out of memory");
		return REFUSED;
	}
	if (m->fixes.count == 0)
		return NOTHING_LEFT;
	if (!stays_good(m)) {
		complain(m->zf.path,
			 ": not fixed: ", "with all changes it would have these errors");
		return NOTHING_LEFT;
	}
	return write_files(m) ? MENDED : REFUSED;
}

static enum outcome mend_once(struct fixing *f, const char *origin, const char *file)
{
	struct diag d = { 0 };
	struct mending m = { .f = f, .fixes.may_change = may_change };

	tool_open(&m.zf, origin, file, &d);
	m.below = *m.zf.files;
	m.fixes.self = &m;
	m.zf.wants_lint = true;
	m.zf.fixes = &m.fixes;
	enum outcome outcome = mend(&m);
	for (size_t i = 0; m.texts && i < m.zf.sources.count; i++)
		free(m.texts[i].octets);
	free(m.texts);
	fixes_free(&m.fixes);
	zonefile_free(&m.zf);
	return outcome;
}

bool fixing_mend(struct fixing *f, const char *origin, const char *file)
{
	enum outcome outcome = f->failed ? NOTHING_LEFT : MENDED;

	for (unsigned i = 0; i < ROUNDS && outcome == MENDED; i++)
		outcome = mend_once(f, origin, file);
	return outcome != REFUSED;
}
