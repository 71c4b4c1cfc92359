/*
 * What is taken for the response to a question, and what is kept of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "dns/rdata.h"
#include "serve/response.h"
#include "support/guard.h"
#include "support/random_names.h"
#include "support/words.h"
#include "support/world.h"

enum { ID = 0x1234, ROUNDS = 10000, ROUTE_ROOT = 0, ROUTE_CORP = 1 };

static struct routes routes;
static struct world w;
static struct response_room room;
static struct response_taken taken;

static uint8_t wire[MESSAGE_MAX_SIZE];
static struct message m;
static struct name_buf qname;
static struct response_question asked;

static struct name name_of(const char *text, struct name_buf *out)
{
	assert_null(name_parse_absolute(text, out));
	return name_view(out);
}

static int setup(void **state)
{
	struct name_buf corp;

	(void)state;
	assert_true(routes_init(&routes, &world_key));
	assert_int_equal(routes_add(&routes, name_root), ROUTE_ROOT);
	assert_int_equal(routes_add(&routes, name_of("corp.example.", &corp)), ROUTE_CORP);
	room.routes = &routes;
	world_init(&w);
	world_zone(&w, "ours.example.", "@ 60 SOA ns h 1 2 3 4 60\n@ 60 NS ns.example.\n");
	room.zones = &w.catalog;
	room.trust_ad = false;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	routes_free(&routes);
	world_free(&w);
	guard_release();
	return 0;
}

/* ------ responses as text ------ */

static void begin(const char *name, uint16_t type)
{
	asked = (struct response_question){ name_of(name, &qname), type, 0, ROUTE_ROOT, false };
	message_init(&m, wire, sizeof wire);
	put_question(&m, &(struct question){ asked.name, type, CLASS_IN });
}

/* A record whose owner is given as octets: a name, or the end of one and a pointer. */
static void add_raw(struct slice owner, uint16_t type, enum section section, uint32_t ttl,
		    struct slice rdata)
{
	put_octets(&m.w, owner.octets, owner.size);
	put_u16(&m.w, type);
	put_u16(&m.w, CLASS_IN);
	put_u32(&m.w, ttl);
	put_u16(&m.w, (uint16_t)rdata.size);
	put_octets(&m.w, rdata.octets, rdata.size);
	m.count[section]++;
}

static enum section section_of(const char *text)
{
	if (strcmp(text, "an") == 0)
		return SECTION_ANSWER;
	return strcmp(text, "ns") == 0 ? SECTION_AUTHORITY : SECTION_ADDITIONAL;
}

/* "SECTION OWNER TTL TYPE RDATA": an, ns or ar first, as print_reply() prints it. */
static void add(const char *line)
{
	uint8_t rdata[1000];
	struct writer out = writer_init(rdata, sizeof rdata);
	char section[3], owner[300], type_text[20];
	struct name_buf name;
	struct words words;
	unsigned long ttl;
	uint16_t type;
	int end;

	assert_int_equal(
		sscanf(line, "%2s %299s %lu %19s %n", section, owner, &ttl, type_text, &end), 4);
	assert_true(rrtype_parse((const uint8_t *)type_text, strlen(type_text), &type));
	assert_true(words_of(line + end, &words));
	if (!rdata_parse(rrtype_find(type), &words, name_root, &out))
		fail_msg("%s: %s", line, words.problem);
	name_of(owner, &name);
	add_raw((struct slice){ name.octets, name.size }, type, section_of(section), (uint32_t)ttl,
		(struct slice){ rdata, writer_size(&out) });
}

/* Lines one after the other, each ended by '\n'. */
static void add_all(const char *lines)
{
	for (char line[400]; *lines; lines += strlen(line) + 1) {
		size_t n = strcspn(lines, "\n");

		assert_true(n < sizeof line && lines[n] == '\n');
		memcpy(line, lines, n);
		line[n] = '\0';
		add(line);
	}
}

static enum verdict_on_response take(unsigned flags)
{
	message_finish(&m, ID, (uint16_t)(FLAG_QR | flags));
	assert_false(m.w.full);
	const uint8_t *copy = guard_copy(wire, message_size(&m));
	enum verdict_on_response verdict =
		response_take(&room, &asked, (struct slice){ copy, message_size(&m) }, &taken);
	guard_release();
	return verdict;
}

