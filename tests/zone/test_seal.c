/*
 * test_seal.c -- from a builder to an image: RRsets, links, indexes, limits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "support/random_names.h"
#include "support/zone_text.h"
#include "zone/order.h"
#include "zone/rdata_walk.h"
#include "zone/rrsets.h"
#include "zone/seal.h"

struct row {
	const char *rule;
	const char *body;
	const char *expected;
};

static void rrsets(void **state)
{
	static const struct row rows[] = {
		{ "copies of a record fall together, RFC 2181 §5",
		  "a 5 A 192.0.2.1\na 5 A 192.0.2.2\na 5 A 192.0.2.1\n",
		  "a.example. 5 A 192.0.2.1\na.example. 5 A 192.0.2.2\n" },
		{ "also when their TTLs differ", "a 5 A 192.0.2.1\na 6 A 192.0.2.1\n",
		  "a.example. 5 A 192.0.2.1\n" },
		{ "also when their owners are spelled in another case",
		  "a 5 A 192.0.2.1\nA 5 A 192.0.2.1\n", "a.example. 5 A 192.0.2.1\n" },
		{ "also when names in their data are spelled in another case, RFC 4343 §3",
		  "a 5 NS ns1\na 5 NS NS1\na 5 NS ns2\nb 5 MX 10 m\nb 5 MX 10 M\nb 5 MX 20 M\n",
		  "a.example. 5 NS ns1.example.\na.example. 5 NS ns2.example.\n"
		  "b.example. 5 MX 10 m.example.\nb.example. 5 MX 20 M.example.\n" },
		{ "strings in another case are other strings",
		  "a 5 TXT x\na 5 TXT X\na 5 HINFO a b\na 5 HINFO A b\n",
		  "a.example. 5 HINFO \"a\" \"b\"\na.example. 5 HINFO \"A\" \"b\"\n"
		  "a.example. 5 TXT \"x\"\na.example. 5 TXT \"X\"\n" },
		{ "octets behind an equal name count, too",
		  "a 5 NSEC b A\na 5 NSEC B A\na 5 NSEC b MX\n",
		  "a.example. 5 NSEC b.example. A\na.example. 5 NSEC b.example. MX\n" },
		{ "equal octets of another type are another record",
		  "a 5 A 192.0.2.1\na 5 TYPE65280 \\# 4 c0000201\n",
		  "a.example. 5 A 192.0.2.1\na.example. 5 TYPE65280 \\# 4 C0000201\n" },
		{ "an RRset has one TTL, that of its first record, RFC 2181 §5.2",
		  "a 7 A 192.0.2.1\na 5 A 192.0.2.2\na 9 A 192.0.2.3\n",
		  "a.example. 7 A 192.0.2.1\na.example. 7 A 192.0.2.2\na.example. 7 A 192.0.2.3\n" },
		{ "RRsets of one name have their own", "a 7 A 192.0.2.1\na 5 TXT x\n",
		  "a.example. 7 A 192.0.2.1\na.example. 5 TXT \"x\"\n" },
		{ "records that are mixed in the file come together by type",
		  "a 5 TXT x\na 5 A 192.0.2.1\na 5 TXT y\na 5 A 192.0.2.2\n",
		  "a.example. 5 A 192.0.2.1\na.example. 5 A 192.0.2.2\n"
		  "a.example. 5 TXT \"x\"\na.example. 5 TXT \"y\"\n" },
		{ "those of one type stay in the order of the file",
		  "a 5 A 192.0.2.9\na 5 A 192.0.2.1\na 5 A 192.0.2.5\n",
		  "a.example. 5 A 192.0.2.9\na.example. 5 A 192.0.2.1\na.example. 5 A 192.0.2.5\n" },
		{ "items of several sizes, some without octets",
		  "a 5 TYPE65280 \\# 0\na 5 TYPE65280 \\# 3 010203\na 5 TYPE65280 \\# 1 04\n",
		  "a.example. 5 TYPE65280 \\# 0\na.example. 5 TYPE65280 \\# 3 010203\n"
		  "a.example. 5 TYPE65280 \\# 1 04\n" },
		{ "unknown types are told apart", "a 5 TYPE65281 \\# 0\na 5 TYPE65280 \\# 0\n",
		  "a.example. 5 TYPE65280 \\# 0\na.example. 5 TYPE65281 \\# 0\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		expect_records(rows[i].rule, rows[i].body, rows[i].expected);
}

static void names_lead_to_their_nodes(void **state)
{
	static const struct {
		const char *target;
		const char *owner; /* of the node it leads to, or NULL */
	} rows[] = {
		{ "ns", "ns.example." },
		{ "NS.Example.", "ns.example." },
		{ "@", "example." },
		{ "missing", NULL },
		{ "net.", NULL },
		{ ".", NULL },
		{ "ent", "ent.example." },
		{ "glue.cut", "glue.cut.example." },
		{ "*.w", "*.w.example." },
		{ "x.w", "*.w.example." }, /* RFC 4592 §2.2 */
		{ "y.x.w", "*.w.example." },
		{ "x.ns", NULL },
		{ "x.cut", NULL },
		{ "xexample.", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char body[512];

		snprintf(body, sizeof body,
			 "m 5 MX 10 %s\nns 5 A 192.0.2.1\na.ent 5 A 192.0.2.1\ncut 5 NS glue.cut\n"
			 "glue.cut 5 A 192.0.2.1\n*.w 5 A 192.0.2.1\n",
			 rows[i].target);
		struct zone_text *t = zone_text_body(body);
		const struct node *m = image_apex(&t->z);
		struct name_buf name;
		char owner[64];
		struct text out = text_init(owner, sizeof owner);

		while (m->label[1] != 'm')
			m = node_next(&t->z, m);
		struct item_walk items = item_walk(node_rrsets(m));
		if (!item_next(&items)) {
			fail();
			return;
		}
		const struct stored_name *n = image_name(&t->z, items.item.octets + 2);
		if (n->node != 0) {
			node_name(&t->z, image_at(&t->z, n->node), &name);
			name_print(name_view(&name), &out);
		}
		expect_text(rows[i].target, owner, rows[i].owner ? rows[i].owner : "");
		zone_text_free(t);
	}
}

