/*
 * ChaCha20 as RFC 8439 has it, and what the generator around it promises.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/csprng.h"
#include "support/guard.h"

struct source {
	unsigned calls;
	bool has_none;
	uint8_t next;
};

static bool fill(void *self, uint8_t *out, size_t n)
{
	struct source *s = self;

	s->calls++;
	for (size_t i = 0; i < n; i++)
		out[i] = s->next++;
	return !s->has_none;
}

static struct random random_of(struct source *s)
{
	return (struct random){ fill, fill, s };
}

/* RFC 8439 appendix A.1: blocks with a nonce of zeros. */
static void blocks_are_those_of_the_rfc(void **state)
{
	static const struct {
		const char *name;
		uint8_t last_of_key;
		uint32_t counter;
		const char *block;
	} cases[] = {
		{ "test vector 1: key 0, counter 0", 0, 0,
		  "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
		  "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586" },
		{ "test vector 2: key 0, counter 1", 0, 1,
		  "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
		  "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f" },
		{ "test vector 3: key 0..01, counter 1", 1, 1,
		  "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a"
		  "8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0" },
	};
	uint8_t key[CHACHA_KEY_SIZE] = { 0 }, out[CHACHA_BLOCK_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t n;
		const uint8_t *expect = guard_hex(cases[i].block, &n);

		key[31] = cases[i].last_of_key;
		chacha20_block(key, cases[i].counter, out);
		if (n != sizeof out || memcmp(out, expect, n) != 0)
			fail_msg("%s", cases[i].name);
	}
	guard_release();
}

static void nothing_is_drawn_before_the_source_has_secrets(void **state)
{
	struct source s = { .has_none = true };
	struct random r = random_of(&s);
	struct csprng c;

	(void)state;
	csprng_init(&c, &r);
	assert_false(csprng_ready(&c, 1000));
	assert_false(csprng_ready(&c, 2000));
	s.has_none = false;
	assert_true(csprng_ready(&c, 3000));
	s.has_none = true; /* once is enough */
	assert_true(csprng_ready(&c, 4000));
	assert_true(csprng_ready(&c, 3000 + CSPRNG_RESEED_MS));
}

/* The build has the generator that is meant: its first octets follow from key and RFC. */
static void what_is_drawn_is_chacha20_under_the_sources_key(void **state)
{
	struct source s = { .next = 1 };
	struct random r = random_of(&s);
	struct csprng c;
	uint8_t key[CHACHA_KEY_SIZE], block[CHACHA_BLOCK_SIZE], drawn[CHACHA_BLOCK_SIZE - 32];

	(void)state;
	for (size_t i = 0; i < sizeof key; i++)
		key[i] = (uint8_t)(i + 1);
	csprng_init(&c, &r);
	assert_true(csprng_ready(&c, 1000));
	csprng_fill(&c, drawn, sizeof drawn);
	chacha20_block(key, 0, block);
	/* The first half is the next key and is never given out. */
	assert_memory_equal(drawn, block + 32, sizeof drawn);
	assert_memory_equal(c.key, block, 32);
}

static void what_was_given_out_is_erased(void **state)
{
	static const uint8_t zeros[100];
	struct source s = { .next = 1 };
	struct random r = random_of(&s);
	struct csprng c;
	uint8_t drawn[100];

	(void)state;
	csprng_init(&c, &r);
	assert_true(csprng_ready(&c, 1000));
	csprng_fill(&c, drawn, sizeof drawn);
	assert_memory_equal(c.batch, zeros, 32);
	assert_memory_equal(c.batch + 32, zeros, sizeof drawn);
	assert_memory_not_equal(drawn, zeros, sizeof drawn);
	/* Over the end of a batch, another key. */
	uint8_t before[32];
	memcpy(before, c.key, 32);
	uint8_t *much = malloc(CSPRNG_BATCH * 3);
	csprng_fill(&c, much, CSPRNG_BATCH * 3);
	assert_memory_not_equal(before, c.key, 32);
	free(much);
}

static void new_secrets_are_mixed_in_after_a_mebibyte_or_ten_minutes(void **state)
{
	struct source s = { .next = 1 };
	struct random r = random_of(&s);
	struct csprng c;
	uint8_t *much = malloc(CSPRNG_RESEED_OCTETS);

	(void)state;
	csprng_init(&c, &r);
	assert_true(csprng_ready(&c, 1000));
	assert_int_equal(s.calls, 1);
	assert_true(csprng_ready(&c, 1000 + CSPRNG_RESEED_MS - 1));
	assert_int_equal(s.calls, 1);
	assert_true(csprng_ready(&c, 1000 + CSPRNG_RESEED_MS));
	assert_int_equal(s.calls, 2);
	csprng_fill(&c, much, CSPRNG_RESEED_OCTETS);
	assert_true(csprng_ready(&c, 1000 + CSPRNG_RESEED_MS + 1));
	assert_int_equal(s.calls, 3);
	free(much);
}

/* Every value comes, none above, and none much more often than another. */
static void draws_below_a_number_are_even(void **state)
{
	static const uint32_t numbers[] = { 1, 2, 3, 7, 64, 64512, 65536 };
	struct source s = { .next = 1 };
	struct random r = random_of(&s);
	static unsigned seen[65536];
	struct csprng c;

	(void)state;
	csprng_init(&c, &r);
	assert_true(csprng_ready(&c, 1000));
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		uint32_t n = numbers[i];
		unsigned each = 100, least = UINT32_MAX, most = 0;

		memset(seen, 0, sizeof seen);
		for (unsigned k = 0; k < n * each; k++) {
			uint32_t drawn = csprng_below(&c, n);
			assert_true(drawn < n);
			seen[drawn]++;
		}
		for (uint32_t k = 0; k < n; k++) {
			least = seen[k] < least ? seen[k] : least;
			most = seen[k] > most ? seen[k] : most;
		}
		/* Six standard deviations of a hundred are sixty. */
		if (least < 40 || most > 160)
			fail_msg("below %u: from %u to %u times", n, least, most);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_those_of_the_rfc),
		cmocka_unit_test(nothing_is_drawn_before_the_source_has_secrets),
		cmocka_unit_test(what_is_drawn_is_chacha20_under_the_sources_key),
		cmocka_unit_test(what_was_given_out_is_erased),
		cmocka_unit_test(new_secrets_are_mixed_in_after_a_mebibyte_or_ten_minutes),
		cmocka_unit_test(draws_below_a_number_are_even),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