/* The verdict, or the answer as a message that has just the question, and how long it is good. */
static const char *print_taken(enum verdict_on_response verdict)
{
	static const char *const verdicts[] = { [RESPONSE_TRUNCATED] = "TRUNCATED",
						[RESPONSE_NO_EDNS] = "NO EDNS",
						[RESPONSE_FAILED] = "FAILED",
						[RESPONSE_MALFORMED] = "MALFORMED" };
	static char text[PRINT_TEXT];
	static uint8_t octets[MESSAGE_MAX_SIZE];
	struct message out;

	if (verdict != RESPONSE_ANSWER)
		return verdicts[verdict];
	message_init(&out, octets, sizeof octets);
	put_question(&out, &(struct question){ asked.name, asked.type, CLASS_IN });
	put_octets(&out.w, taken.answer.octets, taken.answer.size);
	out.count[SECTION_ANSWER] = taken.answer.answers;
	out.count[SECTION_AUTHORITY] = taken.answer.authorities;
	message_finish(&out, ID, FLAG_QR | taken.answer.rcode);
	const struct printed *p = print_reply(octets, message_size(&out));
	if (p->problem)
		fail_msg("not a message: %s", p->problem);
	struct text t = text_init(text, sizeof text);
	text_put(&t, p->text);
	text_format(&t, "ttl %u", taken.answer.ttl_s);
	if (taken.answer.target) {
		struct reader r = reader_init(octets, message_size(&out));
		struct name_buf target;

		r.pos += taken.answer.target;
		assert_true(get_name(&r, &target));
		text_put(&t, " target ");
		name_print(name_view(&target), &t);
	}
	return text_str(&t);
}

/* ------ is it the response? ------ */

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

/* ------ what is kept ------ */

#define SOA "SOA ns.example. h.example. 1 2 3 4 "

