#include "support/cache_model.h"

#include "dns/rrtype.h"
#include "zone/probe.h"

static const struct siphash_key key = { 5, 6 };

static uint32_t choose(struct cache_model *m, uint32_t n)
{
	struct reader *r = m->choices.input;

	if (!r)
		return random_below(&m->choices.random, n);
	return (n <= 1u << 8 ? get_u8(r) : n <= 1u << 16 ? get_u16(r) : get_u32(r)) % n;
}

/* The name of a key lives until the next one is made. */
static struct cache_key key_of(unsigned n)
{
	static const uint16_t types[] = { CACHE_ANY_TYPE, TYPE_A, TYPE_TXT, TYPE_AAAA };
	static struct name_buf name;
	struct probe p;
	char text[40];

	snprintf(text, sizeof text, "%s%u.example.", n % 2 ? "n" : "N", n / 16);
	PROPERTY(!name_parse_absolute(text, &name));
	probe_init(&p, &key, name_view(&name));
	return (struct cache_key){ probe_hash(&p, p.labels), name_view(&name), types[n % 4],
				   (uint8_t)(n / 4 % 4) };
}

static void fill(uint8_t *octets, size_t n, uint32_t seed)
{
	for (size_t i = 0; i < n; i++)
		octets[i] = (uint8_t)(seed + i + (i >> 8) * (seed >> 8));
}

static uint32_t any_ttl(struct cache_model *m)
{
	static const uint32_t most[] = { 1, 10, 60, 3600, CACHE_MAX_TTL_S + 1 };

	return choose(m, most[choose(m, 5)]);
}

/* One choice after the other: within one expression compilers differ in the order. */
static void choose_answer(struct cache_model *m, struct cache_answer *a)
{
	uint32_t most = choose(m, 2000) ? CACHE_MODEL_MAX_SIZE : UINT16_MAX + 1;

	a->size = choose(m, choose(m, 4) ? 200 : most);
	a->answers = (uint16_t)choose(m, 65536);
	a->authorities = (uint16_t)choose(m, 65536);
	a->target = (uint16_t)choose(m, 65536);
	a->rcode = (uint8_t)choose(m, 16);
	a->authentic = choose(m, 2);
	a->is_private = choose(m, 2);
	a->ede = (int32_t)choose(m, 30) - 1;
	a->ttl_s = any_ttl(m);
}

/* The answer of the key, all but its octets, is there. */
static void put(struct cache_model *m, unsigned n)
{
	static uint8_t octets[UINT16_MAX];
	struct model_entry *e = &m->keys[n];
	const struct cache_key k = key_of(n);

	e->answer.octets = octets;
	fill(octets, e->answer.size, e->seed);
	cache_put(&m->cache, &k, &e->answer, m->now_ms);
}

static void put_any(struct cache_model *m, unsigned n)
{
	struct model_entry *e = &m->keys[n];

	*e = (struct model_entry){ .has = true, .stored_ms = m->now_ms };
	e->seed = choose(m, UINT32_MAX);
	choose_answer(m, &e->answer);
	put(m, n);
}

static void put_failure(struct cache_model *m, unsigned n)
{
	enum failure failure = choose(m, 2) ? FAILURE_ANSWER : FAILURE_SILENCE;
	unsigned most_s = failure == FAILURE_ANSWER ? CACHE_MAX_FAILURE_S : CACHE_SILENCE_S;
	const struct cache_key k = key_of(n);

	cache_put_failure(&m->cache, &k, failure, EDE_OTHER, m->now_ms);
	m->keys[n].failed_until_ms = m->now_ms + most_s * 1000;
}

static bool is_fresh_at(const struct model_entry *e, uint64_t ms)
{
	return e->has && ms < e->stored_ms + e->answer.ttl_s * 1000ull;
}

