/*
 * A query that is kept until its answer is there is the same query afterwards.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dns/rrtype.h"
#include "serve/query.h"
#include "support/guard.h"
#include "support/random_names.h"

enum { QUERY_MAX = 1000, COOKIES = 27, FIXED_FLAGS = FLAG_QR | OPCODE_MASK };

static uint8_t wire[QUERY_MAX];

/* What a query says; the octets of a cookie count up from 1. */
struct saying {
	uint16_t id, flags;
	struct name name;
	uint16_t type, class;
	bool edns, dnssec_ok, nsid;
	uint16_t udp_size;
	uint8_t cookie_size; /* 0: none */
	bool others;         /* options and records that mean nothing to us */
};

static void write_option(struct writer *w, uint16_t code, size_t size)
{
	put_u16(w, code);
	put_u16(w, (uint16_t)size);
	for (size_t i = 0; i < size; i++)
		put_u8(w, (uint8_t)(i + 1));
}

static void write_opt(struct writer *w, const struct saying *s)
{
	put_u8(w, 0);
	put_u16(w, TYPE_OPT);
	put_u16(w, s->udp_size);
	put_u32(w, s->dnssec_ok ? EDNS_DO : 0);
	uint8_t *rdlength = writer_room(w, 2);
	if (s->others)
		write_option(w, OPTION_CLIENT_SUBNET, 7);
	if (s->nsid)
		write_option(w, OPTION_NSID, 0);
	if (s->cookie_size)
		write_option(w, OPTION_COOKIE, s->cookie_size);
	if (s->others) {
		write_option(w, OPTION_COOKIE, 8); /* only the first counts: RFC 7873 §5.2 */
		write_option(w, 12, 100);          /* padding, RFC 7830 */
	}
	store_u16(rdlength, (uint16_t)(w->pos - rdlength - 2));
}

/* The query as a client writes it; its size. */
static size_t write_query(const struct saying *s)
{
	struct writer w = writer_init(wire, sizeof wire);

	put_u16(&w, s->id);
	put_u16(&w, s->flags);
	put_u16(&w, 1);
	put_u16(&w, 0);
	put_u16(&w, 0);
	put_u16(&w, (uint16_t)(s->edns + s->others));
	put_name(&w, s->name);
	put_u16(&w, s->type);
	put_u16(&w, s->class);
	if (s->others) { /* an A record of the root, whatever for */
		put_octets(&w, "\0\0\1\0\1\0\0\0\0\0\4abcd", 15);
	}
	if (s->edns)
		write_opt(&w, s);
	assert_false(w.full);
	return writer_size(&w);
}

static void assert_same(const struct query *a, const struct query *b)
{
	assert_int_equal(a->header.id, b->header.id);
	assert_int_equal(a->header.flags, b->header.flags);
	assert_int_equal(a->question.name.size, b->question.name.size);
	/* Octet for octet: who asked in capitals is answered in capitals. */
	assert_memory_equal(a->question.name.octets, b->question.name.octets,
			    a->question.name.size);
	assert_int_equal(a->question.type, b->question.type);
	assert_int_equal(a->question.class, b->question.class);
	assert_int_equal(a->edns.present, b->edns.present);
	assert_int_equal(a->edns.dnssec_ok, b->edns.dnssec_ok);
	assert_int_equal(a->edns.nsid, b->edns.nsid);
	assert_int_equal(a->edns.version, b->edns.version);
	assert_int_equal(a->edns.udp_size, b->edns.udp_size);
	assert_int_equal(!a->edns.cookie.octets, !b->edns.cookie.octets);
	assert_int_equal(a->edns.cookie.size, b->edns.cookie.size);
	if (a->edns.cookie.octets)
		assert_memory_equal(a->edns.cookie.octets, b->edns.cookie.octets,
				    a->edns.cookie.size);
	assert_int_equal(a->tsig.present, b->tsig.present);
	assert_int_equal(a->rcode, b->rcode);
	assert_int_equal(a->ede, b->ede);
}

/* Parses, packs, parses again and packs again; the packed octets lie in `packed`, their size. */
static size_t go_round(const struct saying *s, uint8_t packed[QUERY_PACKED_MAX])
{
	uint8_t again[QUERY_PACKED_MAX];
	struct query before, after;
	size_t size = write_query(s);

	assert_int_equal(query_parse(&before, wire, size, VIA_UDP), VERDICT_ANSWER);
	memset(packed, 0xa5, QUERY_PACKED_MAX);
	size_t n = query_pack(&before, packed);
	assert_true(n <= QUERY_PACKED_MAX);
	for (size_t i = n; i < QUERY_PACKED_MAX; i++)
		assert_int_equal(packed[i], 0xa5);
	const uint8_t *copy = guard_copy(packed, n);
	assert_int_equal(query_parse(&after, copy, n, VIA_UDP), VERDICT_ANSWER);
	assert_same(&before, &after);
	assert_int_equal(query_pack(&after, again), n);
	assert_memory_equal(again, packed, n);
	guard_release();
	return n;
}

