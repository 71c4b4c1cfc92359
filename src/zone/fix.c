/*
 * fix.c -- changes of a zone file's text: octets in, octets out.
 */
#include "zone/fix.h"
#include "base/assert.h"
#include "base/list.h"
#include "base/sort.h"

#include <stdlib.h>

void fixes_add(struct fixes *f, uint32_t place, size_t size, const char *with)
{
	struct edit e = { .place = place, .size = (uint32_t)size };
	struct edit *at = f->failed ? NULL : list_grow(f->at, f->count, sizeof *at);
	size_t n = strlen(with);

	assert(n <= FIX_WITH);
	f->failed = !at;
	if (!at)
		return;
	memcpy(e.with, with, n);
	f->at = at;
	f->at[f->count++] = e;
}

/* By place, the largest of one place first. */
static uint64_t key_of(const struct edit *e)
{
	return (uint64_t)e->place << 32 | (UINT32_MAX - e->size);
}

/* Is an edit clear of the one before?  What comes behind octets that go belongs to these. */
static bool is_apart(const struct edit *last, const struct edit *e)
{
	bool is_tail = e->size == 0 && last->with[0] == '\0';

	return e->place > last->place && e->place - last->place >= last->size + is_tail;
}

bool fixes_settle(struct fixes *f)
{
	struct sort_room s = { 0 };
	struct edit *sorted = calloc(f->count + 1, sizeof *sorted);
	size_t kept = 0;

	f->failed = f->failed || !sorted || !sort_room_make(&s, f->count);
	for (size_t i = 0; !f->failed && i < f->count; i++)
		s.items[i] = (struct sort_item){ key_of(&f->at[i]), (uint32_t)i };
	if (!f->failed && f->count > 0)
		sort_items(s.items, s.scratch, f->count, NULL, NULL);
	for (size_t i = 0; !f->failed && i < f->count; i++) {
		const struct edit *e = &f->at[s.items[i].value];
		const struct edit *last = kept > 0 ? &sorted[kept - 1] : NULL;

		if (!last || is_apart(last, e))
			sorted[kept++] = *e;
	}
	if (kept > 0)
		memcpy(f->at, sorted, kept * sizeof *sorted);
	f->count = kept;
	sort_room_free(&s);
	free(sorted);
	return !f->failed;
}

void fixes_free(struct fixes *f)
{
	free(f->at);
	f->at = NULL;
	f->count = 0;
}

const struct edit *fixes_of(const struct fixes *f, const struct source *s, size_t *count)
{
	size_t i = 0, first;

	while (i < f->count && f->at[i].place < s->base)
		i++;
	first = i;
	while (i < f->count && f->at[i].place - s->base <= s->size)
		i++;
	*count = i - first;
	return *count > 0 ? f->at + first : NULL;
}

/* Where the line of an offset begins. */
static size_t line_start(const struct source *s, size_t at)
{
	while (at > 0 && s->text[at - 1] != '\n')
		at--;
	return at;
}

/* What is behind the line that an edit's last octet is in, and behind its newline. */
static size_t line_end(const struct source *s, const struct edit *e)
{
	size_t at = e->place - s->base + (e->size ? e->size - 1 : 0);

	while (at < s->size && s->text[at] != '\n')
		at++;
	return at + 1; /* of a last line without one, nothing: an edit at its end is in it, too */
}

struct hunk fix_next(const struct source *s, const struct edit **edits, size_t *count)
{
	struct hunk h = { .edits = *edits, .was = *s };
	size_t start = line_start(s, h.edits[0].place - s->base), end = start;

	while (h.count < *count && (h.count == 0 || h.edits[h.count].place - s->base < end))
		end = line_end(s, &h.edits[h.count++]);
	h.was.text += start;
	h.was.size = (end < s->size ? end : s->size) - start;
	h.was.base += (uint32_t)start;
	*edits += h.count;
	*count -= h.count;
	return h;
}

void fix_apply(const struct source *s, const struct edit *edits, size_t count, struct writer *out)
{
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		const struct edit *e = &edits[i];
		size_t place = e->place - s->base;

		assert(place >= at && place <= s->size && e->size <= s->size - place);
		put_octets(out, s->text + at, place - at);
		put_octets(out, e->with, strlen(e->with));
		at = place + e->size;
	}
	put_octets(out, s->text + at, s->size - at);
}
