#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/zone_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "dns/rdata.h"
#include "zone/order.h"
#include "zone/rdata_walk.h"

static const struct siphash_key key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };

static void keep(void *self, const struct finding *f)
{
	struct zone_text *t = self;

	t->last = *f;
	snprintf(t->last_hint, sizeof t->last_hint, "%s", f->hint ? f->hint : "");
	text_put(&t->found, f->file);
	if (f->line)
		text_format(&t->found, ":%u:%u", f->line, f->column);
	text_format(&t->found, ": %s: ", f->severity == SEVERITY_ERROR ? "error" : "warning");
	text_put(&t->found, f->message);
	text_put(&t->found, "\n");
}

struct zone_text *zone_text_new(const char *text, size_t size)
{
	struct zone_text *t = calloc(1, sizeof *t);

	assert_non_null(t);
	t->files = memory_files(&t->memory);
	t->found = text_init(t->findings, sizeof t->findings);
	t->diag = (struct diag){ .report = keep, .self = t };
	t->zf = (struct zonefile){
		.files = &t->files,
		.path = "zone",
		.key = &key,
		.limits = builder_limits_default,
		.diag = &t->diag,
	};
	memory_files_add(&t->memory, "zone", text, size);
	return t;
}

void zone_text_free(struct zone_text *t)
{
	zonefile_free(&t->zf);
	assert_int_equal(t->memory.open, 0);
	free(t->octets);
	free(t);
}

void zone_text_read(struct zone_text *t, const char *origin)
{
	t->zf.origin = origin;
	t->octets = zonefile_image(&t->zf, &t->size);
	if (t->octets && !image_open(&t->z, t->octets, t->size))
		fail_msg("an image that was sealed does not open");
	assert_true(t->octets != NULL || t->diag.errors > 0);
}

struct zone_text *zone_text(const char *text)
{
	struct zone_text *t = zone_text_new(text, strlen(text));

	zone_text_read(t, "example");
	return t;
}

struct zone_text *zone_text_body(const char *body)
{
	size_t size = strlen(ZONE_TEXT_SOA) + strlen(body);
	char *text = malloc(size + 1);

	assert_non_null(text);
	snprintf(text, size + 1, "%s%s", ZONE_TEXT_SOA, body);
	struct zone_text *t = zone_text_new(text, size);
	zone_text_read(t, "example");
	free(text);
	return t;
}

static void print_rrset(const struct image *z, struct name owner, const struct rrset *set,
			struct text *out)
{
	static uint8_t wire[RDATA_MAX_SIZE];
	struct item_walk items = item_walk(set);

	while (item_next(&items)) {
		struct writer w = writer_init(wire, sizeof wire);
		struct rdata_walk walk = rdata_walk_stored(z, rrtype_find(set->type),
							   items.item.octets, items.item.size);

		while (rdata_walk_next(&walk)) {
			if (walk.is_name)
				put_name(&w, walk.name);
			else
				put_octets(&w, walk.octets, walk.size);
		}
		name_print(owner, out);
		text_format(out, " %u ", set->ttl);
		rrtype_print(set->type, out);
		text_put(out, " ");
		rdata_print(rrtype_find(set->type), wire, writer_size(&w), out);
		text_put(out, "\n");
	}
}

const char *zone_text_print(struct zone_text *t)
{
	struct text out = text_init(t->printed, sizeof t->printed);
	const struct node *n;
	struct order order;

	if (!t->octets)
		return "(no zone)";
	assert_true(order_make(&order, &t->z));
	for (uint32_t at = 0; (n = order_node(&order, at)) != NULL; at++) {
		const struct rrset *set = node_rrsets(n);
		struct name_buf owner;

		node_name(&t->z, n, &owner);
		for (unsigned i = 0; i < n->rrsets; i++, set = rrset_next(set))
			if (set->type != TYPE_SOA)
				print_rrset(&t->z, name_view(&owner), set, &out);
	}
	order_free(&order);
	assert_false(out.full);
	return t->printed;
}

void expect_text(const char *rule, const char *got, const char *expected)
{
	if (strcmp(got, expected) != 0)
		fail_msg("%s\n  expected:\n%s\n  got:\n%s", rule, expected, got);
}

void expect_records(const char *rule, const char *body, const char *records)
{
	struct zone_text *t = zone_text_body(body);

	expect_text(rule, text_str(&t->found), "");
	expect_text(rule, zone_text_print(t), records);
	zone_text_free(t);
}

void expect_findings(const char *rule, const char *body, const char *findings)
{
	struct zone_text *t = zone_text_body(body);

	expect_text(rule, text_str(&t->found), findings);
	zone_text_free(t);
}
