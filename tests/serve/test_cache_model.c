/*
 * The cache against a model of it: whatever is done, in whatever order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "guarded_cache.h"
#include "support/random_names.h"

enum { KEYS = 400, MODEL_OPERATIONS = 200000, MODEL_MAX_SIZE = 8000 };

/* What was put in last, and until when a failure may be remembered. */
struct model {
	bool has;
	uint32_t seed; /* of the octets */
	uint64_t stored_ms, failed_until_ms;
	struct cache_answer answer;
};

static struct {
	struct model keys[KEYS];
	struct random_source r;
	unsigned fresh, stale, failed;
	bool has_room; /* for everything: nothing that is good may be missing */
} model;

static struct cache_key model_key(unsigned n)
{
	static const uint16_t types[] = { CACHE_ANY_TYPE, TYPE_A, TYPE_TXT, TYPE_AAAA };

	return key_of(numbered(n % 2 ? "n" : "N", n / 16), types[n % 4], (uint8_t)(n / 4 % 4));
}

static void fill(uint8_t *octets, size_t n, uint32_t seed)
{
	for (size_t i = 0; i < n; i++)
		octets[i] = (uint8_t)(seed + i + (i >> 8) * (seed >> 8));
}

static uint32_t any_ttl(struct random_source *r)
{
	static const uint32_t most[] = { 1, 10, 60, 3600, CACHE_MAX_TTL_S + 1 };

	return random_below(r, most[random_below(r, 5)]);
}

static void model_put(unsigned n)
{
	static uint8_t octets[UINT16_MAX];
	struct random_source *r = &model.r;
	struct model *m = &model.keys[n];
	const struct cache_key key = model_key(n);
	uint32_t most = random_below(r, 2000) ? MODEL_MAX_SIZE : UINT16_MAX + 1;

	*m = (struct model){ .has = true, .seed = random_below(r, UINT32_MAX), .stored_ms = now };
	m->answer = (struct cache_answer){
		.octets = octets,
		.size = random_below(r, random_below(r, 4) ? 200 : most),
		.answers = (uint16_t)random_below(r, 65536),
		.authorities = (uint16_t)random_below(r, 65536),
		.target = (uint16_t)random_below(r, 65536),
		.rcode = (uint8_t)random_below(r, 16),
		.authentic = random_below(r, 2),
		.is_private = random_below(r, 2),
		.ede = (int32_t)random_below(r, 30) - 1,
		.ttl_s = any_ttl(r),
	};
	fill(octets, m->answer.size, m->seed);
	cache_put(&c, &key, &m->answer, now);
}

static bool is_fresh_at(const struct model *m, uint64_t ms)
{
	return m->has && ms < m->stored_ms + m->answer.ttl_s * 1000ull;
}

static bool is_stale_at(const struct model *m, uint64_t ms)
{
	return m->has && !is_fresh_at(m, ms) && m->answer.ttl_s && c.stale_s &&
	       ms < m->stored_ms + (m->answer.ttl_s + (uint64_t)c.stale_s) * 1000;
}

static void model_fail(unsigned n)
{
	enum failure failure = random_below(&model.r, 2) ? FAILURE_ANSWER : FAILURE_SILENCE;
	unsigned most_s = failure == FAILURE_ANSWER ? CACHE_MAX_FAILURE_S : CACHE_SILENCE_S;
	const struct cache_key key = model_key(n);

	cache_put_failure(&c, &key, failure, EDE_OTHER, now);
	model.keys[n].failed_until_ms = now + most_s * 1000;
}

