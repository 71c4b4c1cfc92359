/*
 * test_pointers.c -- names of addresses: reverse names, the rows of a zone, and
 * the block of all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/zone_text.h"
#include "zone/pointers.h"
#include "zone/reverse.h"

/* ------ reverse names ------ */

static const char *reverse_text(const char *name, unsigned *bits)
{
	static char out[33];
	struct name_buf n;
	uint8_t address[16];

	assert_null(name_parse_absolute(name, &n));
	if (!reverse_parse(name_view(&n), address, bits))
		return "none";
	for (unsigned i = 0; i < 16; i++)
		snprintf(out + 2 * i, 3, "%02x", address[i]);
	return out;
}

#define MAPPED "00000000000000000000ffff"
#define ZEROS_24                                        \
	"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0" \
	".0"

static void a_reverse_name_says_an_address_or_how_it_begins(void **state)
{
	static const struct {
		const char *name, *address;
		unsigned bits;
	} cases[] = {
		{ "7.0.0.10.in-addr.arpa", MAPPED "0a000007", 128 }, /* RFC 1035 section 3.5 */
		{ "7.0.0.10.IN-ADDR.Arpa", MAPPED "0a000007", 128 },
		{ "255.255.255.255.in-addr.arpa", MAPPED "ffffffff", 128 },
		{ "0.10.in-addr.arpa", MAPPED "0a000000", 112 },
		{ "in-addr.arpa", MAPPED "00000000", 96 },
		{ "x.7.0.0.10.in-addr.arpa", "none", 0 },
		{ "1.7.0.0.10.in-addr.arpa", "none", 0 },
		{ "256.0.0.10.in-addr.arpa", "none", 0 },
		{ "07.0.0.10.in-addr.arpa", "none", 0 },
		{ "1000.0.0.10.in-addr.arpa", "none", 0 },
		{ "0-63.2.0.192.in-addr.arpa", "none", 0 }, /* RFC 2317 */
		{ "arpa", "none", 0 },
		{ ".", "none", 0 },
		{ "7.0.0.10.example", "none", 0 },
		{ "5." ZEROS_24 ".0.0.0.0.0.d.F.ip6.arpa", "fd000000000000000000000000000005",
		  128 }, /* RFC 3596 section 2.5 */
		{ "1.d.f.ip6.arpa", "fd100000000000000000000000000000", 12 },
		{ "ip6.arpa", "00000000000000000000000000000000", 0 },
		{ "g.ip6.arpa", "none", 0 },
		{ "10.ip6.arpa", "none", 0 },
		{ "0.5." ZEROS_24 ".0.0.0.0.0.d.f.ip6.arpa", "none", 0 },
		/* IPv4 addresses have no second name. */
		{ "1.0.0.0.0.0.0.a.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa",
		  "none", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		unsigned bits = 0;

		expect_text(cases[i].name, reverse_text(cases[i].name, &bits), cases[i].address);
		if (strcmp(cases[i].address, "none") != 0)
			assert_int_equal(bits, cases[i].bits);
	}
}

/* ------ zones and a block ------ */

enum { ZONES = 4 };

struct world {
	struct zone_text *texts[ZONES];
	struct image zones[ZONES];
	size_t count;
	void *block;
	struct pointers pointers;
};

static void zone(struct world *w, const char *origin, unsigned view, const char *body)
{
	static char text[ZONES][8192];
	struct zone_text *t;

	snprintf(text[w->count], sizeof text[0], "%s%s", ZONE_TEXT_SOA, body);
	t = zone_text_new(text[w->count], strlen(text[w->count]));
	t->zf.wants_pointers = true;
	zone_text_read(t, origin);
	expect_text("no finding", text_str(&t->found), "");
	w->texts[w->count] = t;
	w->zones[w->count] = t->z;
	w->zones[w->count++].view = (uint8_t)view;
}

static void make(struct world *w)
{
	size_t room = pointers_room(w->zones, w->count);

	assert_true(room > 0);
	w->block = calloc(1, room);
	size_t size = pointers_make(w->zones, w->count, w->block);
	assert_in_range(size, 1, room);
	w->block = realloc(w->block, size); /* what reads beyond it is found */
	assert_true(pointers_open(&w->pointers, w->block, size));
}

static void end(struct world *w)
{
	for (size_t i = 0; i < w->count; i++)
		zone_text_free(w->texts[i]);
	free(w->block);
}

/* The name of an address for a client, "above" for what begins one, or "none". */
static const char *find_for(struct world *w, const char *reverse, uint32_t views)
{
	static char out[NAME_MAX_TEXT + 16];
	struct text text = text_init(out, sizeof out);
	struct pointer_found found;
	struct name_buf n;
	uint8_t address[16];
	unsigned bits;

	assert_null(name_parse_absolute(reverse, &n));
	assert_true(reverse_parse(name_view(&n), address, &bits));
	switch (pointers_find(&w->pointers, address, bits, views, &found)) {
	case POINTER_NONE:
		return "none";
	case POINTER_ABOVE:
		return "above";
	case POINTER_FOUND:
		break;
	}
	name_print(found.name, &text);
	text_format(&text, " %u", found.ttl);
	return out;
}

static void expect_name(struct world *w, const char *reverse, const char *expected)
{
	expect_text(reverse, find_for(w, reverse, 0), expected);
}

static void every_address_of_a_zone_has_a_name(void **state)
{
	struct world w = { .count = 0 };

	(void)state;
	zone(&w, "example", 0,
	     "nas 9 A 10.0.0.7\nnas 8 AAAA fd00::5\nbox 7 A 192.0.2.1\n@ 6 A 10.0.0.8\n"
	     "text 5 TXT 10.0.0.9\n");
	make(&w);
	expect_name(&w, "7.0.0.10.in-addr.arpa", "nas.example. 9");
	expect_name(&w, "5." ZEROS_24 ".0.0.0.0.0.d.f.ip6.arpa", "nas.example. 8");
	expect_name(&w, "1.2.0.192.in-addr.arpa", "box.example. 7");
	expect_name(&w, "8.0.0.10.in-addr.arpa", "example. 6");
	expect_name(&w, "9.0.0.10.in-addr.arpa", "none");
	expect_name(&w, "6.0.0.10.in-addr.arpa", "none");
	/* RFC 8020: what begins an address exists. */
	expect_name(&w, "0.0.10.in-addr.arpa", "above");
	expect_name(&w, "10.in-addr.arpa", "above");
	expect_name(&w, "1.0.10.in-addr.arpa", "none");
	expect_name(&w, "d.f.ip6.arpa", "above");
	expect_name(&w, "e.f.ip6.arpa", "none");
	end(&w);
}

static void of_several_names_the_first_in_the_file_counts(void **state)
{
	struct world w = { .count = 0 };

	(void)state;
	zone(&w, "example", 0,
	     "zz 9 A 10.0.0.1\naa 9 A 10.0.0.1\n"
	     "zz 9 A 10.0.0.2\naa 9 A 10.0.0.2 ; ptr\n"
	     "zz 9 A 10.0.0.3\naa 9 A 10.0.0.3;ptr, please\n"
	     "zz 9 A 10.0.0.4\naa 9 A 10.0.0.4 ; ptrs are nice\n"
	     "zz 9 A 10.0.0.5 ; the ptr\naa 9 A 10.0.0.5 ;; ptr\n"
	     "a\\;b 9 A 10.0.0.6 ; ptr\nb 9 A 10.0.0.6 ; ptr\n"
	     "zz 9 A 10.0.0.7\naa 9 A 10.0.0.7 ;\tptr\n"
	     "zz 9 A 10.0.0.8\naa 9 A 10.0.0.8 ; ptr"); /* where the file ends */
	make(&w);
	expect_name(&w, "1.0.0.10.in-addr.arpa", "zz.example. 9");
	expect_name(&w, "2.0.0.10.in-addr.arpa", "aa.example. 9");
	expect_name(&w, "3.0.0.10.in-addr.arpa", "zz.example. 9");
	expect_name(&w, "4.0.0.10.in-addr.arpa", "zz.example. 9");
	expect_name(&w, "5.0.0.10.in-addr.arpa", "aa.example. 9");
	expect_name(&w, "6.0.0.10.in-addr.arpa", "a\\;b.example. 9");
	expect_name(&w, "7.0.0.10.in-addr.arpa", "aa.example. 9");
	expect_name(&w, "8.0.0.10.in-addr.arpa", "aa.example. 9");
	end(&w);
}

/* Whoever writes a hosts file adds names, and takes none away. */
static void marks_are_for_zone_files(void **state)
{
	static const struct names_file names = { NAMES_HOSTS, "hosts" };
	static const char body[] = ZONE_TEXT_SOA "nas 9 A 10.0.0.1\n";
	static const char hosts[] = "10.0.0.1 other #; ptr\n10.0.0.2 pc\n10.0.0.2 tv #; ptr\n";
	struct zone_text *t = zone_text_new(body, strlen(body));
	struct world w = { .count = 1 };

	(void)state;
	memory_files_add(&t->memory, "hosts", hosts, strlen(hosts));
	t->zf.names = &names;
	t->zf.name_count = 1;
	t->zf.wants_pointers = true;
	zone_text_read(t, "example");
	w.texts[0] = t;
	w.zones[0] = t->z;
	make(&w);
	expect_name(&w, "1.0.0.10.in-addr.arpa", "nas.example. 9");
	expect_name(&w, "2.0.0.10.in-addr.arpa", "pc.example. 300");
	end(&w);
}

/* $GENERATE with a long line would have it read for each of its records. */
static void a_mark_far_behind_its_record_is_none(void **state)
{
	struct world w = { .count = 0 };
	char body[8000];

	(void)state;
	snprintf(body, sizeof body,
		 "zz 9 A 10.0.0.1\naa 9 A 10.0.0.1 %2000s; ptr\n"
		 "zz 9 A 10.0.0.2\naa 9 A 10.0.0.2 %4100s; ptr\n",
		 "", "");
	zone(&w, "example", 0, body);
	make(&w);
	expect_name(&w, "1.0.0.10.in-addr.arpa", "aa.example. 9");
	expect_name(&w, "2.0.0.10.in-addr.arpa", "zz.example. 9");
	end(&w);
}

static void of_several_zones_the_first_counts_unless_another_is_marked(void **state)
{
	struct world w = { .count = 0 };

	(void)state;
	zone(&w, "one.example", 0, "a 9 A 10.0.0.1\na 9 A 10.0.0.2\n");
	zone(&w, "two.example", 0, "b 9 A 10.0.0.1\nb 9 A 10.0.0.2 ; ptr\nb 9 A 10.0.0.3\n");
	make(&w);
	expect_name(&w, "1.0.0.10.in-addr.arpa", "a.one.example. 9");
	expect_name(&w, "2.0.0.10.in-addr.arpa", "b.two.example. 9");
	expect_name(&w, "3.0.0.10.in-addr.arpa", "b.two.example. 9");
	end(&w);
}

static void wildcards_and_what_is_delegated_give_no_names(void **state)
{
	struct world w = { .count = 0 };

	(void)state;
	zone(&w, "example", 0,
	     "* 9 A 10.0.0.1\nsub 9 NS ns.sub\nns.sub 9 A 10.0.0.2\nsub 9 A 10.0.0.3\n"
	     "m 9 AAAA ::ffff:10.0.0.4\nx.* 9 A 10.0.0.5\nlast 9 A 10.0.0.9\n");
	make(&w);
	expect_name(&w, "1.0.0.10.in-addr.arpa", "none");
	expect_name(&w, "2.0.0.10.in-addr.arpa", "none");
	expect_name(&w, "3.0.0.10.in-addr.arpa", "none");
	expect_name(&w, "4.0.0.10.in-addr.arpa", "none");
	expect_name(&w, "5.0.0.10.in-addr.arpa", "x.*.example. 9");
	expect_name(&w, "9.0.0.10.in-addr.arpa", "last.example. 9");
	end(&w);
}

static void names_of_a_view_are_for_its_clients(void **state)
{
	struct world w = { .count = 0 };

	(void)state;
	zone(&w, "example", 0, "nas 9 A 10.0.0.1\nbox 9 A 10.0.0.2\n");
	zone(&w, "example", 1, "vpn 9 A 10.0.0.1\nnew 9 A 10.0.0.3\n");
	zone(&w, "example", 2, "two 9 A 10.0.0.3\n");
	make(&w);
	expect_text("all", find_for(&w, "1.0.0.10.in-addr.arpa", 0), "nas.example. 9");
	expect_text("view 1", find_for(&w, "1.0.0.10.in-addr.arpa", 1), "vpn.example. 9");
	expect_text("view 2", find_for(&w, "1.0.0.10.in-addr.arpa", 2), "nas.example. 9");
	expect_text("both", find_for(&w, "1.0.0.10.in-addr.arpa", 3), "vpn.example. 9");
	expect_text("only a view's", find_for(&w, "3.0.0.10.in-addr.arpa", 0), "none");
	expect_text("its own", find_for(&w, "3.0.0.10.in-addr.arpa", 2), "two.example. 9");
	expect_text("the first", find_for(&w, "3.0.0.10.in-addr.arpa", 3), "new.example. 9");
	/* That an address is there at all is for its clients to know. */
	zone(&w, "example", 1, "far 9 A 10.8.0.5\nfar 9 AAAA fd77::1\n");
	free(w.block);
	make(&w);
	expect_text("nor how it begins", find_for(&w, "8.10.in-addr.arpa", 0), "none");
	expect_text("to none of them", find_for(&w, "0.8.10.in-addr.arpa", 2), "none");
	expect_text("IPv6", find_for(&w, "7.7.d.f.ip6.arpa", 2), "none");
	expect_text("but to its own", find_for(&w, "8.10.in-addr.arpa", 3), "above");
	expect_text("IPv6, its own", find_for(&w, "7.7.d.f.ip6.arpa", 1), "above");
	expect_text("above them is everybody's", find_for(&w, "10.in-addr.arpa", 0), "above");
	expect_text("everybody's", find_for(&w, "2.0.0.10.in-addr.arpa", 3), "box.example. 9");
	end(&w);
}

static void a_zone_that_wants_none_has_none(void **state)
{
	struct zone_text *t = zone_text_body("nas 9 A 10.0.0.1\n");

	(void)state;
	assert_int_equal(t->z.header->pointer_count, 0);
	assert_int_equal(pointers_room(&t->z, 1), 0);
	zone_text_free(t);
}

/* Above the limit a zone has none at all: half of its addresses would be a riddle. */
static void a_zone_with_too_many_addresses_has_none(void **state)
{
	static char text[8][256];

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct zone_text *t;

		snprintf(text[i], sizeof text[i],
			 ZONE_TEXT_SOA "$GENERATE 0-32767 a$ 9 A 10.0.0.1\n"
				       "$GENERATE 0-%u b$ 9 AAAA fd00::${0,4,x}\n",
			 32767 + i);
		t = zone_text_new(text[i], strlen(text[i]));
		t->zf.wants_pointers = true;
		zone_text_read(t, "example");
		expect_text("no finding", text_str(&t->found), "");
		assert_int_equal(t->z.header->pointer_count > 0, i == 0);
		zone_text_free(t);
	}
}

