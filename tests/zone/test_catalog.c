/*
 * test_catalog.c -- the zone that is the nearest ancestor (RFC 1034 §4.3.2 step 2).
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
#include "zone/catalog.h"

static const struct siphash_key key = { 11, 12 };

enum { ZONES_MAX = 1200 };

/* Headers alone: a catalog looks at nothing else of a zone. */
static struct image_header headers[ZONES_MAX];
static struct image zones[ZONES_MAX];

static void set_zone(size_t i, struct name origin)
{
	name_copy(&headers[i].origin, origin);
	headers[i].origin_labels = (uint8_t)name_labels(origin);
	zones[i] = (struct image){ .header = &headers[i] };
}

static void set_zone_text(size_t i, const char *origin)
{
	struct name_buf n;

	assert_null(name_parse_absolute(origin, &n));
	set_zone(i, name_view(&n));
}

/* The number of the zone that answers for a name, or -1. */
static int find(const struct catalog *c, struct name n, unsigned depth)
{
	struct probe p;

	probe_init(&p, &key, n);
	const struct image *z = catalog_find(c, &p, depth < p.labels ? depth : p.labels, 0);
	return z ? (int)(z - zones) : -1;
}

/* The same for a client of these views. */
static int find_for(const struct catalog *c, const char *name, uint32_t views)
{
	struct name_buf n;
	struct probe p;

	assert_null(name_parse_absolute(name, &n));
	probe_init(&p, &key, name_view(&n));
	const struct image *z = catalog_find(c, &p, p.labels, views);
	return z ? (int)(z - zones) : -1;
}

static int find_text(const struct catalog *c, const char *name)
{
	struct name_buf n;

	assert_null(name_parse_absolute(name, &n));
	return find(c, name_view(&n), NAME_MAX_LABELS);
}

struct row {
	const char *name;
	int zone;
};

static void check(const char *const *origins, size_t count, const struct row *rows,
		  size_t row_count)
{
	struct catalog c;

	for (size_t i = 0; i < count; i++)
		set_zone_text(i, origins[i]);
	assert_true(catalog_init(&c, zones, count, &key));
	for (size_t i = 0; i < row_count; i++)
		if (find_text(&c, rows[i].name) != rows[i].zone)
			fail_msg("%s: zone %d", rows[i].name, find_text(&c, rows[i].name));
	catalog_free(&c);
}

#define CHECK(origins, rows)                                         \
	check(origins, sizeof(origins) / sizeof((origins)[0]), rows, \
	      sizeof(rows) / sizeof((rows)[0]))

/* security.md A1-12: by labels, not by characters. */
static void the_longest_origin_wins(void **state)
{
	static const char *const origins[] = { "example.", "sub.example.", "a.b.c.example.",
					       "zexample.", "test." };
	static const struct row rows[] = {
		{ "example.", 0 },
		{ "www.example.", 0 },
		{ "sub.example.", 1 },
		{ "x.y.sub.example.", 1 },
		{ "xsub.example.", 0 },
		{ "c.example.", 0 },
		{ "b.c.example.", 0 },
		{ "a.b.c.example.", 2 },
		{ "x.a.b.c.example.", 2 },
		{ "aexample.", -1 },
		{ "zexample.", 3 },
		{ "ZEXAMPLE.", 3 },
		{ "Sub.EXAMPLE.", 1 },
		{ ".", -1 },
		{ "com.", -1 },
		{ "example.test.", 4 },
		{ "sub.example.test.", 4 },
		{ "sub\\.example.", -1 },
	};

	(void)state;
	CHECK(origins, rows);
}

static void the_root_zone_is_above_all(void **state)
{
	static const char *const origins[] = { "com.", "." };
	static const struct row rows[] = {
		{ ".", 1 }, { "com.", 0 }, { "x.com.", 0 }, { "net.", 1 }, { "a.b.c.d.e.", 1 },
	};

	(void)state;
	CHECK(origins, rows);
}

static void the_root_zone_alone(void **state)
{
	static const char *const origins[] = { "." };
	static const struct row rows[] = { { ".", 0 }, { "a.b.c.", 0 } };

	(void)state;
	CHECK(origins, rows);
}

static void without_zones_nothing_is_found(void **state)
{
	struct catalog c;

	(void)state;
	assert_true(catalog_init(&c, NULL, 0, &key));
	assert_int_equal(find_text(&c, "."), -1);
	assert_int_equal(find_text(&c, "a.b."), -1);
	catalog_free(&c);
	assert_int_equal(find_text(&c, "a.b."), -1);
}