static const struct kept_case {
	const char *rule, *name;
	uint16_t type;
	unsigned flags;
	const char *response, *expect;
} kept_cases[] = {
	{ "what was asked for, and nothing else", "www.example.", TYPE_A, 0,
	  "an bank.example. 60 A 192.0.2.66\nan www.example. 60 A 192.0.2.1\n"
	  "an www.example. 60 AAAA 2001:db8::1\nns example. 60 NS ns.evil.\n"
	  "ns www.example. 60 A 192.0.2.66\nar www.example. 60 A 192.0.2.66\n",
	  "NOERROR\nan www.example. 60 A 192.0.2.1\nttl 60" },
	{ "aliases first and in order", "a.example.", TYPE_A, 0,
	  "an c.example. 9 A 192.0.2.1\nan b.example. 8 CNAME c.example.\n"
	  "an x.example. 1 A 192.0.2.2\nan a.example. 70 CNAME b.example.\n",
	  "NOERROR\nan a.example. 70 CNAME b.example.\nan b.example. 8 CNAME c.example.\n"
	  "an c.example. 9 A 192.0.2.1\nttl 8" },
	{ "an RRset has one TTL, the least (RFC 2181 section 5.2)", "a.example.", TYPE_A, 0,
	  "an a.example. 90 A 192.0.2.1\nan a.example. 7 A 192.0.2.2\n",
	  "NOERROR\nan a.example. 7 A 192.0.2.1\nan a.example. 7 A 192.0.2.2\nttl 7" },
	{ "a TTL is a day at most", "a.example.", TYPE_A, 0, "an a.example. 86401 A 192.0.2.1\n",
	  "NOERROR\nan a.example. 86400 A 192.0.2.1\nttl 86400" },
	{ "and 0 when its first bit is set (RFC 2181 section 8)", "a.example.", TYPE_A, 0,
	  "an a.example. 2147483648 A 192.0.2.1\n", "NOERROR\nan a.example. 0 A 192.0.2.1\nttl 0" },
	{ "one alias of a name (RFC 2181 section 10.1)", "a.example.", TYPE_A, 0,
	  "an a.example. 60 CNAME b.example.\nan a.example. 60 CNAME c.example.\n"
	  "an b.example. 60 A 192.0.2.1\nan c.example. 60 A 192.0.2.66\n",
	  "NOERROR\nan a.example. 60 CNAME b.example.\nan b.example. 60 A 192.0.2.1\nttl 60" },
	{ "an alias that was not followed leads on", "a.example.", TYPE_A, 0,
	  "an a.example. 60 CNAME b.example.\nan c.example. 60 A 192.0.2.66\n",
	  "NOERROR\nan a.example. 60 CNAME b.example.\nttl 60 target b.example." },
	{ "of what others are asked for this server is not heard", "a.example.", TYPE_A, 0,
	  "an a.example. 60 CNAME b.corp.example.\nan b.corp.example. 60 A 192.0.2.66\n",
	  "NOERROR\nan a.example. 60 CNAME b.corp.example.\nttl 60 target b.corp.example." },
	{ "nor of names that never leave", "a.example.", TYPE_A, 0,
	  "an a.example. 60 CNAME b.test.\nan b.test. 60 A 192.0.2.66\n",
	  "NOERROR\nan a.example. 60 CNAME b.test.\nttl 60 target b.test." },
	{ "nor of those in a zone of ours", "a.example.", TYPE_A, 0,
	  "an a.example. 60 CNAME b.ours.example.\nan b.ours.example. 60 A 192.0.2.66\n",
	  "NOERROR\nan a.example. 60 CNAME b.ours.example.\nttl 60 target b.ours.example." },
	{ "who asks for an alias gets it alone", "a.example.", TYPE_CNAME, 0,
	  "an a.example. 60 CNAME b.example.\nan b.example. 60 A 192.0.2.1\n",
	  "NOERROR\nan a.example. 60 CNAME b.example.\nttl 60" },
	{ "a circle is SERVFAIL for a minute", "a.example.", TYPE_A, 0,
	  "an a.example. 600 CNAME b.example.\nan b.example. 600 CNAME a.example.\n",
	  "SERVFAIL\nan a.example. 600 CNAME b.example.\nan b.example. 600 CNAME a.example.\n"
	  "ttl 60" },
	{ "a DNAME makes the CNAME, whatever it is said to be (RFC 6672 section 3.4)",
	  "a.b.example.", TYPE_A, 0,
	  "an a.b.example. 60 CNAME a.evil.\nan b.example. 60 DNAME c.example.\n"
	  "an a.c.example. 60 A 192.0.2.1\nan a.evil. 60 A 192.0.2.66\n",
	  "NOERROR\nan b.example. 60 DNAME c.example.\nan a.b.example. 60 CNAME a.c.example.\n"
	  "an a.c.example. 60 A 192.0.2.1\nttl 60" },
	{ "a DNAME is for names below it only", "b.example.", TYPE_A, 0,
	  "an b.example. 60 DNAME c.example.\nan c.example. 60 A 192.0.2.1\n"
	  "ns example. 60 " SOA "60\n",
	  "NOERROR\nns example. 60 " SOA "60\nttl 60" },
	{ "a \"no\" is good for as long as its SOA says (RFC 2308 section 5)", "no.example.",
	  TYPE_A, RCODE_NXDOMAIN, "ns example. 900 " SOA "300\nns example. 60 NS ns.example.\n",
	  "NXDOMAIN\nns example. 300 " SOA "300\nttl 300" },
	{ "its TTL may be less", "no.example.", TYPE_A, RCODE_NXDOMAIN,
	  "ns example. 200 " SOA "300\n", "NXDOMAIN\nns example. 200 " SOA "300\nttl 200" },
	{ "an hour at most", "no.example.", TYPE_A, RCODE_NXDOMAIN,
	  "ns example. 86400 " SOA "86400\n", "NXDOMAIN\nns example. 3600 " SOA "86400\nttl 3600" },
	{ "an hour for the alias to it, too", "a.example.", TYPE_A, RCODE_NXDOMAIN,
	  "an a.example. 86400 CNAME no.example.\nns example. 86400 " SOA "86400\n",
	  "NXDOMAIN\nan a.example. 86400 CNAME no.example.\nns example. 3600 " SOA
	  "86400\nttl 3600" },
	{ "a SOA of another zone says nothing", "no.example.", TYPE_A, RCODE_NXDOMAIN,
	  "ns other. 900 " SOA "900\nns b.no.example. 900 " SOA "900\n", "NXDOMAIN\nttl 60" },
	{ "nor does one in the additional section", "no.example.", TYPE_A, RCODE_NXDOMAIN,
	  "ar example. 900 " SOA "900\n", "NXDOMAIN\nttl 60" },
	{ "without a SOA it is a minute", "no.example.", TYPE_A, 0, "", "NOERROR\nttl 60" },
	{ "a referral is no answer", "a.example.", TYPE_A, 0, "ns example. 60 NS ns.example.\n",
	  "FAILED" },
	{ "data for a name that does not exist is broken", "a.example.", TYPE_A, RCODE_NXDOMAIN,
	  "an a.example. 60 A 192.0.2.1\n", "MALFORMED" },
	{ "TC", "a.example.", TYPE_A, FLAG_TC, "an a.example. 60 A 192.0.2.1\n", "TRUNCATED" },
	{ "SERVFAIL", "a.example.", TYPE_A, RCODE_SERVFAIL, "an a.example. 60 A 192.0.2.1\n",
	  "FAILED" },
	{ "REFUSED", "a.example.", TYPE_A, RCODE_REFUSED, "", "FAILED" },
	{ "FORMERR", "a.example.", TYPE_A, RCODE_FORMERR, "", "NO EDNS" },
	{ "NOTIMP", "a.example.", TYPE_A, RCODE_NOTIMP, "", "NO EDNS" },
	{ "a private address is not taken", "a.example.", TYPE_A, 0,
	  "an a.example. 600 A 192.168.0.1\nan a.example. 600 A 192.0.2.1\n", "NOERROR\nttl 60" },
};