static bool is_stale_at(const struct cache_model *m, const struct model_entry *e, uint64_t ms)
{
	return e->has && !is_fresh_at(e, ms) && e->answer.ttl_s && m->cache.stale_s &&
	       ms < e->stored_ms + (e->answer.ttl_s + (uint64_t)m->cache.stale_s) * 1000;
}

static void check_answer(struct cache_model *m, const struct model_entry *e)
{
	static uint8_t octets[UINT16_MAX], expected[UINT16_MAX];
	const struct cache_answer *got = &m->found.answer, *put = &e->answer;

	PROPERTY(m->found.age_s == (m->now_ms - e->stored_ms) / 1000);
	PROPERTY(got->size == put->size && got->ttl_s == put->ttl_s);
	PROPERTY(got->answers == put->answers && got->authorities == put->authorities);
	PROPERTY(got->target == put->target && got->rcode == put->rcode && got->ede == put->ede);
	PROPERTY(got->authentic == put->authentic && got->is_private == put->is_private);
	cache_read(&m->cache, &m->found, octets);
	fill(expected, put->size, e->seed);
	PROPERTY(memcmp(octets, expected, put->size) == 0);
}

static void find(struct cache_model *m, unsigned n)
{
	const struct model_entry *e = &m->keys[n];
	const struct cache_key k = key_of(n);
	uint64_t now = m->now_ms, ago = choose(m, 2) ? choose(m, 3000) : 0;
	uint64_t asked = now - (ago < now ? ago : now);
	bool patient = choose(m, 2), may_be_failed = now < e->failed_until_ms;

	switch (cache_find(&m->cache, &k, now, asked, patient, &m->found)) {
	case CACHE_FRESH:
		PROPERTY(is_fresh_at(e, now) || (e->has && e->stored_ms >= asked));
		check_answer(m, e);
		m->fresh++;
		break;
	case CACHE_STALE:
		PROPERTY(is_stale_at(m, e, now) && (patient || may_be_failed));
		check_answer(m, e);
		m->stale++;
		break;
	case CACHE_FAILED:
		PROPERTY(may_be_failed && !(m->has_room && is_fresh_at(e, now)));
		m->failed++;
		break;
	case CACHE_MISS:
		/* Who makes room counts whole seconds, so it may go that much early. */
		PROPERTY(!m->has_room ||
			 !(is_fresh_at(e, now + 1000) ||
			   (patient && is_stale_at(m, e, now) && is_stale_at(m, e, now + 1000))));
		break;
	}
}

void cache_model_step(struct cache_model *m)
{
	unsigned n = choose(m, CACHE_MODEL_KEYS);
	unsigned what = choose(m, 100);

	m->now_ms += choose(m, 50);
	if (what < 30)
		put_any(m, n);
	else if (what < 40)
		put_failure(m, n);
	else
		find(m, n);
	cache_tick(&m->cache, m->now_ms);
	if (choose(m, 80) == 0)
		m->now_ms += choose(m, choose(m, 20) ? 60000 : 90000000);
	if (choose(m, 20000) == 0) {
		cache_clear(&m->cache, m->now_ms);
		memset(m->keys, 0, sizeof m->keys);
	}
}

void cache_model_fill(struct cache_model *m, unsigned count)
{
	for (unsigned n = 0; n < count; n++) {
		m->keys[n] = (struct model_entry){
			.has = true,
			.stored_ms = m->now_ms,
			.answer = { .size = CACHE_MODEL_FILL_SIZE, .ttl_s = 3600 },
		};
		put(m, n);
	}
}

void cache_model_open(struct cache_model *m, const struct cache_model_setup *setup,
		      const struct choices *choices)
{
	*m = (struct cache_model){ .choices = *choices,
				   .has_room = setup->has_room,
				   .now_ms = setup->start_ms };
	cache_init(&m->cache, guarded_block_new(&m->block, setup->size), setup->size,
		   setup->stale_s, m->now_ms);
}

void cache_model_close(struct cache_model *m)
{
	guarded_block_free(&m->block);
}