static void a_zone_without_a_header_is_passed_over(void **state)
{
	struct catalog c;

	(void)state;
	set_zone_text(0, "example.");
	set_zone_text(1, "sub.example.");
	zones[1].header = NULL; /* not loaded yet */
	assert_true(catalog_init(&c, zones, 2, &key));
	assert_int_equal(find_text(&c, "x.sub.example."), 0);
	catalog_free(&c);
}

static void of_two_zones_with_one_name_the_first_counts(void **state)
{
	struct catalog c;
	char text[32];

	(void)state;
	for (unsigned i = 0; i < 500; i++) {
		snprintf(text, sizeof text, "z%u.", i % 250);
		set_zone_text(i, text);
	}
	assert_true(catalog_init(&c, zones, 500, &key));
	for (unsigned i = 0; i < 250; i++) {
		snprintf(text, sizeof text, "x.Z%u.", i);
		assert_int_equal(find_text(&c, text), i);
	}
	assert_int_equal(c.by_origin.used, 250);
	catalog_free(&c);
}

static void set_version(size_t i, const char *origin, uint8_t view)
{
	set_zone_text(i, origin);
	zones[i].view = view;
	zones[i].next = 77; /* of an earlier catalog */
}

static void of_each_zone_a_client_gets_the_first_version_that_is_for_it(void **state)
{
	struct catalog c;

	(void)state;
	set_version(0, "example.", 0); /* everybody's is the last, wherever it stands */
	set_version(1, "example.", 2);
	set_version(2, "Example.", 1);
	set_version(3, "example.", 2); /* nobody gets it: its clients have another */
	set_version(4, "example.", 0); /* nor this one */
	set_version(5, "example.", 32);
	assert_true(catalog_init(&c, zones, 6, &key));
	for (unsigned again = 0; again < 2; again++) {
		const char *name = again ? "a.b.example." : "example.";

		assert_int_equal(find_for(&c, name, 0), 0);
		assert_int_equal(find_for(&c, name, 1), 2);
		assert_int_equal(find_for(&c, name, 2), 1);
		assert_int_equal(find_for(&c, name, 3), 1);
		assert_int_equal(find_for(&c, name, 4), 0);
		assert_int_equal(find_for(&c, name, 1u << 31), 5);
		assert_int_equal(find_for(&c, name, EVERY_VIEW), 1);
	}
	assert_int_equal(c.by_origin.used, 1);
	catalog_free(&c);
}

static void who_has_no_version_of_a_zone_has_the_zone_above(void **state)
{
	struct catalog c;

	(void)state;
	set_version(0, "sub.example.", 1);
	set_version(1, "example.", 0);
	set_version(2, "a.sub.example.", 2);
	set_version(3, "alone.test.", 1);
	set_version(4, "late.example.", 3);
	zones[4].header = NULL; /* could not be read: passed over */
	assert_true(catalog_init(&c, zones, 5, &key));
	assert_int_equal(find_for(&c, "x.sub.example.", 0), 1);
	assert_int_equal(find_for(&c, "x.sub.example.", 1), 0);
	assert_int_equal(find_for(&c, "x.a.sub.example.", 1), 0);
	assert_int_equal(find_for(&c, "x.a.sub.example.", 2), 2);
	assert_int_equal(find_for(&c, "x.a.sub.example.", 3), 2);
	assert_int_equal(find_for(&c, "x.a.sub.example.", 4), 1);
	assert_int_equal(find_for(&c, "alone.test.", 0), -1);
	assert_int_equal(find_for(&c, "alone.test.", 1), 3);
	assert_int_equal(find_for(&c, "late.example.", 4), 1);
	catalog_free(&c);
}

/* ------ zones that come later ------ */

/* In whatever order they come: the same as if all had been there. */
static void zones_are_found_in_the_same_way_whenever_they_come(void **state)
{
	static const char *const origins[] = { "example.", "a.example.", "Example.", ".",
					       "b.test." };
	struct random_source random = { 99 };
	struct image all[12];

	(void)state;
	for (unsigned round = 0; round < 500; round++) {
		struct catalog whole, c;

		for (size_t i = 0; i < 12; i++) {
			set_version(i, origins[random_below(&random, 5)],
				    (uint8_t)(random_below(&random, 3) * i % 4));
			all[i] = zones[i];
			zones[i] = (struct image){ .header = NULL };
		}
		assert_true(catalog_init(&whole, all, 12, &key));
		assert_true(catalog_init(&c, zones, 12, &key));
		for (unsigned left = 12; left > 0;) {
			size_t i = random_below(&random, 12);

			if (zones[i].header)
				continue;
			assert_true(catalog_replace(&c, i, &all[i]));
			left--;
			if (random_below(&random, 2)) /* and comes again */
				assert_false(catalog_replace(&c, i, &all[i]));
		}
		for (unsigned views = 0; views < 8; views++)
			for (size_t k = 0; k < 5; k++) {
				struct name_buf n;
				struct probe p;

				assert_null(name_parse_absolute(origins[k], &n));
				probe_init(&p, &key, name_view(&n));
				const struct image *z = catalog_find(&whole, &p, p.labels, views);
				assert_int_equal(find_for(&c, origins[k], views),
						 z ? (int)(z - all) : -1);
			}
		catalog_free(&c);
		catalog_free(&whole);
	}
}