static uint8_t cookie_size(unsigned n)
{
	static const uint8_t first[] = { 0, COOKIE_CLIENT_SIZE };

	return n < 2 ? first[n] : (uint8_t)(16 + n - 2); /* RFC 7873 §4: 16 to 40 */
}

static void every_flag_comes_back(void **state)
{
	uint8_t packed[QUERY_PACKED_MAX];
	struct saying s = { .id = 0xfedc, .name = name_root, .type = TYPE_NS, .class = CLASS_IN };

	(void)state;
	for (unsigned flags = 0; flags <= UINT16_MAX; flags++) {
		if (flags & FIXED_FLAGS)
			continue;
		s.flags = (uint16_t)flags;
		go_round(&s, packed);
	}
}

/* EDNS or none, DO, NSID, sizes, cookies, and what else may stand there. */
static void every_combination_of_edns_comes_back(void **state)
{
	static const uint16_t sizes[] = { 0, 512, 1232, 4096, 65535 };
	static const uint8_t name[] = "\3wWw\7ExAmPlE";
	uint8_t packed[QUERY_PACKED_MAX];

	(void)state;
	for (unsigned i = 0; i < 16 * 5 * COOKIES; i++) {
		const struct saying s = {
			.id = (uint16_t)(i * 7919),
			.flags = FLAG_RD | FLAG_CD,
			.name = { name, sizeof name },
			.type = (uint16_t)(i % 2 ? TYPE_A : TYPE_ANY),
			.class = (uint16_t)(i % 3 ? CLASS_IN : CLASS_CH),
			.edns = i & 1,
			.dnssec_ok = i & 2,
			.nsid = i & 4,
			.others = i & 8,
			.udp_size = sizes[i / 16 % 5],
			.cookie_size = cookie_size(i / 80),
		};
		size_t n = go_round(&s, packed), expected = HEADER_SIZE + sizeof name + 4;

		/* Nothing but what means something is kept. */
		if (s.edns)
			expected += EDNS_FIXED_SIZE + (s.nsid ? 4 : 0);
		if (s.edns && s.cookie_size)
			expected += 4u + s.cookie_size;
		else if (s.edns && s.others)
			expected += 4 + COOKIE_CLIENT_SIZE;
		assert_int_equal(n, expected);
	}
}

static void the_longest_query_fits_to_the_octet(void **state)
{
	uint8_t packed[QUERY_PACKED_MAX], name[NAME_MAX_SIZE] = { 0 };

	(void)state;
	for (unsigned i = 0; i < NAME_MAX_LABELS; i++)
		memcpy(name + 2 * i, "\1A", 2);
	const struct saying s = { .name = { name, sizeof name },
				  .type = TYPE_AAAA,
				  .class = CLASS_IN,
				  .edns = true,
				  .nsid = true,
				  .dnssec_ok = true,
				  .cookie_size = 40,
				  .others = true };
	assert_int_equal(go_round(&s, packed), QUERY_PACKED_MAX);
}

static void random_queries_come_back(void **state)
{
	struct random_source r = { 7873 };
	uint8_t packed[QUERY_PACKED_MAX];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct name_buf name;

		random_name(&r, name_root, 1 + random_below(&r, 40), &name);
		const struct saying s = {
			.id = (uint16_t)random_below(&r, 65536),
			.flags = (uint16_t)(random_below(&r, 65536) & ~(uint32_t)FIXED_FLAGS),
			.name = name_view(&name),
			.type = (uint16_t)(256 + random_below(&r, 65536 - 256)),
			.class = CLASS_IN,
			.edns = random_below(&r, 2),
			.dnssec_ok = random_below(&r, 2),
			.nsid = random_below(&r, 2),
			.others = random_below(&r, 2),
			.udp_size = (uint16_t)random_below(&r, 65536),
			.cookie_size = cookie_size(random_below(&r, COOKIES)),
		};
		go_round(&s, packed);
	}
}

/* Half a query is none; the octets end at a page that nobody may read. */
static void no_beginning_of_a_packed_query_is_a_query(void **state)
{
	static const uint8_t name[] = "\3www\7example";
	uint8_t packed[QUERY_PACKED_MAX];
	struct query q;

	(void)state;
	for (unsigned i = 0; i < 4 * COOKIES; i++) {
		const struct saying s = {
			.name = { name, sizeof name },
			.type = TYPE_A,
			.class = CLASS_IN,
			.edns = i & 1,
			.nsid = i & 2,
			.udp_size = 1232,
			.cookie_size = cookie_size(i / 4),
		};
		size_t size = go_round(&s, packed);

		for (size_t n = 0; n < size; n++) {
			enum verdict verdict = query_parse(&q, guard_copy(packed, n), n, VIA_UDP);

			assert_int_equal(verdict, n < HEADER_SIZE ? VERDICT_DROP : VERDICT_HEADER);
			assert_true(n < HEADER_SIZE || q.rcode == RCODE_FORMERR);
			guard_release();
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_flag_comes_back),
		cmocka_unit_test(every_combination_of_edns_comes_back),
		cmocka_unit_test(the_longest_query_fits_to_the_octet),
		cmocka_unit_test(random_queries_come_back),
		cmocka_unit_test(no_beginning_of_a_packed_query_is_a_query),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
