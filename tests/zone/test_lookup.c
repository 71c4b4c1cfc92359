/*
 * test_lookup.c -- what a zone has for a name (RFC 1034 §4.3.2, RFC 4592, RFC 6672).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "support/guard.h"
#include "support/random_names.h"
#include "support/zone_text.h"
#include "zone/lookup.h"
#include "zone/order.h"

static const char *const found_text[] = {
	[FOUND_NODE] = "node",         [FOUND_CUT] = "cut",         [FOUND_DNAME] = "dname",
	[FOUND_WILDCARD] = "wildcard", [FOUND_NOTHING] = "nothing",
};

/* "wildcard *.example. 1" */
static void look(const struct image *z, const char *name, char *got, size_t size)
{
	struct text out = text_init(got, size);
	struct name_buf n;
	struct probe p;

	assert_null(name_parse_absolute(name, &n));
	probe_init(&p, &z->header->key, (struct name){ guard_copy(n.octets, n.size), n.size });
	struct match m = zone_lookup(z, &p);
	text_put(&out, found_text[m.found]);
	if (m.node) {
		text_put(&out, " ");
		node_name(z, m.node, &n);
		name_print(name_view(&n), &out);
	}
	text_format(&out, " %u", m.depth);
	guard_release();
}

struct row {
	const char *name;
	const char *expected;
	const char *rule;
};

static void check(const char *body, const struct row *rows, size_t count)
{
	struct zone_text *t = zone_text_body(body);
	char got[300];

	expect_text("the zone", text_str(&t->found), "");
	for (size_t i = 0; i < count; i++) {
		look(&t->z, rows[i].name, got, sizeof got);
		if (strcmp(got, rows[i].expected) != 0)
			fail_msg("%s: %s\n  expected: %s\n  got:      %s", rows[i].name,
				 rows[i].rule, rows[i].expected, got);
	}
	zone_text_free(t);
}

#define CHECK_ROWS(body, rows) check(body, rows, sizeof(rows) / sizeof((rows)[0]))

/* The zone of RFC 4592 §2.2.1 and what is asked of it there. */
static void the_examples_of_rfc_4592(void **state)
{
	static const char body[] = "example. 5 NS ns.example.com.\nexample. 5 NS ns.example.net.\n"
				   "*.example. 5 TXT \"this is a wildcard\"\n"
				   "*.example. 5 MX 10 host1.example.\n"
				   "sub.*.example. 5 TXT \"this is not a wildcard\"\n"
				   "host1.example. 5 A 192.0.2.1\n"
				   "_ssh._tcp.host1.example. 5 SRV 0 0 22 host1\n"
				   "_ssh._tcp.host2.example. 5 SRV 0 0 22 host2\n"
				   "subdel.example. 5 NS ns.example.com.\n"
				   "subdel.example. 5 NS ns.example.net.\n";
	static const struct row rows[] = {
		{ "host3.example.", "wildcard *.example. 1", "synthesized" },
		{ "foo.bar.example.", "wildcard *.example. 1",
		  "a wildcard stands for several labels" },
		{ "host1.example.", "node host1.example. 2", "no synthesis: the name exists" },
		{ "sub.*.example.", "node sub.*.example. 3", "no synthesis: the name exists" },
		{ "_telnet._tcp.host1.example.", "nothing 3",
		  "the closest encloser has no wildcard" },
		{ "host.subdel.example.", "cut subdel.example. 2", "a delegation stands above" },
		{ "ghost.*.example.", "nothing 2", "*.example. exists and has no wildcard below" },
		{ "_tcp.host2.example.", "node _tcp.host2.example. 3", "an empty non-terminal" },
		{ "host2.example.", "node host2.example. 2",
		  "an empty non-terminal blocks the wildcard" },
		{ "x.host2.example.", "nothing 2",
		  "it is the closest encloser and has no wildcard" },
		{ "*.example.", "node *.example. 2", "an asterisk asked for is a label, §2.3" },
		{ "example.", "node example. 1", "a wildcard does not stand for its parent" },
	};

	(void)state;
	CHECK_ROWS(body, rows);
}

