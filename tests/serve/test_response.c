/*
 * What is kept of the response to a question.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "response_world.h"
#include "support/random_names.h"

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

/* What one name in a thousand records stands for is a quarter of a megabyte. */
static void what_is_too_large_without_compression_is_no_answer(void **state)
{
	uint8_t rdata[4] = { 0, 10, 0xc0, HEADER_SIZE };
	char name[300];

	(void)state;
	snprintf(name, sizeof name, "%060u.%060u.%060u.%060u.", 1, 2, 3, 4);
	begin(name, TYPE_MX);
	for (unsigned i = 0; i < 1000; i++) {
		rdata[0] = (uint8_t)(i >> 8);
		rdata[1] = (uint8_t)i;
		add_raw((struct slice){ rdata + 2, 2 }, TYPE_MX, SECTION_ANSWER, 60,
			(struct slice){ rdata, sizeof rdata });
	}
	assert_int_equal(take(0), RESPONSE_MALFORMED);
}

/* RFC 4035 §3.2.1: the signature over an alias is no second alias. */
static void an_alias_keeps_its_signature(void **state)
{
	(void)state;
	begin("a.example.", TYPE_A);
	add("an a.example. 60 CNAME b.example.");
	add("an a.example. 60 " RRSIG("CNAME"));
	add("an b.example. 60 A 192.0.2.1");
	asked.flags = CACHE_DNSSEC_OK;
	assert_int_equal(take(0), RESPONSE_ANSWER);
	assert_int_equal(taken.answer.answers, 3);
}

/* RFC 6672 §2.4, as RFC 2181 §10.1 for CNAME. */
static void of_two_dnames_of_one_name_the_first_counts(void **state)
{
	(void)state;
	begin("a.d.example.", TYPE_A);
	add("an d.example. 60 DNAME e.example.");
	add("an d.example. 60 DNAME f.example.");
	add("an a.e.example. 60 A 192.0.2.1");
	assert_string_equal(print_taken(take(0)), "NOERROR\nan d.example. 60 DNAME e.example.\n"
						  "an a.d.example. 60 CNAME a.e.example.\n"
						  "an a.e.example. 60 A 192.0.2.1\nttl 60");
}

static void a_circle_that_does_not_go_through_the_question_is_one(void **state)
{
	(void)state;
	begin("a.example.", TYPE_A);
	add("an a.example. 600 CNAME b.example.");
	add("an b.example. 600 CNAME c.example.");
	add("an c.example. 600 CNAME b.example.");
	assert_int_equal(take(0), RESPONSE_ANSWER);
	assert_int_equal(taken.answer.rcode, RCODE_SERVFAIL);
	assert_int_equal(taken.answer.answers, 3);
}

/* The room is used again and again. */
static void nothing_is_left_of_the_response_before(void **state)
{
	(void)state;
	begin("a.example.", TYPE_A);
	add("ns example. 60 NS ns.example.");
	add("ns b.example. 60 NSEC d.example. A");
	assert_int_equal(take(0), RESPONSE_FAILED); /* a referral */
	begin("a.example.", TYPE_A);
	assert_int_equal(take(0), RESPONSE_ANSWER);
	begin("a.example.", TYPE_A);
	add("an a.example. 60 A 192.0.2.1");
	asked.flags = CACHE_DNSSEC_OK;
	assert_int_equal(take(0), RESPONSE_ANSWER);
	assert_int_equal(taken.answer.authorities, 0);
}

/* RFC 2308 §5 is about a "no": an alias that the server did not follow may be kept as it says. */
static void an_alias_that_was_not_followed_is_no_no(void **state)
{
	(void)state;
	begin("a.example.", TYPE_A);
	add("an a.example. 7200 CNAME b.example.");
	assert_string_equal(
		print_taken(take(0)),
		"NOERROR\nan a.example. 7200 CNAME b.example.\nttl 7200 target b.example.");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(only_what_belongs_to_the_question_is_kept),
		CASE(what_belongs_to_others_changes_nothing),
		CASE(signatures_are_kept_for_those_who_asked),
		CASE(private_addresses_are_taken_where_they_may_be),
		CASE(what_is_very_large_is_only_passed_on),
		CASE(what_is_too_large_without_compression_is_no_answer),
		CASE(an_alias_keeps_its_signature),
		CASE(of_two_dnames_of_one_name_the_first_counts),
		CASE(a_circle_that_does_not_go_through_the_question_is_one),
		CASE(nothing_is_left_of_the_response_before),
		CASE(an_alias_that_was_not_followed_is_no_no),
		CASE(a_chain_of_aliases_has_an_end),
		CASE(many_long_names_of_others_do_not_make_an_alias),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