/* ------ limits ------ */

/* `count` records of one line each, %u in it the number. */
static struct zone_text *many(unsigned count, const char *format)
{
	char *body = malloc((size_t)count * 300 + 1);
	size_t used = 0;

	body[0] = '\0';
	for (unsigned i = 0; i < count; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		used += (size_t)snprintf(body + used, 300, format, i);
#pragma GCC diagnostic pop
	}
	struct zone_text *t = zone_text_body(body);
	free(body);
	return t;
}

#define DO_NOT_FIT " records of this name do not fit into one message of 65535 octets\n"

/*
 * A message of 65535 octets (RFC 1035 §4.2.2) has room for header, question
 * (255 + 4 octets), OPT and options (64): 65200 octets are left for the RRset,
 * each record with a pointer and ten octets before its RDATA.
 */
static void an_rrset_fits_into_a_message(void **state)
{
	static const struct {
		const char *rule;
		const char *format;
		unsigned most; /* one more is refused */
		const char *type;
	} rows[] = {
		{ "addresses: 16 octets each", "a 5 TYPE65280 \\# 4 %08x\n", 65200 / 16,
		  "TYPE65280" },
		{ "octets of one size", "a 5 TYPE65280 \\# 100 %0200x\n", 65200 / 112,
		  "TYPE65280" },
		{ "names count in full: 12 + 1 + 9 + 9 octets", "a 5 NS n%08x\n", 65200 / (12 + 19),
		  "NS" },
		{ "long names do", "a 5 PTR n%061x.%062x.0123456789.0123456789\n",
		  65200 / (12 + 63 + 63 + 11 + 11 + 9), "PTR" },
		{ "a name of the root counts one octet", "a 5 TYPE15 \\# 3 %04x00\n", 65200 / 15,
		  "MX" },
		{ "names that may not be compressed", "a 5 SRV 1 2 3 n%060x\n",
		  65200 / (12 + 6 + 62 + 9), "SRV" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char expected[200];
		struct zone_text *t = many(rows[i].most, rows[i].format);

		expect_text(rows[i].rule, text_str(&t->found), "");
		assert_int_equal(t->z.header->record_count, rows[i].most + 1);
		zone_text_free(t);
		t = many(rows[i].most + 1, rows[i].format);
		snprintf(expected, sizeof expected, "zone:2:1: error: the %s" DO_NOT_FIT,
			 rows[i].type);
		expect_text(rows[i].rule, text_str(&t->found), expected);
		assert_null(t->octets);
		zone_text_free(t);
	}
}

/* RFC 2181 §5, and RFC 4343 for names in the data: also where there are too many to compare each. */
static void copies_among_many_fall_together(void **state)
{
	static char body[65536], expected[65536];
	struct text in = text_init(body, sizeof body), out = text_init(expected, sizeof expected);

	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		text_format(&in, "h MX %u mail%u\nh MX %u MAIL%u\n", i, i, i % 40, i % 40);
		text_format(&out, "h.example. 3600 MX %u mail%u.example.\n", i, i);
	}
	struct zone_text *t = zone_text_body(body);
	expect_text("many records", zone_text_print(t), expected);
	zone_text_free(t);
}