static void octets_that_are_no_block_are_refused(void **state)
{
	struct world w = { .count = 0 };
	struct pointers p;
	uint8_t copy[4096];
	size_t size;

	(void)state;
	zone(&w, "example", 0, "nas 9 A 10.0.0.1\n");
	make(&w);
	memcpy(&size, (uint8_t *)w.block + 8, 4);
	size &= UINT32_MAX;
	memcpy(copy, w.block, size);
	assert_true(pointers_open(&p, copy, size));
	assert_false(pointers_open(&p, copy, size - 1));
	assert_false(pointers_open(&p, copy, 8));
	copy[0] ^= 1;
	assert_false(pointers_open(&p, copy, size));
	copy[0] ^= 1;
	copy[12] = 200; /* more rows than there is room for */
	assert_false(pointers_open(&p, copy, size));
	end(&w);
}

/* Against a search through all records, many addresses of both families. */
static void the_search_finds_what_is_there(void **state)
{
	static char body[8000];
	struct world w = { .count = 0 };
	struct text text = text_init(body, sizeof body);
	char reverse[128], name[64];

	(void)state;
	for (unsigned i = 0; i < 200; i++)
		text_format(&text, "h%u 9 A 10.%u.%u.%u\n", i, i % 3, i * 7 % 256, i);
	zone(&w, "example", 0, body);
	make(&w);
	for (unsigned i = 0; i < 200; i++) {
		snprintf(reverse, sizeof reverse, "%u.%u.%u.10.in-addr.arpa", i, i * 7 % 256,
			 i % 3);
		snprintf(name, sizeof name, "h%u.example. 9", i);
		expect_name(&w, reverse, name);
		snprintf(reverse, sizeof reverse, "%u.%u.%u.10.in-addr.arpa", i, (i * 7 + 1) % 256,
			 i % 3);
		expect_name(&w, reverse, "none");
	}
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reverse_name_says_an_address_or_how_it_begins),
		cmocka_unit_test(every_address_of_a_zone_has_a_name),
		cmocka_unit_test(of_several_names_the_first_in_the_file_counts),
		cmocka_unit_test(marks_are_for_zone_files),
		cmocka_unit_test(a_mark_far_behind_its_record_is_none),
		cmocka_unit_test(of_several_zones_the_first_counts_unless_another_is_marked),
		cmocka_unit_test(wildcards_and_what_is_delegated_give_no_names),
		cmocka_unit_test(names_of_a_view_are_for_its_clients),
		cmocka_unit_test(a_zone_that_wants_none_has_none),
		cmocka_unit_test(a_zone_with_too_many_addresses_has_none),
		cmocka_unit_test(octets_that_are_no_block_are_refused),
		cmocka_unit_test(the_search_finds_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
