/*
 * test_pointer.c -- the names of our addresses, and versions of zones for some
 * clients, through the door.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "support/world.h"

static struct world w;
static struct routes routes;
static struct pointers pointers;
static struct access strangers; /* nobody but this host */
static void *block;

#define SOA "@ 60 SOA ns h 1 2 3 4 60\n"

/* What loaders do at the end of a round. */
static void make_pointers(void)
{
	size_t room = pointers_room(w.zones, w.count);

	free(block);
	block = calloc(1, room + 1);
	if (room)
		assert_true(
			pointers_open(&pointers, block, pointers_make(w.zones, w.count, block)));
}

static int open_world(void **state)
{
	(void)state;
	world_init(&w);
	assert_true(routes_init(&routes, &world_key));
	w.responder.routes = &routes;
	w.responder.pointers = &pointers;
	w.responder.style = STYLE_MINIMAL;
	world_zone(&w, "home.arpa.",
		   SOA "nas 9 A 10.0.0.7\nnas 9 AAAA fd00::7\npub 9 A 192.0.3.9\n"
		       "alias 9 CNAME 7.0.0.10.in-addr.arpa.\n");
	world_zone(&w, "1.0.10.in-addr.arpa.", SOA "1 9 PTR written.example.\n2 9 TXT x\n");
	world_zone(&w, "example.", SOA "a 9 A 10.0.1.1\nb 9 A 10.0.1.2\nc 9 A 10.0.1.3\n");
	make_pointers();
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	routes_free(&routes);
	world_free(&w);
	free(block);
	return 0;
}

static void expect(const char *rule, const char *question, const char *reply)
{
	const char *got = world_ask(&w, question);

	if (strcmp(got, reply) != 0)
		fail_msg("%s\nexpected %s\ngot      %s", rule, reply, got);
}

#define TEN_SOA \
	"ns 10.in-addr.arpa. 10800 SOA 10.in-addr.arpa. nobody.invalid. 1 3600 1200 604800 10800\n"

static void an_address_of_ours_has_a_name(void **state)
{
	(void)state;
	expect("PTR (RFC 1035 section 3.3.12)", "7.0.0.10.in-addr.arpa. PTR",
	       "NOERROR aa\nan 7.0.0.10.in-addr.arpa. 9 PTR nas.home.arpa.\n");
	expect("case comes back (RFC 4343)", "7.0.0.10.IN-addr.arpa. PTR",
	       "NOERROR aa\nan 7.0.0.10.IN-addr.arpa. 9 PTR nas.home.arpa.\n");
	expect("ANY (RFC 8482)", "7.0.0.10.in-addr.arpa. ANY",
	       "NOERROR aa\nan 7.0.0.10.in-addr.arpa. 9 PTR nas.home.arpa.\n");
	expect("other types: no data (RFC 2308 section 2.2)", "7.0.0.10.in-addr.arpa. TXT",
	       "NOERROR aa\n" TEN_SOA);
	expect("IPv6",
	       "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa. PTR",
	       "NOERROR aa\nan "
	       "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa. 9 PTR "
	       "nas.home.arpa.\n");
	expect("an alias leads to it", "alias.home.arpa. PTR",
	       "NOERROR aa\nan alias.home.arpa. 9 CNAME 7.0.0.10.in-addr.arpa.\n"
	       "an 7.0.0.10.in-addr.arpa. 9 PTR nas.home.arpa.\n");
}

static void the_rest_of_a_private_range_does_not_exist(void **state)
{
	(void)state;
	expect("not ours", "8.0.0.10.in-addr.arpa. PTR", "NXDOMAIN aa\n" TEN_SOA);
	expect("what begins an address of ours exists (RFC 8020)", "0.0.10.in-addr.arpa. PTR",
	       "NOERROR aa\n" TEN_SOA);
	expect("below an address is nothing", "x.7.0.0.10.in-addr.arpa. PTR",
	       "NXDOMAIN aa\n" TEN_SOA);
}

static void what_somebody_wrote_goes_before(void **state)
{
	(void)state;
	expect("a PTR in a zone", "1.1.0.10.in-addr.arpa. PTR",
	       "NOERROR aa\nan 1.1.0.10.in-addr.arpa. 9 PTR written.example.\n");
	expect("a name in a zone is that zone's", "2.1.0.10.in-addr.arpa. PTR",
	       "NOERROR aa\nns 1.0.10.in-addr.arpa. 60 SOA ns.1.0.10.in-addr.arpa. "
	       "h.1.0.10.in-addr.arpa. 1 2 3 4 60\n");
	expect("what the zone lacks is filled in", "3.1.0.10.in-addr.arpa. PTR",
	       "NOERROR aa\nan 3.1.0.10.in-addr.arpa. 9 PTR c.example.\n");
	expect("with the zone's SOA for other types", "3.1.0.10.in-addr.arpa. A",
	       "NOERROR aa\nns 1.0.10.in-addr.arpa. 60 SOA ns.1.0.10.in-addr.arpa. "
	       "h.1.0.10.in-addr.arpa. 1 2 3 4 60\n");
	expect("the rest does not exist", "4.1.0.10.in-addr.arpa. PTR",
	       "NXDOMAIN aa\nns 1.0.10.in-addr.arpa. 60 SOA ns.1.0.10.in-addr.arpa. "
	       "h.1.0.10.in-addr.arpa. 1 2 3 4 60\n");
}