static void only_what_belongs_to_the_question_is_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof kept_cases / sizeof kept_cases[0]; i++) {
		const struct kept_case *k = &kept_cases[i];

		begin(k->name, k->type);
		add_all(k->response);
		const char *got = print_taken(take(k->flags));
		if (strcmp(got, k->expect) != 0)
			fail_msg("%s:\n%s\nnot:\n%s", k->rule, got, k->expect);
	}
}

/* Records of this section that have nothing to do with any of the cases. */
static void add_noise(struct random_source *r, const char *section)
{
	static const char *const data[] = { "A 192.0.2.66",       "AAAA 2001:db8::66",
					    "CNAME www.example.", "DNAME example.",
					    "TXT noise",          SOA "1",
					    "A 10.0.0.1",         "PTR a.example." };
	char line[200];

	for (unsigned n = random_below(r, 20); n > 0; n--) {
		snprintf(line, sizeof line, "%.2s n%u.noise.%s %u %s", section,
			 random_below(r, 1000), random_below(r, 2) ? "example." : "",
			 1 + random_below(r, 5), data[random_below(r, 8)]);
		add(line);
	}
}

static void what_belongs_to_others_changes_nothing(void **state)
{
	struct random_source r = { 99 };

	(void)state;
	for (size_t i = 0; i < 200 * sizeof kept_cases / sizeof kept_cases[0]; i++) {
		const struct kept_case *k = &kept_cases[i / 200];
		char line[400];

		begin(k->name, k->type);
		for (const char *at = k->response; *at; at += strlen(line) + 1) {
			snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
			add_noise(&r, at);
			add(line);
		}
		add_noise(&r, "ar");
		const char *got = print_taken(take(k->flags));
		if (strcmp(got, k->expect) != 0)
			fail_msg("%s:\n%s\nnot:\n%s", k->rule, got, k->expect);
	}
}

#define RRSIG(type) "RRSIG " type " 8 2 60 20300101000000 20200101000000 1 example. AAAA"

/* RFC 4035 §3.2.1: who did not ask for signatures gets none. */
static void signatures_are_kept_for_those_who_asked(void **state)
{
	static const char response[] =
		"an a.example. 60 A 192.0.2.1\n"
		"an a.example. 60 " RRSIG(
			"A") "\n"
			     "an a.example. 60 " RRSIG(
				     "MX") "\n"
					   "ns b.example. 60 NSEC d.example. A\n"
					   "ns b.example. 60 " RRSIG(
						   "NSEC") "\n"
							   "ns example. 60 NS ns.example.\n"
							   "ns example. 60 " RRSIG("NS") "\n";
	(void)state;
	for (unsigned dnssec = 0; dnssec < 2; dnssec++)
		for (unsigned ad = 0; ad < 2; ad++) {
			begin("a.example.", TYPE_A);
			add_all(response);
			asked.flags = dnssec ? CACHE_DNSSEC_OK : 0;
			room.trust_ad = ad;
			assert_int_equal(take(FLAG_AD), RESPONSE_ANSWER);
			assert_int_equal(taken.answer.answers, 1 + dnssec);
			assert_int_equal(taken.answer.authorities, 2 * dnssec);
			assert_int_equal(taken.answer.authentic, ad); /* RFC 4035 §4.9.3 */
		}
}

