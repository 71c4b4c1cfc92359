/*
 * keeper.c -- a process that may read what the others may not.
 */
#include "app/keeper.h"
#include "app/channel.h"
#include "app/fork.h"

#include <errno.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum errand { LOOK, OPEN };

struct keeper_question {
	uint32_t serial;
	uint32_t what; /* enum errand */
	uint32_t path;
};

struct keeper_answer {
	uint32_t serial;
	bool found; /* LOOK: id is filled in; OPEN: a descriptor comes along */
	struct file_id id;
};

/* ------ the process ------ */

/* capset(2), spelled out for libcs without the kernel's headers. */
static bool keep_one_right(void)
{
	enum { VERSION_3 = 0x20080522, CAP_DAC_READ_SEARCH = 2 };
	const struct {
		uint32_t version;
		int pid;
	} self = { VERSION_3, 0 };
	const struct {
		uint32_t effective, permitted, inheritable;
	} rights[2] = { { 1u << CAP_DAC_READ_SEARCH, 1u << CAP_DAC_READ_SEARCH, 0 } };

	return syscall(SYS_capset, &self, rights) == 0;
}

static bool become_keeper(const struct account *who)
{
	return prctl(PR_SET_KEEPCAPS, 1) == 0 && privilege_drop(who) == NULL && keep_one_right() &&
	       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0;
}