static bool replace(struct catalog *c, size_t i, const char *origin)
{
	static struct image_header fresh[2]; /* the one before is still looked at */
	static unsigned turn;
	struct image image = { .header = &fresh[++turn % 2] };
	struct name_buf n;

	assert_null(name_parse_absolute(origin, &n));
	name_copy(&fresh[turn % 2].origin, name_view(&n));
	fresh[turn % 2].origin_labels = (uint8_t)name_labels(name_view(&n));
	return catalog_replace(c, i, &image);
}

static void a_zone_that_gets_another_name_is_found_by_that_alone(void **state)
{
	struct catalog c;

	(void)state;
	set_zone_text(0, "a.");
	set_zone_text(1, "b.");
	assert_true(catalog_init(&c, zones, 2, &key));
	for (unsigned i = 0; i < 10; i++) {
		assert_true(replace(&c, 0, "new.c."));
		assert_int_equal(find_text(&c, "x.a."), -1);
		assert_int_equal(find_text(&c, "x.b."), 1);
		assert_int_equal(find_text(&c, "x.new.c."), 0);
		assert_int_equal(c.max_labels, 2);
		assert_false(replace(&c, 0, "New.c."));
		assert_true(replace(&c, 0, "a."));
		assert_int_equal(find_text(&c, "x.a."), 0);
		assert_int_equal(c.max_labels, 1);
		assert_int_equal(c.at_hand_count, 2);
	}
	catalog_free(&c);
}

/* Their hashes need not be worked out: the probe knows them when the zone is found. */
static void a_few_origins_are_at_hand_with_their_hashes(void **state)
{
	static const char *const origins[] = {
		"test.",    "a.test.",          "b.a.test.",
		"Example.", "1.2.3.4.5.6.7.8.", "1.2.3.4.5.6.7.8.9."
	};
	struct name_buf n;
	struct catalog c;
	struct probe p, q;

	(void)state;
	for (size_t i = 0; i < 6; i++)
		set_zone_text(i, origins[i]);
	for (size_t count = 0; count <= 6; count++) {
		assert_true(catalog_init(&c, zones, count, &key));
		assert_int_equal(c.has_many, count > CATALOG_FEW);
		catalog_free(&c);
	}
	for (size_t first = 4; first <= 5;
	     first++) { /* as many labels as there may be, and one more */
		assert_true(catalog_init(&c, zones + first, 1, &key));
		assert_int_equal(c.has_many, headers[first].origin_labels > CATALOG_FEW_LABELS);
		catalog_free(&c);
	}
	assert_true(catalog_init(&c, zones, CATALOG_FEW, &key));
	assert_null(name_parse_absolute("x.B.a.test.", &n));
	probe_init(&p, &key, name_view(&n));
	probe_init(&q, &key, name_view(&n));
	assert_ptr_equal(catalog_find(&c, &p, p.labels, 0), &zones[2]);
	assert_int_equal(p.hashed, 3);
	for (unsigned depth = 0; depth <= 4; depth++)
		assert_int_equal(probe_hash(&p, depth), probe_hash(&q, depth));
	catalog_free(&c);
}

/* The parent of a cut asks for what is above: DS, RFC 4035 §3.1.4.1. */
static void the_depth_can_be_limited(void **state)
{
	struct catalog c;
	struct name_buf n;

	(void)state;
	set_zone_text(0, "example.");
	set_zone_text(1, "sub.example.");
	set_zone_text(2, ".");
	assert_true(catalog_init(&c, zones, 3, &key));
	assert_null(name_parse_absolute("x.sub.example.", &n));
	assert_int_equal(find(&c, name_view(&n), 3), 1);
	assert_int_equal(find(&c, name_view(&n), 2), 1);
	assert_int_equal(find(&c, name_view(&n), 1), 0);
	assert_int_equal(find(&c, name_view(&n), 0), 2);
	catalog_free(&c);
}

