/*
 * test_referral.c -- referrals that were given before (serve/answer_referral.c): for another
 * name below the same delegation they are given again, and are octet for octet what would
 * have been written anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/world.h"

/* Servers below the delegation, beside it, in another delegation, and elsewhere. */
static const char zone[] =
	"$TTL 19088743\n@ SOA ns h 1 2 3 4 60\n@ NS ns\nns A 192.0.2.1\n"
	"sub NS ns1.sub\nsub NS ns2.sub\nsub NS ns\nsub NS ns.deep.sub\n"
	"ns1.sub A 192.0.2.2\nns1.sub AAAA 2001:db8::2\nns2.sub A 192.0.2.3\n"
	"ns.deep.sub A 192.0.2.4\nns.deep.sub A 192.0.2.5\n"
	"two NS ns1.sub\ntwo NS ns.elsewhere.\ntwo NS two.elsewhere.\n"
	"bare NS ns.elsewhere.\n"
	"self NS self\nself A 192.0.2.6\n"
	"alias CNAME x.sub\n"
	"$GENERATE 1-29 crowd NS a$.b$.c$.\n"
	"$GENERATE 1-12 many NS server$.of-a-long-name-$.elsewhere$.\n"
	"$GENERATE 1-40 far NS ns$.elsewhere.\n$GENERATE 1-41 fars NS ns$.elsewhere.\n"
	"$GENERATE 1-40 near NS ns$.near\n$GENERATE 1-40 ns$.near A 192.0.2.$\n";

static struct world w;
static struct kept kept;

static int open_world(void **state)
{
	(void)state;
	world_init(&w);
	world_zone(&w, "example.", zone);
	memset(&kept, 0, sizeof kept);
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_free(&w);
	return 0;
}

struct octets {
	uint8_t at[RESPOND_MAX_SIZE];
	size_t size;
};

/* The reply of a server that keeps what it has given, or of one that does not. */
static void ask(const char *question, struct kept *keeps, struct octets *reply)
{
	uint8_t query[WORLD_QUERY];
	struct request req = { .octets = query, .peer = { (const uint8_t *)"\300\0\2\1", 4 } };
	struct responder r = w.responder;
	struct response what;

	req.size = world_query(question, query, &req.via);
	r.kept = keeps;
	assert_int_equal(respond(&r, &req, reply->at,
				 req.via == VIA_UDP ? RESPOND_UDP_SIZE : RESPOND_MAX_SIZE, &what),
			 OUTCOME_REPLY);
	reply->size = what.size;
}

static bool is_same(const struct octets *a, const struct octets *b)
{
	return a->size == b->size && memcmp(a->at, b->at, a->size) == 0;
}

/* Makes all TTLs greater by one: 0x01234567 is nothing else in what is kept. */
static void mark_all(struct kept *k)
{
	assert_true(k->written <= sizeof k->octets);
	for (size_t i = 0; i + 4 <= k->written; i++)
		if (memcmp(k->octets + i, "\x01\x23\x45\x67", 4) == 0)
			k->octets[i + 3]++;
}

/* Asks one question until its referral is kept, then another: true when that is answered with it. */
static bool serves(const char *first, const char *second)
{
	static struct kept marked;
	static struct octets anew, again;

	memset(&kept, 0, sizeof kept);
	for (int i = 0; i < 2; i++)
		ask(first, &kept, &again);
	marked = kept;
	ask(second, NULL, &anew);
	ask(second, &kept, &again);
	if (!is_same(&anew, &again))
		fail_msg("%s differs after %s", second, first);
	mark_all(&marked);
	ask(second, &marked, &again);
	return !is_same(&anew, &again);
}

#define LABELS_12 "a.b.c.d.e.f.g.h.i.j.k.l."