static void wildcards(void **state)
{
	static const char body[] =
		"a.*.ent 5 A 192.0.2.1\n*.*.two 5 A 192.0.2.1\n"
		"*.own 5 A 192.0.2.1\nown 5 A 192.0.2.1\n"
		"*.deep 5 A 192.0.2.1\n*.x.deep 5 A 192.0.2.1\n"
		"*.redirect 5 CNAME own\n**.no 5 A 192.0.2.1\n*a.no 5 A 192.0.2.1\n";
	static const struct row rows[] = {
		{ "x.ent.example.", "wildcard *.ent.example. 2",
		  "a wildcard that exists only for what is below it, RFC 4592 §2.2.2" },
		{ "a.x.ent.example.", "wildcard *.ent.example. 2", "its children are not matched" },
		{ "x.two.example.", "wildcard *.two.example. 2", "the outer of two asterisks" },
		{ "x.*.two.example.", "wildcard *.*.two.example. 3", "the inner one" },
		{ "x.own.example.", "wildcard *.own.example. 2", "below a name with data" },
		{ "own.example.", "node own.example. 2", "the name itself" },
		{ "y.deep.example.", "wildcard *.deep.example. 2", "the nearest wildcard counts" },
		{ "x.deep.example.", "node x.deep.example. 3", "an empty name between them" },
		{ "y.x.deep.example.", "wildcard *.x.deep.example. 3",
		  "the nearest wildcard counts" },
		{ "z.y.x.deep.example.", "wildcard *.x.deep.example. 3",
		  "the nearest wildcard counts" },
		{ "x.redirect.example.", "wildcard *.redirect.example. 2", "whatever it owns" },
		{ "x.no.example.", "nothing 2", "labels that only begin with an asterisk" },
		{ "x.nowhere.example.", "nothing 1", "no wildcard at the apex" },
	};

	(void)state;
	CHECK_ROWS(body, rows);
}

static void delegations(void **state)
{
	static const char body[] =
		"@ 5 NS ns\nns 5 A 192.0.2.1\n"
		"sub 5 NS ns.sub\nns.sub 5 A 192.0.2.1\n*.sub 5 A 192.0.2.2\n"
		"sub 5 DS 1 13 2 "
		"D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A\n"
		"lower.sub 5 NS ns\na.b.c 5 NS ns\n*.w 5 NS ns\n";
	static const struct row rows[] = {
		{ "example.", "node example. 1", "NS at the apex is no cut" },
		{ "ns.example.", "node ns.example. 2", "names beside the cut" },
		{ "sub.example.", "cut sub.example. 2", "the cut itself: DS is the parent's" },
		{ "ns.sub.example.", "cut sub.example. 2", "glue is not found as data" },
		{ "x.y.sub.example.", "cut sub.example. 2", "far below" },
		{ "*.sub.example.", "cut sub.example. 2", "a wildcard below a cut is not used" },
		{ "x.lower.sub.example.", "cut sub.example. 2", "the uppermost cut counts" },
		{ "b.c.example.", "node b.c.example. 3", "an empty name above a cut" },
		{ "a.b.c.example.", "cut a.b.c.example. 4", "a cut deep down" },
		{ "x.w.example.", "wildcard *.w.example. 2", "a wildcard with NS, RFC 4592 §4.2" },
		{ "SUB.EXAMPLE.", "cut sub.example. 2", "in any case" },
	};

	(void)state;
	CHECK_ROWS(body, rows);
}