/* Only a regular file is handed over, also when another took its place while it was opened. */
static int open_path(const char *path)
{
	struct stat st;
	int fd = files_open(path);

	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

static void answer(const struct keeper *k, int channel, const struct keeper_question *q)
{
	struct keeper_answer a = { .serial = q->serial };
	int fd = -1;

	if (q->path < k->path_count && q->what == LOOK)
		a.found = k->below.identify(k->below.self, k->paths[q->path], &a.id);
	if (q->path < k->path_count && q->what == OPEN)
		fd = open_path(k->paths[q->path]);
	a.found = a.found || fd >= 0;
	/* Who does not take the answer is gone. */
	if (!channel_send(channel, &a, sizeof a, fd))
		log_write(LEVEL_DEBUG, "keeper: nobody listens");
	if (fd >= 0)
		close(fd);
}

/* False when the other side is gone. */
static bool hear(const struct keeper *k, int channel)
{
	struct keeper_question q;
	int file;
	ssize_t n = channel_receive(channel, &q, sizeof q, &file);

	if (file >= 0)
		close(file);
	if (n == (ssize_t)sizeof q)
		answer(k, channel, &q);
	return n > 0 || (n < 0 && errno == EAGAIN);
}

static void serve(const struct keeper *k, const int ends[KEEPER_SIDES])
{
	struct pollfd fds[KEEPER_SIDES];

	for (int i = 0; i < KEEPER_SIDES; i++)
		fds[i] = (struct pollfd){ .fd = ends[i], .events = POLLIN };
	for (;;) {
		if (poll(fds, KEEPER_SIDES, -1) < 0)
			continue; /* a signal */
		for (int i = 0; i < KEEPER_SIDES; i++)
			if (fds[i].revents && !hear(k, ends[i]))
				return;
	}
}

/* All but the standard descriptors and its channels: sockets above all. */
static void close_others(const int ends[KEEPER_SIDES])
{
	for (int fd = STDERR_FILENO + 1; fd < KEEPER_CLOSES; fd++)
		if (fd != ends[KEEPER_LOADER] && fd != ends[KEEPER_READER])
			close(fd);
}

/* ------ who asks ------ */

static void add_paths(struct keeper *k, const struct config *config)
{
	for (size_t i = 0; i < config->names_count; i++) {
		const struct names_config *names = &config->names[i];

		if (names->format != NAMES_PEERS)
			continue;
		if (k->path_count < KEEPER_PATHS)
			k->paths[k->path_count++] = names->path;
		else
			log_write(LEVEL_WARNING,
				  "%s: more than %d files of peers: this one is read as any file",
				  names->path, KEEPER_PATHS);
	}
}

static bool open_channels(int ours[KEEPER_SIDES], int its[KEEPER_SIDES])
{
	for (int i = 0; i < KEEPER_SIDES; i++) {
		int ends[2];

		if (channel_open(ends) < 0)
			return false;
		ours[i] = ends[0];
		its[i] = ends[1];
	}
	return true;
}

bool keeper_start(struct keeper *k, const struct config *config, const struct account *who)
{
	int its[KEEPER_SIDES];

	*k = (struct keeper){ .channels = { -1, -1 }, .below = files_system() };
	add_paths(k, config);
	if (k->path_count == 0 || geteuid() != 0 || who->uid == 0)
		return true;
	if (!open_channels(k->channels, its))
		return false;
	pid_t pid = fork_process();
	if (pid < 0)
		return false;
	if (pid == 0) {
		close_others(its);
		if (!become_keeper(who))
			log_write(LEVEL_ERROR, "keeper: cannot give up root (errno %d)", errno);
		else
			serve(k, its);
		_exit(0);
	}
	for (int i = 0; i < KEEPER_SIDES; i++)
		close(its[i]);
	return true;
}

enum reply { GONE, LATE, NOT_THERE, THERE };

/* An answer to the last question, or what keeps it away. */
static enum reply hear_answer(struct keeper *k, int channel, struct keeper_answer *out, int *file)
{
	for (;;) {
		struct pollfd fd = { .fd = channel, .events = POLLIN };

		if (poll(&fd, 1, KEEPER_WAIT_MS) < 0 && errno == EINTR)
			continue;
		ssize_t n = channel_receive(channel, out, sizeof *out, file);
		if (n == (ssize_t)sizeof *out && out->serial == k->serial)
			return out->found ? THERE : NOT_THERE;
		/* To somebody who did not wait for it. */
		if (*file >= 0)
			close(*file);
		*file = -1;
		if (n < 0 && errno == EAGAIN)
			return LATE;
		if (n <= 0) /* at its end, perhaps with a question that it never read */
			return GONE;
	}
}

/* Its answer, and *file or -1. */
static enum reply ask(struct keeper *k, enum errand what, uint32_t path, struct keeper_answer *out,
		      int *file)
{
	int channel = k->channels[k->side];
	const struct keeper_question q = { ++k->serial, what, path };
	enum reply reply = GONE;

	*file = -1;
	if (channel_send(channel, &q, sizeof q, -1))
		reply = hear_answer(k, channel, out, file);
	else if (errno == EAGAIN)
		reply = LATE;
	if (reply == GONE && !k->gone && k->side == KEEPER_LOADER)
		log_write(LEVEL_ERROR, "the process that reads the files of peers is gone: their "
				       "names stay as they are until a restart");
	k->gone = reply == GONE;
	return reply;
}

/* The number of a path on the list; KEEPER_PATHS: not on it, or there is no keeper. */
static uint32_t find_path(const struct keeper *k, const char *path)
{
	for (uint32_t i = 0; i < k->path_count && k->channels[k->side] >= 0; i++)
		if (strcmp(k->paths[i], path) == 0)
			return i;
	return KEEPER_PATHS;
}

/* Opens a path of the list; other paths are NOT_THERE. */
static enum reply open_kept(struct keeper *k, const char *folder, const char *path, int *file)
{
	uint32_t at = folder ? KEEPER_PATHS : find_path(k, path);
	struct keeper_answer a;

	*file = -1;
	if (at == KEEPER_PATHS)
		return NOT_THERE;
	enum reply reply = ask(k, OPEN, at, &a, file);
	k->missed = k->missed || reply == LATE;
	return reply;
}

static const char *kept_read(void *self, const char *folder, const char *path, size_t limit,
			     struct file_text *out)
{
	struct keeper *k = self;
	int file;

	switch (open_kept(k, folder, path, &file)) {
	case GONE:
		return file_no_answer;
	case LATE:
		return file_late;
	case THERE:
		break;
	case NOT_THERE:
		return k->below.read(k->below.self, folder, path, limit, out);
	}
	const char *problem = files_read_open(file, limit, out);
	close(file);
	return problem;
}

static const char *kept_read_pieces(void *self, const char *folder, const char *path, size_t limit,
				    size_t piece, struct file_text *out)
{
	struct keeper *k = self;

	if (!folder && find_path(k, path) != KEEPER_PATHS)
		return kept_read(self, folder, path, limit, out);
	return k->below.read_pieces(k->below.self, folder, path, limit, piece, out);
}

static void kept_release(void *self, struct file_text *text)
{
	struct keeper *k = self;

	k->below.release(k->below.self, text);
}

static bool kept_identify(void *self, const char *path, struct file_id *out)
{
	struct keeper *k = self;
	uint32_t at = find_path(k, path);
	struct keeper_answer a;
	int file;

	if (at == KEEPER_PATHS)
		return k->below.identify(k->below.self, path, out);
	/* A file that was not read in time is one that nobody has seen: it will be read again. */
	enum reply reply = k->missed ? LATE : ask(k, LOOK, at, &a, &file);
	if (reply == THERE)
		k->ids[at] = a.id;
	*out = k->ids[at];
	return reply == THERE || reply == GONE;
}

static bool kept_list(void *self, const char *path, struct file_list *out)
{
	struct keeper *k = self;

	return k->below.list(k->below.self, path, out);
}

struct files keeper_files(struct keeper *k)
{
	return (struct files){ .read = kept_read,
			       .read_pieces = kept_read_pieces,
			       .release = kept_release,
			       .identify = kept_identify,
			       .list = kept_list,
			       .self = k };
}

void keeper_close(struct keeper *k)
{
	for (int i = 0; i < KEEPER_SIDES; i++) {
		if (k->channels[i] >= 0)
			close(k->channels[i]);
		k->channels[i] = -1;
	}
}