static void one_referral_serves_all_names_below_a_delegation(void **state)
{
	static const struct {
		const char *first, *second;
		bool is_served;
	} cases[] = {
		{ "x.sub.example. A", "y.sub.example. A", true },
		{ "x.sub.example. A", "sub.example. A", true },
		{ "sub.example. A", "much-longer.than.that.sub.example. AAAA", true },
		{ "long.er.sub.example. A", "X.SUB.EXAMPLE. TXT edns rd", true },
		{ "x.sub.example. A edns do", "sub.example. MX tcp", true },
		{ "x.two.example. A", "abc.two.example. A", true },
		{ "x.bare.example. A", "abc.bare.example. A", true },
		{ "x.self.example. A", "abc.self.example. A", true },
		{ "x.far.example. A tcp", "abc.far.example. A tcp", true },
		{ "x.fars.example. A tcp", "abc.fars.example. A tcp",
		  false }, /* too many pointers */
		{ "x.many.example. A tcp", "y.many.example. A edns=1232", true },
		{ "x.sub.example. A", LABELS_12 "y.sub.example. A", true },
		{ LABELS_12 "y.sub.example. A", "sub.example. A", true },
		/* These have more in common with the servers than the delegation's name. */
		{ "x.sub.example. A", "ns1.sub.example. A", false },
		{ "x.sub.example. A", "a.b.NS2.sub.example. A", false },
		{ "x.sub.example. A", "deep.sub.example. A", false },
		{ "x.sub.example. A", "other.deep.sub.example. A", false },
		{ "ns1.sub.example. A", "x.sub.example. A", false },
		/* Below another delegation it is no matter. */
		{ "x.two.example. A", "ns1.two.example. A", true },
		/* More labels than the table of the compression has room for beside the rest. */
		{ "x.sub.example. A", "a.b." LABELS_12 "y.sub.example. A", false },
		{ "a.b." LABELS_12 "y.sub.example. A", "x.sub.example. A", false },
		{ "x.crowd.example. A tcp", LABELS_12 "y.crowd.example. A tcp", false },
		{ LABELS_12 "y.crowd.example. A tcp", "x.crowd.example. A tcp", false },
		/* Behind an alias pointers lead to its record. */
		{ "alias.example. A", "x.sub.example. A", false },
		{ "x.sub.example. A", "alias.example. A", false },
		{ "x.sub.example. A", "x.two.example. A", false },
	};
	unsigned failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (serves(cases[i].first, cases[i].second) == cases[i].is_served)
			continue;
		print_error("%s, then %s: %s\n", cases[i].first, cases[i].second,
			    cases[i].is_served ? "not given again" : "given again");
		failed++;
	}
	assert_int_equal(failed, 0);
}

/* RFC 2181 §9, RFC 9471 §3.1: who has little room gets what fits, and TC for required glue. */
static void what_does_not_fit_is_not_given_again(void **state)
{
	static const char *const names[] = { "near", "many", "far", "sub" };
	static const char *const rooms[] = { "", " edns=512", " edns=700", " edns=1232", " tcp" };

	(void)state;
	for (size_t n = 0; n < sizeof names / sizeof names[0]; n++)
		for (size_t i = 0; i < 5; i++)
			for (size_t j = 0; j < 5; j++) {
				char first[80], second[80];

				snprintf(first, sizeof first, "x.%s.example. A%s", names[n],
					 rooms[i]);
				snprintf(second, sizeof second, "yy.%s.example. A%s", names[n],
					 rooms[j]);
				serves(first, second);
			}
}

/* Every length of a question moves the pointers, up to the longest there is. */
static void questions_of_all_lengths_are_answered_alike(void **state)
{
	unsigned served = 0;

	(void)state;
	for (unsigned size = 1; size <= 225; size++) {
		char first[300] = "", second[400];

		for (unsigned left = size; left > 0;) {
			unsigned label = left > 40 ? 39 : left;
			for (unsigned i = 0; i < label; i++)
				strcat(first, "z");
			strcat(first, ".");
			left -= left > label ? label + 1 : label;
		}
		snprintf(second, sizeof second, "%ssub.example. A", first);
		served += serves("x.sub.example. A", second);
	}
	assert_true(served > 200); /* but some whose last label has the mark of a server's */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_referral_serves_all_names_below_a_delegation,
						open_world, close_world),
		cmocka_unit_test_setup_teardown(what_does_not_fit_is_not_given_again, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(questions_of_all_lengths_are_answered_alike,
						open_world, close_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