static void redirections(void **state)
{
	static const char body[] = "d 5 DNAME target\nd 5 A 192.0.2.1\n*.w 5 DNAME target\n"
				   "both 5 DNAME target\nboth 5 NS ns\n* 5 A 192.0.2.1\n"
				   "a.b 5 DNAME target\n";
	static const struct row rows[] = {
		{ "d.example.", "node d.example. 2", "the owner is not redirected, RFC 6672 §2.3" },
		{ "x.d.example.", "dname d.example. 2", "what is below is" },
		{ "x.y.d.example.", "dname d.example. 2", "far below, too" },
		{ "*.d.example.", "dname d.example. 2", "an asterisk is a label" },
		{ "x.w.example.", "wildcard *.w.example. 2",
		  "a DNAME at a wildcard, RFC 6672 §3.3" },
		{ "x.y.w.example.", "wildcard *.w.example. 2", "the same with more labels" },
		{ "x.*.w.example.", "dname *.w.example. 3", "below the wildcard as it is written" },
		{ "x.both.example.", "cut both.example. 2", "a cut comes first" },
		{ "b.example.", "node b.example. 2", "an empty name above" },
		{ "x.a.b.example.", "dname a.b.example. 3", "deep down" },
	};

	(void)state;
	CHECK_ROWS(body, rows);
	struct zone_text *t = zone_text_body("@ 5 DNAME example.net.\n");
	char got[300];
	look(&t->z, "example.", got, sizeof got);
	expect_text("a DNAME at the apex", got, "node example. 1");
	look(&t->z, "x.example.", got, sizeof got);
	expect_text("everything below the apex", got, "dname example. 1");
	zone_text_free(t);
}

static void the_root_zone(void **state)
{
	static const char text[] = "$ORIGIN .\n@ 5 SOA ns root 1 2 3 4 5\ncom 5 NS a.gtld\n"
				   "a.gtld 5 A 192.0.2.1\n";
	static const struct row rows[] = {
		{ ".", "node . 0", "the apex" },
		{ "com.", "cut com. 1", "a top level domain" },
		{ "www.example.com.", "cut com. 1", "below it" },
		{ "gtld.", "node gtld. 1", "an empty name" },
		{ "nosuch.", "nothing 0", "no such domain" },
	};
	struct zone_text *t = zone_text_new(text, strlen(text));
	char got[300];

	(void)state;
	zone_text_read(t, ".");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		look(&t->z, rows[i].name, got, sizeof got);
		expect_text(rows[i].rule, got, rows[i].expected);
	}
	zone_text_free(t);
}

/* ------ against an oracle ------ */

static const struct siphash_key key = { 8, 9 };

struct oracle_name {
	struct name_buf name;
	bool cut, dname;
};

struct oracle {
	struct oracle_name *names; /* sorted */
	size_t count;
	struct name_buf origin;
};

static int compare(const void *a, const void *b)
{
	const struct oracle_name *x = a, *y = b;

	return name_compare(name_view(&x->name), name_view(&y->name));
}

static const struct oracle_name *listed(const struct oracle *o, struct name n)
{
	struct oracle_name wanted;

	name_copy(&wanted.name, n);
	return bsearch(&wanted, o->names, o->count, sizeof wanted, compare);
}

/* The ancestor of n with this many labels fewer than n. */
static struct name ancestor(struct name n, unsigned fewer)
{
	for (; fewer > 0; fewer--)
		n = name_parent(n);
	return n;
}

/* RFC 1034 §4.3.2 step 3 as it is written, on a list: no tree, no hash, no flags of a node. */
static enum found ask(const struct oracle *o, struct name n, struct name_buf *at, unsigned *depth)
{
	unsigned labels = name_labels(n), top = name_labels(name_view(&o->origin));

	for (*depth = top; *depth <= labels; ++*depth) {
		struct name here = ancestor(n, labels - *depth);
		const struct oracle_name *there = listed(o, here);

		if (!there)
			break;
		name_copy(at, here);
		if (there->cut && *depth > top)
			return FOUND_CUT;
		if (there->dname && *depth < labels)
			return FOUND_DNAME;
	}
	if (*depth > labels) {
		--*depth;
		return FOUND_NODE;
	}
	--*depth;
	uint8_t star[NAME_MAX_SIZE + 2] = { 1, '*' };
	struct name encloser = ancestor(n, labels - *depth);
	memcpy(star + 2, encloser.octets, encloser.size);
	struct name wildcard = { star, (uint8_t)(encloser.size + 2) };
	if (encloser.size + 2 > NAME_MAX_SIZE || !listed(o, wildcard))
		return FOUND_NOTHING;
	name_copy(at, wildcard);
	return FOUND_WILDCARD;
}

