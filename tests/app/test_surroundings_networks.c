/*
 * test_surroundings_networks.c -- what changes in networks lead to: who is ourselves, who may ask.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <net/if.h>
#include <string.h>

#include "log_reading.h"
#include "surroundings_world.h"

/* "192.0.2.1/24 if 2", own addresses with all their bits and "own" before them. */
static struct attached_network network(const char *text, uint8_t bits, uint32_t interface)
{
	struct attached_network n = { .bits = bits, .interface = interface };

	assert_null(address_parse(&n.address, text, 0));
	n.is_own = interface == 0;
	return n;
}

/* ------ ourselves ------ */

static void our_own_addresses_are_no_upstream_servers(void **state)
{
	struct world *w = world_of("forward . /etc/a 192.0.2.1 192.0.2.1@54\n");
	static const char text[] = "nameserver 127.0.0.1\nnameserver 127.7.7.7\n"
				   "nameserver 127.0.0.1#54\n" /* another program */
				   "nameserver 2001:db8::53\n" /* a listener of ours */
				   "nameserver 2001:db8::54\n" /* ours, but not listened at */
				   "nameserver ::1\n"          /* the same */
				   "nameserver 192.0.2.2\n";
	const struct attached_network own[] = {
		network("192.0.2.1", 32, 0),
		network("192.0.2.1", 24, 2), /* neighbours are others */
		network("192.0.2.2", 32, 5), /* nor is the other end of a tunnel ours */
		network("2001:db8::54", 128, 0),
	};

	(void)state;
	memory_files_add(&w->memory, "/etc/a", text, strlen(text));
	start(w);
	set_networks(w, own, 4);
	assert_string_equal(servers_after(w, 0), "127.0.0.1@54 2001:db8::54@53 ::1@53 192.0.2.2@53 "
						 "192.0.2.1@54");
	/* The address goes to another host: now that one may be asked. */
	set_networks(w, own + 2, 2);
	assert_string_equal(servers_after(w, 0), "127.0.0.1@54 2001:db8::54@53 ::1@53 192.0.2.2@53 "
						 "192.0.2.1@53 192.0.2.1@54");
	end(w);
}

static void an_upstream_server_of_the_configuration_that_is_ourselves_is_found(void **state)
{
	struct world *w = world_of("forward . /etc/a 192.0.2.7\nforward b. 192.0.2.8 127.0.0.1\n");

	(void)state;
	memory_files_add(&w->memory, "/etc/a", "nameserver 127.0.0.1\n", 21);
	start(w);
	const struct address *self = surroundings_find_self(&w->l);
	assert_ptr_equal(self, &w->config.forwards[1].upstreams[1].address);
	w->listeners[0].local.port = 5300;
	assert_null(surroundings_find_self(&w->l)); /* a file may name us: it is not ours */
	end(w);
}

/* ------ networks ------ */

static void expect_network(const struct world *w, size_t i, uint8_t size, uint8_t first,
			   uint8_t bits, uint32_t interface)
{
	const struct network *n = &w->seen->networks[i];

	assert_true(i < w->seen->network_count);
	assert_int_equal(n->size, size);
	assert_int_equal(n->octets[0], first);
	assert_int_equal(n->bits, bits);
	assert_int_equal(n->interface, interface);
}

static void attached_networks_are_allowed_by_default(void **state)
{
	struct world *w = world_of("forward . 9.9.9.9\n");
	const struct attached_network at[] = {
		network("192.0.2.1", 32, 0),
		network("192.0.2.1", 24, 2),
		network("fd00:35::", 64, 3),
	};

	(void)state;
	start(w);
	set_networks(w, at, 3);
	assert_true(has_changed(w));
	assert_int_equal(w->seen->network_count, 3);
	expect_network(w, 0, 4, 192, 32, 0);
	expect_network(w, 1, 4, 192, 24, 2);
	expect_network(w, 2, 16, 0xfd, 64, 3);
	assert_false(has_changed(w));
	set_networks(w, at, 2); /* an interface is gone */
	assert_true(has_changed(w));
	assert_int_equal(w->seen->network_count, 2);
	end(w);
}

static void with_networks_named_only_those_and_this_host_are_allowed(void **state)
{
	struct world *w = world_of("forward . 9.9.9.9\nallow 10.8.0.0/16 fd00::/8\n");
	const struct attached_network at[] = {
		network("192.0.2.1", 32, 0),
		network("192.0.2.1", 24, 2),
	};

	(void)state;
	start(w);
	assert_int_equal(w->seen->network_count, 2);
	set_networks(w, at, 2);
	assert_true(has_changed(w));
	assert_int_equal(w->seen->network_count, 3);
	expect_network(w, 0, 4, 10, 16, 0);
	expect_network(w, 1, 16, 0xfd, 8, 0);
	expect_network(w, 2, 4, 192, 32, 0);
	end(w);
}

