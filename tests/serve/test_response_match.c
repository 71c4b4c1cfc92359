/*
 * What is taken for the response to a question.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "response_world.h"
#include "support/random_names.h"

enum { ROUNDS = 10000 };

/* A question of a random name, and a good response to it in `wire`. */
static struct question good_response(struct random_source *r, uint16_t id)
{
	struct name_buf origin;

	random_name(r, name_of("example.", &origin), 4, &qname);
	const struct question q = { name_view(&qname), (uint16_t)(1 + random_below(r, 60)),
				    CLASS_IN };
	message_init(&m, wire, sizeof wire);
	put_question(&m, &q);
	uint8_t *rdlength = begin_record(&m, q.name, TYPE_A, CLASS_IN, 60);
	put_u32(&m.w, random_below(r, UINT32_MAX));
	end_record(&m, rdlength, SECTION_ANSWER);
	message_finish(&m, id, FLAG_QR);
	return q;
}

static size_t name_end(void)
{
	return HEADER_SIZE + (size_t)qname.size;
}

/* A random octet of a label, not a length. */
static uint8_t *label_octet(struct random_source *r)
{
	for (;;) {
		uint8_t *at = wire + HEADER_SIZE, *label = at;
		uint32_t n = random_below(r, qname.size - 1u);

		while ((uint32_t)(label - at) + *label < n)
			label += *label + 1;
		if (at + n != label && *label)
			return at + n;
	}
}

static void other_id(struct random_source *r)
{
	store_u16(wire, (uint16_t)(ID ^ (1 + random_below(r, 65535))));
}

static void no_response(struct random_source *r)
{
	(void)r;
	wire[2] &= 0x7f;
}

static void other_opcode(struct random_source *r)
{
	wire[2] ^= (uint8_t)((1 + random_below(r, 15)) << 3);
}

static void no_question_and_no_error(struct random_source *r)
{
	(void)r;
	store_u16(wire + 4, 0);
}

static void many_questions(struct random_source *r)
{
	store_u16(wire + 4, (uint16_t)(2 + random_below(r, 65534)));
}

static void no_question_but_an_error(struct random_source *r)
{
	store_u16(wire + 4, 0);
	wire[3] = (uint8_t)(wire[3] | (1 + random_below(r, 15)));
}

static void other_letters(struct random_source *r)
{
	for (int i = 0, n = 1 + (int)random_below(r, 3); i < n;) {
		uint8_t *at = label_octet(r), folded = *at | 0x20;

		if (folded < 'a' || folded > 'z')
			continue;
		*at ^= 0x20;
		i++;
		/* Twice the same letter would be none. */
		if (memcmp(wire + HEADER_SIZE, qname.octets, qname.size) == 0)
			i = 0;
	}
}

static void other_octet(struct random_source *r)
{
	uint8_t *at = label_octet(r), was = *at;

	do
		*at = (uint8_t)random_below(r, 256);
	while (octet_folded[*at] == octet_folded[was]);
}

/* As long as it was, but its labels end elsewhere. */
static void other_labels(struct random_source *r)
{
	(void)r;
	wire[HEADER_SIZE]++;
}

static void name_ends_early(struct random_source *r)
{
	(void)r;
	wire[name_end() - 2 - 7] = 0;
}

static void name_by_pointer(struct random_source *r)
{
	size_t at = message_size(&m); /* of a copy at the end */

	(void)r;
	put_name(&m.w, name_view(&qname));
	store_u16(wire + HEADER_SIZE, (uint16_t)(0xc000 | at));
	memmove(wire + HEADER_SIZE + 2, wire + name_end(), 4);
}

static void other_type(struct random_source *r)
{
	wire[name_end() + random_below(r, 2)] ^= (uint8_t)(1 + random_below(r, 255));
}

static void other_class(struct random_source *r)
{
	wire[name_end() + 2 + random_below(r, 2)] ^= (uint8_t)(1 + random_below(r, 255));
}

static void cut_in_header_or_question(struct random_source *r)
{
	m.w.pos = wire + random_below(r, (uint32_t)name_end() + 4);
}

static const struct mutation {
	const char *name;
	void (*apply)(struct random_source *r);
	enum match expect;
} mutations[] = {
	{ "another ID", other_id, MATCH_NOT },
	{ "a query", no_response, MATCH_NOT },
	{ "another OPCODE", other_opcode, MATCH_NOT },
	{ "no question and no error", no_question_and_no_error, MATCH_NOT },
	{ "more than one question (RFC 9619)", many_questions, MATCH_NOT },
	{ "no question but an error", no_question_but_an_error, MATCH_BARE },
	{ "other letters", other_letters, MATCH_CASE },
	{ "another octet in the name", other_octet, MATCH_NOT },
	{ "labels that end elsewhere", other_labels, MATCH_NOT },
	{ "a name that ends early", name_ends_early, MATCH_NOT },
	{ "a name by a pointer", name_by_pointer, MATCH_NOT },
	{ "another type", other_type, MATCH_NOT },
	{ "another class", other_class, MATCH_NOT },
	{ "cut in header or question", cut_in_header_or_question, MATCH_NOT },
};

/* RFC 5452 §9.1: all that was sent must come back. */
static void a_response_matches_as_a_whole_or_not_at_all(void **state)
{
	struct random_source r = { 5452 };

	(void)state;
	for (size_t i = 0; i < sizeof mutations / sizeof mutations[0]; i++)
		for (int round = 0; round < ROUNDS; round++) {
			struct question q = good_response(&r, ID);
			struct slice good = { wire, message_size(&m) };

			assert_int_equal(response_match(&q, ID, good), MATCH_YES);
			mutations[i].apply(&r);
			const uint8_t *bad = guard_copy(wire, message_size(&m));
			enum match got =
				response_match(&q, ID, (struct slice){ bad, message_size(&m) });
			if (got != mutations[i].expect)
				fail_msg("%s: %d in round %d", mutations[i].name, got, round);
			guard_release();
		}
}

/* What was cut behind its question matches, but is no answer. */
static void a_response_that_was_cut_is_no_answer(void **state)
{
	struct random_source r = { 3 };

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct question q = good_response(&r, ID);
		const struct response_question rq = { q.name, TYPE_A, 0, ROUTE_ROOT, false };

		for (size_t n = 0; n <= message_size(&m); n++) {
			struct slice cut = { guard_copy(wire, n), n };
			enum verdict_on_response expected =
				n < message_size(&m) ? RESPONSE_MALFORMED : RESPONSE_ANSWER;
			assert_int_equal(response_take(&room, &rq, cut, &taken), expected);
			guard_release();
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_response_matches_as_a_whole_or_not_at_all),
		CASE(a_response_that_was_cut_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
