/*
 * examples.c -- an example of each record type that has a row.
 */
#include "examples.h"
#include "base/assert.h"
#include "dns/rdata.h"
#include "support/words.h"

static struct example all[EXAMPLES_MAX];
static size_t all_count;

/* What rrtype_hint() says in front of the example. */
enum { PREFIX_SIZE = sizeof "as in: " - 1 };

static void add(const struct rrtype *type)
{
	struct example *e = &all[all_count++];
	struct writer w = writer_init(e->rdata, sizeof e->rdata);
	struct words words;

	assert(all_count <= EXAMPLES_MAX);
	e->type = type->code;
	e->text = rrtype_hint(type) + PREFIX_SIZE;
	const char *data = e->text + strlen(type->text);
	bool is_good = words_split((const uint8_t *)data, strlen(data), &words) &&
		       rdata_parse(type, &words, name_root, &w);
	assert(is_good);
	e->size = (uint16_t)writer_size(&w);
}

const struct example *examples(size_t *count)
{
	bool is_first = all_count == 0;

	for (uint32_t code = 0; is_first && code <= UINT16_MAX; code++)
		if (rrtype_find((uint16_t)code)->text[0])
			add(rrtype_find((uint16_t)code));
	*count = all_count;
	return all;
}
