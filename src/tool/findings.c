/*
 * findings.c -- what was found in one run, printed by file and line.
 */
#include "tool/findings.h"
#include "base/list.h"
#include "base/siphash.h"
#include "base/sort.h"
#include "tool/tool.h"

#include <stdlib.h>

struct kept_finding {
	uint32_t place;
	char *text; /* owned */
};

static bool is_told(struct findings *l, const struct text *text)
{
	static const struct siphash_key key = { 0, 0 };
	uint64_t hash = siphash13(&key, (const uint8_t *)text->at, text->used);

	for (size_t i = 0; i < l->told_count; i++)
		if (l->told[i] == hash)
			return true;
	if (l->told_count < FINDINGS_TOLD)
		l->told[l->told_count++] = hash;
	return false;
}

void findings_keep(void *self, const struct finding *f)
{
	struct findings *l = self;
	char room[DIAG_JSON_SIZE];
	struct text text = text_init(room, sizeof room);
	char *copy = NULL;

	finding_print(f, l->form, &text);
	if (is_told(l, &text)) {
		l->repeated++;
		return;
	}
	struct kept_finding *at = list_grow(l->at, l->count, sizeof *at);
	if (at) {
		l->at = at;
		copy = strdup(room);
	}
	if (copy)
		l->at[l->count++] = (struct kept_finding){ f->place, copy };
	else /* rather out of order than not at all */
		tool_report(&l->form, f);
}

void findings_print(struct findings *l)
{
	struct output *out = l->form == FORM_JSON ? &output_standard : &output_error;
	struct sort_room s = { 0 };
	bool sorted = sort_room_make(&s, l->count);

	for (size_t i = 0; sorted && i < l->count; i++)
		s.items[i] = (struct sort_item){ l->at[i].place, (uint32_t)i };
	if (sorted)
		sort_items(s.items, s.scratch, l->count, NULL, NULL);
	for (size_t i = 0; i < l->count; i++)
		output_put(out, l->at[sorted ? s.items[i].value : i].text);
	for (size_t i = 0; i < l->count; i++)
		free(l->at[i].text);
	sort_room_free(&s);
	free(l->at);
	l->at = NULL;
	l->count = l->repeated = 0;
}