/* RFC 2181 §5: what counts once takes its room once, be it there more often than a message has room for. */
static void copies_that_would_not_fit_into_a_message_count_once(void **state)
{
	static const unsigned counts[] = { 65200 / 12, 65200 / 12 + 1, 20 * 65200 / 12 };

	(void)state;
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		struct zone_text *t = many(counts[i], "a 5 A 192.0.2.1 ; %u\n");

		expect_text("one record", zone_text_print(t), "a.example. 5 A 192.0.2.1\n");
		zone_text_free(t);
	}
}

static void one_record_too_large_is_refused(void **state)
{
	for (unsigned size = 65200 - 12; size <= 65200 - 11; size++) {
		char *body = malloc(2 * 65536 + 100);
		size_t used = (size_t)sprintf(body, "a 5 TYPE65280 \\# %u ", size);

		(void)state;
		memset(body + used, '0', 2 * size);
		strcpy(body + used + 2 * size, "\n");
		struct zone_text *t = zone_text_body(body);
		expect_text("one record", text_str(&t->found),
			    size == 65200 - 12 ? "" : "zone:2:1: error: the TYPE65280" DO_NOT_FIT);
		zone_text_free(t);
		free(body);
	}
}

static void an_image_stays_below_four_gibibytes(void **state)
{
	struct zone_text *t = zone_text_body("");
	size_t used = t->zf.builder.names.used;

	(void)state;
	if (sizeof(size_t) > 4) {
		t->zf.builder.names.used = UINT32_MAX;
		assert_true(seal_room(&t->zf.builder) > UINT32_MAX);
		assert_false(seal_fits(&t->zf.builder, &t->zf.sources, &t->diag));
		expect_text("too large", text_str(&t->found),
			    "zone: error: zone larger than 4 GiB\n");
	}
	t->zf.builder.names.used = used;
	zone_text_free(t);
}