static void all_networks_there_can_be_have_room(void **state)
{
	static char text[16384];
	static struct attached_network at[ATTACHED_MAX];
	struct text out = text_init(text, sizeof text);

	(void)state;
	text_put(&out, "allow attached\n");
	for (unsigned i = 0; i < CONFIG_MAX_NETWORKS; i++)
		text_format(&out, "allow fd00:%u::/32\n", i);
	for (uint32_t i = 0; i < ATTACHED_MAX; i++)
		at[i] = network("10.8.0.0", 24, i + 1);
	struct world *w = world_of(text);
	start(w);
	set_networks(w, at, ATTACHED_MAX);
	assert_true(has_changed(w));
	assert_int_equal(w->seen->network_count, SURROUNDINGS_NETWORKS);
	expect_network(w, SURROUNDINGS_NETWORKS - 1, 4, 10, 24, ATTACHED_MAX);
	end(w);
}

/* ------ clients with a view ------ */

static void an_interface_is_its_number_in_both_families_and_none_while_it_is_not_there(void **state)
{
	struct world *w = world_of("zone a b for lo nobodys0 10.8.0.0/16\nzone a c for lo\n");
	uint32_t lo = if_nametoindex("lo");
	const struct viewer *at;

	(void)state;
	if (!lo)
		skip();
	start(w);
	at = w->seen->views.at;
	assert_int_equal(w->seen->views.count, 5);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(at[i].view, i < 3 ? 1 : 2);
		assert_int_equal(at[i].network.interface, i == 2 ? 0 : lo);
		assert_int_equal(at[i].network.size, ((uint8_t[]){ 4, 16, 4, 4, 16 })[i]);
		assert_int_equal(at[i].network.bits, i == 2 ? 16 : 0);
	}
	end(w);
}

/* What is told while the networks are looked at. */
static const char *told(struct world *w)
{
	log_begin();
	assert_true(surroundings_look_now(&w->l));
	return log_end();
}

static void that_an_interface_is_away_or_back_is_told_once(void **state)
{
	struct world *w = world_of("zone a b for lo nobodys0 10.8.0.0/16\nforward . none\n");

	(void)state;
	if (!if_nametoindex("lo"))
		skip();
	serve_at_another_port(w);
	log_begin();
	start(w);
	assert_string_equal(log_end(),
			    "interface nobodys0 is not there yet: nobody gets what is for it\n");
	assert_string_equal(told(w), "");
	w->l.interfaces[0] = INTERFACE_AWAY; /* as if it had been */
	assert_string_equal(told(w), "interface lo is there\n");
	w->l.interfaces[1] = INTERFACE_HERE;
	assert_string_equal(told(w), "interface nobodys0 is not there any more: nobody gets "
				     "what is for it\n");
	assert_string_equal(told(w), "");
	configure(&w->newer, "zone a b for nobodys1 nobodys0\nforward . none\n");
	log_begin();
	assert_true(surroundings_replace(&w->l, &w->newer));
	assert_string_equal(log_end(),
			    "interface nobodys1 is not there yet: nobody gets what is for it\n"
			    "interface nobodys0 is not there yet: nobody gets what is for it\n");
	end(w);
}

static void all_clients_that_can_be_named_have_room(void **state)
{
	static char text[4096];
	struct text out = text_init(text, sizeof text);
	uint32_t lo = if_nametoindex("lo");

	(void)state;
	if (!lo)
		skip();
	for (unsigned i = 0; i < VIEWERS_MAX / 8; i++) {
		text_format(&out, "zone a b for 192.0.2.%u", i); /* no two groups are the same */
		for (unsigned k = 0; k < 7; k++)
			text_put(&out, " lo");
		text_put(&out, "\n");
	}
	struct world *w = world_of(text);
	start(w);
	assert_int_equal(w->seen->views.count, VIEWERS_MAX / 8 * (1 + 2 * 7));
	assert_int_equal(w->seen->views.at[w->seen->views.count - 1].view, VIEWERS_MAX / 8);
	end(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_own_addresses_are_no_upstream_servers),
		cmocka_unit_test(
			an_upstream_server_of_the_configuration_that_is_ourselves_is_found),
		cmocka_unit_test(attached_networks_are_allowed_by_default),
		cmocka_unit_test(with_networks_named_only_those_and_this_host_are_allowed),
		cmocka_unit_test(all_networks_there_can_be_have_room),
		cmocka_unit_test(
			an_interface_is_its_number_in_both_families_and_none_while_it_is_not_there),
		cmocka_unit_test(that_an_interface_is_away_or_back_is_told_once),
		cmocka_unit_test(all_clients_that_can_be_named_have_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
