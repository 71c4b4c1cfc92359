/*
 * What it costs to take a response, however odd its records are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <time.h>

#include "response_world.h"

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

/* All records belong to one name of 126 labels, which the first has in full. */
static void add_long(unsigned i, uint16_t type)
{
	static size_t at;
	uint8_t whole[253] = { 0 };

	for (size_t k = 0; k + 1 < sizeof whole; k += 2) {
		whole[k] = 1;
		whole[k + 1] = 'x';
	}
	if (i == 0)
		at = message_size(&m);
	const uint8_t pointer[2] = { (uint8_t)(0xc0 | at >> 8), (uint8_t)at };
	add_raw(i == 0 ? (struct slice){ whole, sizeof whole } : (struct slice){ pointer, 2 }, type,
		SECTION_ANSWER, 60, OCTETS("\0"));
}

static void many_texts_of_a_long_name(unsigned i)
{
	add_long(i, TYPE_TXT);
}

static void many_dnames_of_a_long_name(unsigned i)
{
	add_long(i, TYPE_DNAME);
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

/* Each link of a chain may stand below a DNAME; but not each DNAME is worth reading for that. */
static void dnames_of_others_cost_hardly_more_than_texts(void **state)
{
	double texts = cost(many_texts_of_a_long_name, 1000);
	double dnames = cost(many_dnames_of_a_long_name, 1000);

	(void)state;
	if (dnames > 3 * texts)
		fail_msg("texts %.0f ns, DNAMEs %.0f ns", texts, dnames);
}

/* What compression can make of 64 KiB is not read to its end. */
static void names_beyond_all_use_are_refused(void **state)
{
	(void)state;
	(void)cost(many_texts_of_a_long_name, 1000);
	assert_int_not_equal(
		response_take(&room, &asked, (struct slice){ wire, message_size(&m) }, &taken),
		RESPONSE_MALFORMED);
	(void)cost(many_texts_of_a_long_name, LISTING_NAMES_MAX / 253 + 1);
	assert_int_equal(
		response_take(&room, &asked, (struct slice){ wire, message_size(&m) }, &taken),
		RESPONSE_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_cost_grows_with_the_size_and_not_with_its_square),
		CASE(dnames_of_others_cost_hardly_more_than_texts),
		CASE(names_beyond_all_use_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