static void a_thousand_zones(void **state)
{
	struct catalog c;
	char text[64];

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(text, sizeof text, "%u.in-addr.arpa.", i);
		set_zone_text(i, text);
	}
	assert_true(catalog_init(&c, zones, 1000, &key));
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(text, sizeof text, "1.2.%u.in-addr.arpa.", i);
		assert_int_equal(find_text(&c, text), i);
	}
	assert_int_equal(find_text(&c, "1000.in-addr.arpa."), -1);
	catalog_free(&c);
}

/* ------ against a matcher without any index ------ */

static int naive(size_t count, struct name n, unsigned depth)
{
	int best = -1;

	for (unsigned labels = name_labels(n); labels > depth; labels--)
		n = name_parent(n);
	for (size_t i = 0; i < count; i++)
		if (name_is_within(n, image_origin(&zones[i])) &&
		    (best < 0 || headers[i].origin_labels > headers[best].origin_labels))
			best = (int)i;
	return best;
}

static void random_sets_of_zones_agree_with_a_naive_matcher(void **state)
{
	struct random_source random = { 31337 };

	(void)state;
	for (unsigned round = 0; round < 600; round++) {
		/* Around CATALOG_FEW, some, and many; around CATALOG_FEW_LABELS, too. */
		size_t count = random_below(&random, round % 2 ? 6 : round % 10 ? 12 : 200);
		unsigned labels = round % 7 ? 4 : CATALOG_FEW_LABELS;
		struct name_buf n, origin;
		struct catalog c;

		/* Below a common name, as zones of one house are; sometimes with the root. */
		assert_null(name_parse_absolute(round % 2 ? "b.a." : ".", &origin));
		for (size_t i = 0; i < count; i++) {
			random_name(&random, name_view(&origin), labels, &n);
			set_zone(i, i == 0 && round % 5 == 0 ? name_root : name_view(&n));
		}
		assert_true(catalog_init(&c, zones, count, &key));
		for (unsigned i = 0; i < 500; i++) {
			unsigned depth = random_below(&random, 4) ? NAME_MAX_LABELS
								  : random_below(&random, 6);

			random_name(&random,
				    random_below(&random, 8) ? name_view(&origin) : name_root,
				    labels + 2, &n);
			assert_int_equal(find(&c, name_view(&n), depth),
					 naive(count, name_view(&n), depth));
		}
		catalog_free(&c);
	}
}

/* Zones that are there at first, that come, and that grow. */
static void the_largest_of_all_that_were_here_is_known(void **state)
{
	struct image_header small = { .size = 10 }, large = { .size = 30 };
	struct image fresh = { .header = &small };
	struct catalog c;

	(void)state;
	memset(headers, 0, sizeof headers[0] * 2);
	set_zone_text(0, "a.");
	headers[0].size = 20;
	zones[1] = (struct image){ .header = NULL };
	assert_true(catalog_init(&c, zones, 2, &key));
	assert_int_equal(c.largest, 20);
	name_copy(&small.origin, image_origin(&zones[0]));
	name_copy(&large.origin, image_origin(&zones[0]));
	assert_false(catalog_replace(&c, 0, &fresh));
	assert_int_equal(c.largest, 20);
	fresh.header = &large;
	assert_false(catalog_replace(&c, 0, &fresh));
	assert_int_equal(c.largest, 30);
	catalog_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_origin_wins),
		cmocka_unit_test(the_root_zone_is_above_all),
		cmocka_unit_test(the_root_zone_alone),
		cmocka_unit_test(without_zones_nothing_is_found),
		cmocka_unit_test(a_zone_without_a_header_is_passed_over),
		cmocka_unit_test(of_two_zones_with_one_name_the_first_counts),
		cmocka_unit_test(of_each_zone_a_client_gets_the_first_version_that_is_for_it),
		cmocka_unit_test(who_has_no_version_of_a_zone_has_the_zone_above),
		cmocka_unit_test(zones_are_found_in_the_same_way_whenever_they_come),
		cmocka_unit_test(a_zone_that_gets_another_name_is_found_by_that_alone),
		cmocka_unit_test(a_few_origins_are_at_hand_with_their_hashes),
		cmocka_unit_test(the_largest_of_all_that_were_here_is_known),
		cmocka_unit_test(the_depth_can_be_limited),
		cmocka_unit_test(a_thousand_zones),
		cmocka_unit_test(random_sets_of_zones_agree_with_a_naive_matcher),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