static void check_answer(const struct model *m)
{
	static uint8_t octets[UINT16_MAX], expected[UINT16_MAX];
	struct cache_answer answer = found.answer;

	assert_int_equal(found.age_s, (now - m->stored_ms) / 1000);
	answer.octets = m->answer.octets;
	assert_int_equal(answer.size, m->answer.size);
	assert_int_equal(answer.ttl_s, m->answer.ttl_s);
	assert_int_equal(answer.answers, m->answer.answers);
	assert_int_equal(answer.authorities, m->answer.authorities);
	assert_int_equal(answer.target, m->answer.target);
	assert_int_equal(answer.rcode, m->answer.rcode);
	assert_int_equal(answer.ede, m->answer.ede);
	assert_int_equal(answer.authentic, m->answer.authentic);
	assert_int_equal(answer.is_private, m->answer.is_private);
	cache_read(&c, &found, octets);
	fill(expected, answer.size, m->seed);
	assert_memory_equal(octets, expected, answer.size);
}

static void model_find(unsigned n)
{
	const struct model *m = &model.keys[n];
	const struct cache_key key = model_key(n);
	uint64_t asked = now - random_below(&model.r, 2) * random_below(&model.r, 3000);
	bool patient = random_below(&model.r, 2), may_be_failed = now < m->failed_until_ms;

	switch (cache_find(&c, &key, now, asked, patient, &found)) {
	case CACHE_FRESH:
		assert_true(is_fresh_at(m, now) || (m->has && m->stored_ms >= asked));
		check_answer(m);
		model.fresh++;
		break;
	case CACHE_STALE:
		assert_true(is_stale_at(m, now) && (patient || may_be_failed));
		check_answer(m);
		model.stale++;
		break;
	case CACHE_FAILED:
		assert_true(may_be_failed && !(model.has_room && is_fresh_at(m, now)));
		model.failed++;
		break;
	case CACHE_MISS:
		/* Who makes room counts whole seconds, so it may go that much early. */
		if (model.has_room)
			assert_false(
				is_fresh_at(m, now + 1000) ||
				(patient && is_stale_at(m, now) && is_stale_at(m, now + 1000)));
		break;
	}
}

static void model_clear(void)
{
	cache_clear(&c, now);
	memset(model.keys, 0, sizeof model.keys);
}

static void model_operate(void)
{
	unsigned n = random_below(&model.r, KEYS), what = random_below(&model.r, 100);

	now += random_below(&model.r, 50);
	if (what < 30)
		model_put(n);
	else if (what < 40)
		model_fail(n);
	else
		model_find(n);
	cache_tick(&c, now);
	if (random_below(&model.r, 80) == 0)
		now += random_below(&model.r, random_below(&model.r, 20) ? 60000 : 90000000);
	if (random_below(&model.r, 20000) == 0)
		model_clear();
}

/* A miss is always allowed where room is short; a wrong answer or an old one never is. */
static void what_comes_out_is_what_was_put_in_last_and_not_over(void **state)
{
	static const struct {
		size_t size;
		uint32_t stale_s;
		uint64_t start_ms;
		bool has_room;
	} runs[] = {
		{ CACHE_MIN_SIZE, DAY_S, 1000, false },
		{ CACHE_MIN_SIZE + 4000, 0, (1ull << 32) - 600000, false },
		{ CACHE_MIN_SIZE + 24, 60, 1ull << 40, false },
		{ 16 << 20, CACHE_MAX_STALE_S, (1ull << 33) - 1000, true },
		{ (16 << 20) + 8, 0, 1, true },
	};
	(void)state;
	for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
		memset(&model, 0, sizeof model);
		model.r.state = i + 1;
		model.has_room = runs[i].has_room;
		open_cache(runs[i].size, runs[i].stale_s, runs[i].start_ms);
		for (unsigned k = 0; k < MODEL_OPERATIONS; k++)
			model_operate();
		assert_true(now > runs[i].start_ms + (1ull << 32)); /* the short times went round */
		assert_true(model.fresh > MODEL_OPERATIONS / 20 && model.failed > 100);
		assert_true(runs[i].stale_s == 0 || model.stale > 100);
		assert_true(runs[i].has_room ? c.counters.evicted == 0 : c.counters.evicted > 500);
		block_free();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_comes_out_is_what_was_put_in_last_and_not_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
