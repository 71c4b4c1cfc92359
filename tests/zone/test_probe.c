/*
 * test_probe.c -- names made ready to be searched for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/guard.h"
#include "support/random_names.h"
#include "zone/probe.h"

static const struct siphash_key key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };

/* The name against a guard page: a probe must not look beyond it. */
static struct name named(const char *text)
{
	struct name_buf n;

	assert_null(name_parse((const uint8_t *)text, strlen(text), name_root, &n));
	return (struct name){ guard_copy(n.octets, n.size), n.size };
}

static void labels_are_counted_and_folded(void **state)
{
	static const struct {
		const char *name;
		unsigned labels;
	} rows[] = { { ".", 0 },          { "com.", 1 },     { "WWW.Example.COM.", 3 },
		     { "a.b.c.d.e.", 5 }, { "a\\.b.c.", 2 }, { "\\000.\\255.", 2 } };
	struct probe p;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		probe_init(&p, &key, named(rows[i].name));
		assert_int_equal(p.labels, rows[i].labels);
	}
	probe_init(&p, &key, named("WWW.Example.COM."));
	assert_memory_equal(p.folded, "\3www\7example\3com", 17);
	assert_memory_equal(probe_label(&p, 1), "\3com", 4);
	assert_memory_equal(probe_label(&p, 2), "\7example", 8);
	assert_memory_equal(probe_label(&p, 3), "\3www", 4);
	guard_release();
}

static void an_ancestor_keeps_its_case(void **state)
{
	struct probe p;

	(void)state;
	probe_init(&p, &key, named("WWW.Example.COM."));
	assert_int_equal(probe_ancestor(&p, 0).size, 1);
	assert_int_equal(probe_ancestor(&p, 1).size, 5);
	assert_memory_equal(probe_ancestor(&p, 2).octets, "\7Example\3COM", 13);
	assert_int_equal(probe_ancestor(&p, 3).size, 17);
	guard_release();
}

static void a_hash_is_that_of_the_labels_from_the_root(void **state)
{
	struct probe p;
	uint64_t expected = 0;

	(void)state;
	probe_init(&p, &key, named("WWW.Example.COM."));
	assert_int_equal(probe_hash(&p, 0), 0);
	expected = probe_child_hash(&key, expected, (const uint8_t *)"\3com");
	assert_int_equal(probe_hash(&p, 1), expected);
	expected = probe_child_hash(&key, expected, (const uint8_t *)"\7example");
	expected = probe_child_hash(&key, expected, (const uint8_t *)"\3www");
	assert_int_equal(probe_hash(&p, 3), expected);
	assert_int_equal(p.hashed, 3);
	guard_release();
}

static void hashes_do_not_depend_on_case_or_on_the_order_of_asking(void **state)
{
	struct probe a, b;

	(void)state;
	probe_init(&a, &key, named("WWW.Example.COM."));
	probe_init(&b, &key, named("www.example.com."));
	uint64_t whole = probe_hash(&a, 3);
	for (unsigned depth = 0; depth <= 3; depth++)
		assert_int_equal(probe_hash(&a, depth), probe_hash(&b, depth));
	assert_int_equal(probe_hash(&b, 3), whole);
	guard_release();
}

static void other_names_and_other_keys_give_other_hashes(void **state)
{
	static const char *const names[] = {
		"a.b.", "b.a.", "ab.", "a\\.b.", "a.b.c.", "a.a.", "b."
	};
	enum { COUNT = sizeof names / sizeof names[0] };
	const struct siphash_key other = { key.k0 + 1, key.k1 };
	uint64_t hashes[COUNT];
	struct probe p;

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		probe_init(&p, &key, named(names[i]));
		hashes[i] = probe_hash(&p, p.labels);
		for (size_t j = 0; j < i; j++)
			assert_true(hashes[i] != hashes[j]);
		probe_init(&p, &other, named(names[i]));
		assert_true(probe_hash(&p, p.labels) != hashes[i]);
	}
	guard_release();
}

static void hashes_that_are_known_are_those_that_would_be_worked_out(void **state)
{
	static const uint64_t wrong[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct probe origin, p, q;

	(void)state;
	probe_init(&origin, &key, named("B.example."));
	(void)probe_hash(&origin, 2);
	for (unsigned first = 0; first <= 4; first++) {
		probe_init(&p, &key, named("x.a.b.Example."));
		probe_init(&q, &key, named("x.a.b.example."));
		(void)probe_hash(&p, first);
		probe_know(&p, 2,
			   first < 2 ? origin.hash : wrong); /* who knows more is told nothing */
		assert_int_equal(p.hashed, first < 2 ? 2 : first);
		for (unsigned depth = 0; depth <= 4; depth++)
			assert_int_equal(probe_hash(&p, depth), probe_hash(&q, depth));
	}
	guard_release();
}

static void the_longest_name_fits(void **state)
{
	uint8_t octets[NAME_MAX_SIZE];
	struct probe p;

	(void)state;
	for (unsigned i = 0; i < NAME_MAX_LABELS; i++)
		memcpy(octets + 2 * i, "\1A", 2);
	octets[254] = 0;
	probe_init(&p, &key, (struct name){ guard_copy(octets, sizeof octets), NAME_MAX_SIZE });
	assert_int_equal(p.labels, NAME_MAX_LABELS);
	assert_memory_equal(probe_label(&p, 127), "\1a", 2);
	assert_true(probe_hash(&p, 127) != probe_hash(&p, 126));
	guard_release();
}

static void random_names_agree_with_a_walk_over_their_parents(void **state)
{
	struct random_source random = { 99 };
	struct name_buf buf;
	struct probe p, q;

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		random_name(&random, name_root, 12, &buf);
		struct name n = name_view(&buf);
		probe_init(&p, &key, n);
		assert_int_equal(p.labels, name_labels(n));
		for (unsigned depth = p.labels;; depth--, n = name_parent(n)) {
			assert_true(name_equal(probe_ancestor(&p, depth), n));
			probe_init(&q, &key, n);
			assert_int_equal(probe_hash(&p, depth), probe_hash(&q, q.labels));
			if (depth == 0)
				break;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_are_counted_and_folded),
		cmocka_unit_test(an_ancestor_keeps_its_case),
		cmocka_unit_test(a_hash_is_that_of_the_labels_from_the_root),
		cmocka_unit_test(hashes_do_not_depend_on_case_or_on_the_order_of_asking),
		cmocka_unit_test(other_names_and_other_keys_give_other_hashes),
		cmocka_unit_test(hashes_that_are_known_are_those_that_would_be_worked_out),
		cmocka_unit_test(the_longest_name_fits),
		cmocka_unit_test(random_names_agree_with_a_walk_over_their_parents),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