static void the_room_is_enough(void **state)
{
	static const struct row rows[] = {
		{ "an SOA alone", "", NULL },
		{ "many small RRsets", "$GENERATE 1-1000 a TYPE${64000} \\# 0\n", NULL },
		{ "many empty nodes", "$GENERATE 1-200 a.b.c.d.e.f.g.h$ A 192.0.2.1\n", NULL },
		{ "many names", "$GENERATE 1-500 a$ NS b$.c$.\n", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct zone_text *t = zone_text_body(rows[i].body);

		expect_text(rows[i].rule, text_str(&t->found), "");
		assert_true(t->size <= seal_room(&t->zf.builder));
		zone_text_free(t);
	}
}

/* ------ random zones ------ */

static const struct siphash_key key = { 5, 6 };

struct random_zone {
	struct builder b;
	struct name_buf *names; /* as added, with all ancestors; sorted, each once */
	size_t count;
	uint64_t *octets;
	struct image z;
};

static int compare_names(const void *a, const void *b)
{
	return name_compare(name_view(a), name_view(b));
}

static bool listed(const struct random_zone *r, struct name n)
{
	struct name_buf buf;

	name_copy(&buf, n);
	return bsearch(&buf, r->names, r->count, sizeof buf, compare_names) != NULL;
}

static void sort_names(struct random_zone *r)
{
	size_t kept = 0;

	qsort(r->names, r->count, sizeof r->names[0], compare_names);
	for (size_t i = 0; i < r->count; i++)
		if (i == 0 || compare_names(&r->names[kept - 1], &r->names[i]) != 0)
			r->names[kept++] = r->names[i];
	r->count = kept;
}

static void add(struct random_zone *r, uint32_t node, uint16_t type, struct slice rdata)
{
	assert_null(builder_add(&r->b, node, type, 5, rdata, 0));
}

static void make_builder(struct random_zone *r, const char *origin)
{
	static const uint8_t soa[] = { 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0,
				       0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5 };
	struct name_buf n;

	assert_null(name_parse_absolute(origin, &n));
	assert_true(builder_init(&r->b, name_view(&n), &key, &builder_limits_default));
	add(r, r->b.apex, TYPE_SOA, (struct slice){ soa, sizeof soa });
}

static void seal_builder(struct random_zone *r)
{
	builder_complete(&r->b);
	r->octets = calloc(1, seal_room(&r->b));
	struct seal_output out = seal_in_memory((uint8_t *)r->octets);
	size_t size = seal_zone(&r->b, &(struct sources){ 0 }, &out);
	assert_true(size > 0 && image_open(&r->z, r->octets, size));
}

static void make_random_zone(struct random_zone *r, const char *origin, size_t count, uint64_t seed)
{
	static const uint8_t address[] = { 192, 0, 2, 1 };
	struct random_source random = { seed };
	struct name_buf n;

	make_builder(r, origin);
	r->names = malloc(count * 8 * sizeof *r->names);
	name_copy(&r->names[0], name_view(&r->b.origin));
	r->count = 1;
	for (size_t i = 0; i < count; i++) {
		random_name(&random, name_view(&r->b.origin), 6, &n);
		uint32_t node = builder_node(&r->b, name_view(&n));
		add(r, node, TYPE_A, (struct slice){ address, 4 });
		for (struct name a = name_view(&n); a.size > r->b.origin.size; a = name_parent(a))
			name_copy(&r->names[r->count++], a);
	}
	sort_names(r);
	seal_builder(r);
}

static void free_random_zone(struct random_zone *r)
{
	builder_free(&r->b);
	free(r->names);
	free(r->octets);
}

static const struct node *find(const struct image *z, struct name name)
{
	const struct node *n = image_apex(z);
	struct probe p;

	probe_init(&p, &z->header->key, name);
	for (unsigned depth = z->header->origin_labels + 1u; depth <= p.labels && n; depth++)
		n = image_child(z, n, &p, depth);
	return n;
}

static void nodes_are_the_names(const struct random_zone *r)
{
	size_t count = 0;
	struct name_buf name;

	assert_int_equal(r->z.header->node_count, r->count);
	for (const struct node *n = image_apex(&r->z); n; n = node_next(&r->z, n), count++) {
		node_name(&r->z, n, &name);
		assert_true(listed(r, name_view(&name)));
		assert_ptr_equal(find(&r->z, name_view(&name)), n);
	}
	assert_int_equal(count, r->count);
}

/* Every name is found, no other one, in zones of 10,000 names. */
static void random_zones_hold_what_was_put_in(void **state)
{
	static const char *const origins[] = { ".", "example.", "a.b.A.b." };

	(void)state;
	for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++) {
		struct random_zone r = { 0 };
		struct random_source random = { 77 + i };
		size_t missing = 0;

		make_random_zone(&r, origins[i], 10000, 1000 + i);
		nodes_are_the_names(&r);
		for (unsigned j = 0; j < 20000; j++) {
			struct name_buf n;

			random_name(&random, name_view(&r.b.origin), 6, &n);
			bool there = listed(&r, name_view(&n));
			missing += !there;
			assert_int_equal(find(&r.z, name_view(&n)) != NULL, there);
		}
		assert_in_range(missing, 1000, 19999);
		free_random_zone(&r);
	}
}

