/*
 * watch.c -- a zone as the loader knows it: its image, and the files behind it.
 */
#include "app/watch.h"
#include "base/list.h"

#include <stdlib.h>
#include <unistd.h>

enum {
	STAMP_S = 2,
	AGAIN_MS = 2500,
	PATIENCE = 25, /* looks at a file that never stands still; then it is read as it is */
};

static void forget_inputs(struct served_zone *z)
{
	for (size_t i = 0; i < z->input_count; i++)
		free(z->inputs[i].path);
	z->input_count = 0;
}

void zone_forget(struct served_zone *z)
{
	forget_inputs(z);
	free(z->inputs);
	if (z->fd >= 0)
		close(z->fd);
}

void zone_begin_reading(struct served_zone *z, int64_t wall_s)
{
	z->dirty = false;
	z->began_s = wall_s;
	z->again_ms = 0;
	forget_inputs(z);
}

void zone_add_input(struct served_zone *z, const char *path, const struct file_id *id)
{
	struct watched_file *inputs = list_grow(z->inputs, z->input_count, sizeof *z->inputs);

	if (!inputs)
		return; /* a file that is not watched; SIGHUP still reads it */
	z->inputs = inputs;
	struct watched_file *f = &inputs[z->input_count];
	f->id = f->seen = *id;
	f->path = strdup(path);
	if (f->path)
		z->input_count++;
}

void zone_end_reading(struct served_zone *z, uint64_t now_ms)
{
	const struct file_id absent = { 0 };

	z->reading = false;
	/* Nothing could be read: the path itself is watched, to appear. */
	if (z->input_count == 0 && z->config->file)
		zone_add_input(z, z->config->file, &absent);
	for (size_t i = 0; i < z->input_count; i++)
		/* A stamp from the future tells of a clock that is not set, not of haste. */
		if (z->inputs[i].id.modified_s + STAMP_S >= z->began_s &&
		    z->inputs[i].id.modified_s <= z->began_s + STAMP_S)
			z->again_ms = now_ms + AGAIN_MS;
}

void zone_expires(struct served_zone *z, int64_t expires_s, int64_t wall_s, uint64_t now_ms)
{
	static const int64_t most_s = 1000000000000; /* as milliseconds it has room to spare */
	int64_t left_s = expires_s - wall_s;

	z->expires_s = expires_s;
	if (expires_s == 0)
		return;
	if (left_s > most_s)
		left_s = most_s;
	uint64_t at_ms = now_ms + 1000u * (uint64_t)(left_s > 0 ? left_s : 1);
	if (z->again_ms == 0 || at_ms < z->again_ms)
		z->again_ms = at_ms;
}

/*
 * One file.  Somebody who writes it piece by piece is given time: what counts
 * is a change that holds from one look to the next.
 */
static enum watch_state look_at(struct watched_file *f, const struct files *files)
{
	struct file_id now = { 0 };

	if (!files->identify(files->self, f->path, &now))
		now = (struct file_id){ 0 };
	if (file_id_equal(&now, &f->id))
		return WATCH_SAME;
	bool stands_still = file_id_equal(&now, &f->seen);
	f->seen = now;
	return stands_still ? WATCH_CHANGED : WATCH_MOVING;
}

enum watch_state zone_look(struct served_zone *z, const struct files *files, uint64_t now_ms)
{
	enum watch_state most = WATCH_SAME;

	if (z->reading)
		return WATCH_SAME;
	if (z->again_ms && now_ms >= z->again_ms) {
		z->again_ms = 0;
		return WATCH_CHANGED;
	}
	for (size_t i = 0; i < z->input_count && most != WATCH_MOVING; i++) {
		enum watch_state one = look_at(&z->inputs[i], files);

		/* One file that moves holds up the others: they may belong together. */
		if (one != WATCH_SAME)
			most = one;
	}
	z->moving = most == WATCH_MOVING ? z->moving + 1 : 0;
	return z->moving > PATIENCE ? WATCH_CHANGED : most;
}