static void private_addresses_are_taken_where_they_may_be(void **state)
{
	(void)state;
	for (unsigned ok = 0; ok < 2; ok++) {
		begin("a.example.", TYPE_A);
		add("an a.example. 600 A 192.168.0.1");
		asked.private_ok = ok;
		assert_int_equal(take(0), RESPONSE_ANSWER);
		assert_int_equal(taken.blocked, !ok);
		assert_int_equal(taken.answer.is_private, ok);
		assert_int_equal(taken.answer.ede, ok ? EDE_NONE : EDE_BLOCKED);
		assert_int_equal(taken.answer.answers, ok);
		assert_int_equal(taken.answer.ttl_s, ok ? 600 : RESPONSE_BLOCKED_S);
	}
}

static void what_is_very_large_is_only_passed_on(void **state)
{
	static const struct {
		unsigned records, octets;
		bool is_kept;
	} cases[] = { { RESPONSE_MAX_RRSET, 4, true },
		      { RESPONSE_MAX_RRSET + 1, 4, false },
		      { 32, 256 - 12, true }, /* 8192 octets exactly */
		      { 32, 256 - 11, false } };
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin("a.example.", 65280); /* a type that nobody knows */
		for (unsigned n = 0; n < cases[i].records; n++) {
			uint8_t *rdlength = begin_record(&m, asked.name, 65280, CLASS_IN, 60);

			for (unsigned k = 0; k < cases[i].octets; k++)
				put_u8(&m.w, (uint8_t)n);
			end_record(&m, rdlength, SECTION_ANSWER);
		}
		assert_int_equal(take(0), RESPONSE_ANSWER);
		assert_int_equal(taken.answer.answers, cases[i].records);
		assert_int_equal(taken.answer.ttl_s, cases[i].is_kept ? 60 : 0);
	}
}

/* So many links are followed: RESPONSE_MAX_LINKS. */
static void a_chain_of_aliases_has_an_end(void **state)
{
	char line[100];

	(void)state;
	for (unsigned links = 1; links < 20; links++) {
		begin("a0.example.", TYPE_A);
		for (unsigned i = 0; i < links; i++) {
			snprintf(line, sizeof line, "an a%u.example. 600 CNAME a%u.example.", i,
				 i + 1);
			add(line);
		}
		snprintf(line, sizeof line, "an a%u.example. 600 A 192.0.2.1", links);
		add(line);
		assert_int_equal(take(0), RESPONSE_ANSWER);
		bool whole = links <= RESPONSE_MAX_LINKS;
		assert_int_equal(taken.answer.rcode, whole ? RCODE_NOERROR : RCODE_SERVFAIL);
		assert_int_equal(taken.answer.answers, whole ? links + 1 : RESPONSE_MAX_LINKS);
		assert_int_equal(taken.answer.ttl_s, whole ? 600 : RESPONSE_LOOP_S);
	}
}

/*
 * A thousand DNAMEs above other names, each with an owner of 249 octets, written
 * as a pointer: the room for names is smaller than all of these together.
 */
static void many_long_names_of_others_do_not_make_an_alias(void **state)
{
	const struct slice root = { name_root.octets, name_root.size };
	uint8_t owner[4 * 62 + 1] = { 0 };

	(void)state;
	begin("a.example.", TYPE_CNAME);
	for (uint8_t *label = owner; label < owner + 4 * 62; label += 62) {
		memset(label, 'x', 62);
		label[0] = 61;
	}
	/* The first is written out, the others point to it. */
	uint16_t at = (uint16_t)(0xc000 | message_size(&m));
	const uint8_t pointer[2] = { (uint8_t)(at >> 8), (uint8_t)at };
	add_raw((struct slice){ owner, sizeof owner }, TYPE_DNAME, SECTION_ANSWER, 60, root);
	for (int i = 1; i < 1000; i++)
		add_raw((struct slice){ pointer, 2 }, TYPE_DNAME, SECTION_ANSWER, 60, root);
	add("an a.example. 60 CNAME b.example.");
	enum verdict_on_response verdict = take(0);
	if (verdict != RESPONSE_MALFORMED)
		assert_string_equal(print_taken(verdict),
				    "NOERROR\nan a.example. 60 CNAME b.example.\nttl 60");
}