static void a_broken_zone_has_a_name_and_nothing_else(void **state)
{
	struct builder b;
	struct name_buf origin;
	struct image z;

	(void)state;
	assert_null(name_parse_absolute("a.example.", &origin));
	assert_true(builder_init(&b, name_view(&origin), &key, &builder_limits_default));
	uint8_t *octets = calloc(1, seal_room(&b));
	struct seal_output out = seal_in_memory(octets);
	size_t size = seal_zone(&b, NULL, &out);
	assert_true(size > 0 && size <= seal_room(&b));
	assert_true(image_open(&z, octets, size));
	assert_true(name_equal(image_origin(&z), name_view(&origin)));
	assert_int_equal(z.header->soa, 0);
	assert_int_equal(z.header->origin_labels, 2);
	assert_int_equal(image_apex(&z)->rrsets, 0);
	assert_null(node_next(&z, image_apex(&z)));
	builder_free(&b);
	free(octets);
}

/* ------ where an image goes ------ */

/* An image of some windows that comes piece by piece. */
struct pieces {
	uint8_t *octets; /* room for the image */
	size_t end;      /* of what came */
	unsigned count;
	unsigned refused; /* there is no room for this one; 0: there is for all */
};

static bool take_piece(void *self, const uint8_t *octets, size_t n, size_t offset)
{
	struct pieces *p = self;

	assert_int_equal(offset, p->end); /* in order, and without gaps */
	assert_in_range(n, 0, 200000);    /* a window and what may stand behind it, or rows */
	if (++p->count == p->refused)
		return false;
	memcpy(p->octets + offset, octets, n);
	p->end += n;
	return true;
}

/* What malloc() gives out next was used before. */
static void leave_dirt(void)
{
	for (size_t size = 4096; size <= 1 << 20; size *= 2) {
		uint8_t *octets = malloc(size);

		memset(octets, 0xa5, size);
		free(octets);
	}
}

/*
 * Each name with items of one size and of several, none of them a multiple of four, and with a
 * name of its own in its RDATA; and rows of addresses behind all of that.
 */
static void make_mixed_zone(struct random_zone *r)
{
	static const uint8_t octets[] = "\2ab\1c";

	make_builder(r, "example.");
	r->b.wants_pointers = true;
	r->b.names_base = 0; /* no place is in a text, where a mark could be */
	for (unsigned i = 0; i < 6000; i++) {
		char text[40];
		struct name_buf n, target;
		uint8_t mx[2 + NAME_MAX_SIZE] = { 0, 10 };
		const uint8_t address[] = { 10, 0, (uint8_t)(i >> 8), (uint8_t)i };

		sprintf(text, "n%u.example.", i);
		assert_null(name_parse_absolute(text, &n));
		sprintf(text, "%.*s%u.target.", (int)(i % 13), "xxxxxxxxxxxxx", i);
		assert_null(name_parse_absolute(text, &target));
		memcpy(mx + 2, target.octets, target.size);
		uint32_t node = builder_node(&r->b, name_view(&n));
		add(r, node, TYPE_A, (struct slice){ address, sizeof address });
		add(r, node, TYPE_MX, (struct slice){ mx, 2u + target.size });
		add(r, node, TYPE_TXT, (struct slice){ octets, 3 });
		add(r, node, i % 2 ? TYPE_TXT : 65280, (struct slice){ octets, 5 });
	}
	seal_builder(r);
}