static void a_public_address_of_ours_has_its_name_and_nothing_around_it_is_ours(void **state)
{
	(void)state;
	expect("PTR", "9.3.0.192.in-addr.arpa. PTR",
	       "NOERROR aa\nan 9.3.0.192.in-addr.arpa. 9 PTR pub.home.arpa.\n");
	expect("not its other types", "9.3.0.192.in-addr.arpa. TXT", "REFUSED\n");
	expect("not what is above", "3.0.192.in-addr.arpa. NS", "REFUSED\n");
	expect("not what is beside", "8.3.0.192.in-addr.arpa. PTR", "REFUSED\n");
}

/* Whoever walks through a private range from outside would read all names of a network. */
static void strangers_are_told_only_what_zones_say(void **state)
{
	(void)state;
	w.responder.access = &strangers;
	expect("an address", "7.0.0.10.in-addr.arpa. PTR", "REFUSED\n");
	expect("a public one", "9.3.0.192.in-addr.arpa. PTR", "REFUSED\n");
	expect("in a zone of ours", "3.1.0.10.in-addr.arpa. PTR",
	       "NOERROR aa\nan 3.1.0.10.in-addr.arpa. 9 PTR c.example.\n");
	w.responder.access = NULL;
}

static void other_names_that_never_leave_are_nobodys_where_nobody_is_asked(void **state)
{
	(void)state;
	expect("a private range that is not ours", "1.168.192.in-addr.arpa. PTR",
	       "NXDOMAIN aa\nns 168.192.in-addr.arpa. 10800 SOA 168.192.in-addr.arpa. "
	       "nobody.invalid. 1 3600 1200 604800 10800\n");
	expect("localhost", "localhost. A", "REFUSED\n");
	expect("others", "www.elsewhere. A", "REFUSED\n");
}

/* ------ versions for some clients ------ */

static void a_client_sees_the_version_that_is_for_it(void **state)
{
	static struct views views;
	const uint8_t from = 192; /* the world's client is 192.0.2.1, its interface not known */

	(void)state;
	world_zone(&w, "example.", SOA "a 9 A 10.9.9.9\n");
	w.zones[w.count - 1].view = 2;
	world_zone(&w, "only.example.", SOA "@ 9 TXT seen\n");
	w.zones[w.count - 1].view = 2;
	catalog_free(&w.catalog);
	assert_true(catalog_init(&w.catalog, w.zones, w.count, &world_key));
	make_pointers();
	w.responder.views = &views;
	expect("nobody has a view", "a.example. A", "NOERROR aa\nan a.example. 9 A 10.0.1.1\n");
	expect("nor a zone of one", "only.example. TXT",
	       "NXDOMAIN aa\nns example. 60 SOA ns.example. h.example. 1 2 3 4 60\n");
	expect("nor a name of one", "9.9.9.10.in-addr.arpa. PTR", "NXDOMAIN aa\n" TEN_SOA);
	views = (struct views){ 1, { { { .octets = { from }, .size = 4, .bits = 8 }, 2 } } };
	expect("another version", "a.example. A", "NOERROR aa\nan a.example. 9 A 10.9.9.9\n");
	expect("a zone of its own", "only.example. TXT",
	       "NOERROR aa\nan only.example. 9 TXT \"seen\"\n");
	expect("names of its addresses", "9.9.9.10.in-addr.arpa. PTR",
	       "NOERROR aa\nan 9.9.9.10.in-addr.arpa. 9 PTR a.example.\n");
	expect("and everybody's zones", "nas.home.arpa. A",
	       "NOERROR aa\nan nas.home.arpa. 9 A 10.0.0.7\n");
	w.responder.views = NULL;
}

static void a_view_is_of_an_interface_or_of_a_network(void **state)
{
	static const struct views views = {
		4,
		{ { { .size = 4, .interface = 7 }, 1 },
		  { { .size = 16, .interface = 7 }, 1 },
		  { { .octets = { 10, 8 }, .size = 4, .bits = 16 }, 2 },
		  { { .octets = { 10 }, .size = 4, .bits = 8 }, 32 } },
	};
	static const uint8_t ip4[4] = { 10, 8, 0, 1 }, other4[4] = { 10, 9, 0, 1 };
	static const uint8_t ip6[16] = { 0xfd };

	(void)state;
	assert_int_equal(views_of(&views, (struct slice){ ip4, 4 }, 7), 0x80000003u);
	assert_int_equal(views_of(&views, (struct slice){ ip4, 4 }, 8), 0x80000002u);
	assert_int_equal(views_of(&views, (struct slice){ other4, 4 }, 7), 0x80000001u);
	assert_int_equal(views_of(&views, (struct slice){ ip6, 16 }, 7), 1);
	/* An interface that is not known is none that was named. */
	assert_int_equal(views_of(&views, (struct slice){ ip6, 16 }, 0), 0);
	assert_int_equal(views_of(&views, (struct slice){ other4, 4 }, 0), 0x80000000u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_of_ours_has_a_name),
		cmocka_unit_test(the_rest_of_a_private_range_does_not_exist),
		cmocka_unit_test(what_somebody_wrote_goes_before),
		cmocka_unit_test(
			a_public_address_of_ours_has_its_name_and_nothing_around_it_is_ours),
		cmocka_unit_test(strangers_are_told_only_what_zones_say),
		cmocka_unit_test(other_names_that_never_leave_are_nobodys_where_nobody_is_asked),
		cmocka_unit_test(a_client_sees_the_version_that_is_for_it),
		cmocka_unit_test(a_view_is_of_an_interface_or_of_a_network),
	};

	return cmocka_run_group_tests(tests, open_world, close_world);
}