/* The same records for builder and oracle: addresses, and some NS and DNAME without names below. */
static void make_zone(struct random_source *random, struct builder *b, struct oracle *o,
		      size_t count)
{
	static const uint8_t soa[22] = { 0 }, address[4] = { 0 }, root[1] = { 0 };
	struct name origin = name_view(&o->origin);

	assert_true(builder_init(b, origin, &key, &builder_limits_default));
	assert_null(builder_add(b, b->apex, TYPE_SOA, 5, (struct slice){ soa, sizeof soa }, 0));
	o->names = calloc(count * 8 + 1, sizeof *o->names);
	o->names[0].name = o->origin;
	o->count = 1;
	for (size_t i = 0; i < count; i++) {
		struct name_buf n;
		uint32_t kind = random_below(random, 20);

		random_name(random, origin, 5, &n);
		uint32_t node = builder_node(b, name_view(&n));
		uint16_t type = kind == 0 ? TYPE_NS : kind == 1 ? TYPE_DNAME : TYPE_A;
		assert_null(builder_add(b, node, type, 5,
					type == TYPE_A ? (struct slice){ address, 4 }
						       : (struct slice){ root, 1 },
					0));
		for (struct name a = name_view(&n); a.size > origin.size; a = name_parent(a)) {
			o->names[o->count].cut = type == TYPE_NS && a.size == n.size;
			o->names[o->count].dname = type == TYPE_DNAME && a.size == n.size;
			name_copy(&o->names[o->count++].name, a);
		}
	}
	qsort(o->names, o->count, sizeof *o->names, compare);
	size_t kept = 0;
	for (size_t i = 0; i < o->count; i++) {
		if (kept > 0 && compare(&o->names[kept - 1], &o->names[i]) == 0) {
			o->names[kept - 1].cut |= o->names[i].cut;
			o->names[kept - 1].dname |= o->names[i].dname;
		} else {
			o->names[kept++] = o->names[i];
		}
	}
	o->count = kept;
}

/* A DNAME with names below it is an error of the zone: lookups need not care, but are the same. */
static void random_zones_answer_as_the_rfc_is_written(void **state)
{
	struct random_source random = { 4711 };
	unsigned seen[5] = { 0 };

	(void)state;
	for (unsigned round = 0; round < 60; round++) {
		struct builder b;
		struct oracle o;
		struct diag d = { 0 };
		struct sources none = { 0 };
		static const struct source empty = { .file = "none", .text = (const uint8_t *)"" };
		struct image z;

		none.at = (struct source[]){ empty };
		none.count = 1;
		assert_null(name_parse_absolute(round % 3 ? "b.example." : ".", &o.origin));
		make_zone(&random, &b, &o, round < 2 ? 10000 : 1 + random_below(&random, 100));
		d.report = NULL;
		d.errors = DIAG_LIMIT; /* nothing is reported: only the flags are wanted */
		assert_true(zone_check(&b, &none, &d));
		builder_complete(&b);
		uint64_t *octets = calloc(1, seal_room(&b));
		struct seal_output out = seal_in_memory((uint8_t *)octets);
		size_t size = seal_zone(&b, &none, &out);
		assert_true(size > 0 && image_open(&z, octets, size));
		for (unsigned i = 0; i < 2000; i++) {
			struct name_buf n, at, got;
			struct probe p;
			unsigned depth;

			random_name(&random, name_view(&o.origin), 6, &n);
			enum found expected = ask(&o, name_view(&n), &at, &depth);
			probe_init(&p, &key, name_view(&n));
			struct match m = zone_lookup(&z, &p);
			assert_int_equal(m.found, expected);
			assert_int_equal(m.depth, depth);
			seen[m.found]++;
			assert_int_equal(m.node == NULL, expected == FOUND_NOTHING);
			if (m.node) {
				node_name(&z, m.node, &got);
				assert_true(name_equal(name_view(&got), name_view(&at)));
			}
		}
		free(octets);
		free(o.names);
		builder_free(&b);
	}
	for (unsigned i = 0; i < 5; i++)
		assert_true(seen[i] > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_rfc_4592),
		cmocka_unit_test(wildcards),
		cmocka_unit_test(delegations),
		cmocka_unit_test(redirections),
		cmocka_unit_test(the_root_zone),
		cmocka_unit_test(random_zones_answer_as_the_rfc_is_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