static void take_pieces(struct random_zone *r, struct pieces *p)
{
	p->octets = calloc(1, seal_room(&r->b));
	p->end = seal_front(&r->b);
	const struct seal_output out = { p->octets, p, take_piece };
	leave_dirt();
	size_t size = seal_zone(&r->b, &(struct sources){ 0 }, &out);
	assert_int_equal(size, p->refused ? 0 : p->end);
}

static void an_image_is_put_in_order_and_the_same_wherever_it_goes(void **state)
{
	struct random_zone r = { 0 };
	struct pieces p = { .octets = NULL };

	(void)state;
	make_mixed_zone(&r);
	take_pieces(&r, &p);
	assert_true(p.count > 4);
	assert_int_equal(p.end, r.z.header->size);
	assert_memory_equal(p.octets, r.octets, p.end);
	free(p.octets);
	free_random_zone(&r);
}

/* The largest RRset begins wherever the window may be full to, up to its last octets. */
static void the_largest_rrset_fits_wherever_it_begins(void **state)
{
	enum { ONE_RECORD = RRSET_MAX_SIZE - RECORD_MIN_SIZE };
	static const uint8_t octets[ONE_RECORD];
	struct random_zone r = { 0 };
	struct pieces p = { .octets = NULL };
	struct name_buf n;
	char text[40];

	(void)state;
	make_builder(&r, "example.");
	for (unsigned i = 0; i < 80; i++) {
		sprintf(text, "n%u.example.", i);
		assert_null(name_parse_absolute(text, &n));
		uint32_t node = builder_node(&r.b, name_view(&n));
		add(&r, node, 65280, (struct slice){ octets, 5 * i });
		add(&r, node, 65281, (struct slice){ octets, ONE_RECORD });
		add(&r, node, 65282, (struct slice){ octets, ONE_RECORD });
	}
	seal_builder(&r);
	take_pieces(&r, &p);
	assert_memory_equal(p.octets, r.octets, p.end);
	free(p.octets);
	free_random_zone(&r);
}

static void no_room_for_any_part_of_an_image_is_no_image(void **state)
{
	struct random_zone r = { 0 };
	struct pieces all = { .octets = NULL };

	(void)state;
	make_mixed_zone(&r);
	take_pieces(&r, &all);
	free(all.octets);
	for (unsigned i = 1; i <= all.count; i++) {
		struct pieces p = { .refused = i };

		take_pieces(&r, &p);
		assert_int_equal(p.count, i); /* nobody is asked again */
		free(p.octets);
	}
	free_random_zone(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rrsets),
		cmocka_unit_test(names_lead_to_their_nodes),
		cmocka_unit_test(an_rrset_fits_into_a_message),
		cmocka_unit_test(copies_among_many_fall_together),
		cmocka_unit_test(copies_that_would_not_fit_into_a_message_count_once),
		cmocka_unit_test(one_record_too_large_is_refused),
		cmocka_unit_test(an_image_stays_below_four_gibibytes),
		cmocka_unit_test(the_room_is_enough),
		cmocka_unit_test(random_zones_hold_what_was_put_in),
		cmocka_unit_test(a_broken_zone_has_a_name_and_nothing_else),
		cmocka_unit_test(an_image_is_put_in_order_and_the_same_wherever_it_goes),
		cmocka_unit_test(the_largest_rrset_fits_wherever_it_begins),
		cmocka_unit_test(no_room_for_any_part_of_an_image_is_no_image),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