/* ------ what it costs ------ */

#define OCTETS(text) ((struct slice){ (const uint8_t *)(text), sizeof(text) - 1 })
#define QNAME        OCTETS("\xc0\x0c")
#define EXAMPLE      OCTETS("\xc0\x0e")

static void many_addresses(unsigned i)
{
	(void)i;
	add_raw(QNAME, TYPE_A, SECTION_ANSWER, 60, OCTETS("\xc0\0\2\1"));
}

static void many_aliases(unsigned i)
{
	(void)i;
	add_raw(QNAME, TYPE_CNAME, SECTION_ANSWER, 60, QNAME);
}

static void add_numbered(unsigned i, uint16_t type, enum section section)
{
	const uint8_t owner[] = { 2, (uint8_t)('a' + i % 26), (uint8_t)(i / 26), 0xc0, 0x0c };

	add_raw((struct slice){ owner, sizeof owner }, type, section, 60, OCTETS("\0"));
}

static void many_owners(unsigned i)
{
	add_numbered(i, TYPE_TXT, SECTION_ANSWER);
}

static void many_dnames(unsigned i)
{
	add_numbered(i, TYPE_DNAME, SECTION_ANSWER);
}

static void many_dnames_of_one(unsigned i)
{
	(void)i;
	add_raw(EXAMPLE, TYPE_DNAME, SECTION_ANSWER, 60, OCTETS("\0"));
}

static void many_signatures(unsigned i)
{
	(void)i;
	add_raw(QNAME, TYPE_RRSIG, SECTION_ANSWER, 60, OCTETS("\0\1"));
}

static void many_proofs(unsigned i)
{
	add_numbered(i, TYPE_NSEC, SECTION_AUTHORITY);
}

/* Of the processor; the least of many, so that others who are busy do not count. */
static double cost(void (*record)(unsigned i), unsigned records)
{
	double least = 1e9;

	begin("a.example.", TYPE_A);
	asked.flags = CACHE_DNSSEC_OK;
	/* A chain first, so that the records are looked through again and again. */
	for (unsigned i = 0; i < RESPONSE_MAX_LINKS; i++) {
		char line[100];
		snprintf(line, sizeof line, "an %.*s.example. 60 CNAME %.*s.example.", (int)i + 1,
			 "aaaaaaaaa", (int)i + 2, "aaaaaaaaa");
		add(line);
	}
	for (unsigned i = 0; i < records; i++)
		record(i);
	message_finish(&m, ID, FLAG_QR);
	assert_false(m.w.full);
	for (int i = 0; i < 15; i++) {
		struct timespec a, b;

		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
		(void)response_take(&room, &asked, (struct slice){ wire, message_size(&m) },
				    &taken);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
		double took = (double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec);
		least = took < least ? took : least;
	}
	return least;
}

/* Four times the records: four times the work, where sixteen would be its square. */
static void the_cost_grows_with_the_size_and_not_with_its_square(void **state)
{
	static void (*const records[])(unsigned i) = {
		many_addresses,     many_aliases,    many_owners, many_dnames,
		many_dnames_of_one, many_signatures, many_proofs,
	};

	(void)state;
	for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
		double few = cost(records[i], 800), many = cost(records[i], 3200);

		if (many > 8 * few && many > 1e6)
			fail_msg("row %zu: %.0f ns, then %.0f ns", i, few, many);
	}
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_response_matches_as_a_whole_or_not_at_all),
		CASE(a_response_that_was_cut_is_no_answer),
		CASE(only_what_belongs_to_the_question_is_kept),
		CASE(what_belongs_to_others_changes_nothing),
		CASE(signatures_are_kept_for_those_who_asked),
		CASE(private_addresses_are_taken_where_they_may_be),
		CASE(what_is_very_large_is_only_passed_on),
		CASE(a_chain_of_aliases_has_an_end),
		CASE(many_long_names_of_others_do_not_make_an_alias),
		CASE(the_cost_grows_with_the_size_and_not_with_its_square),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
