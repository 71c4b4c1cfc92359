/*
 * test_config_zones.c -- ten35.conf(5): for whom a zone is, and names from elsewhere that belong into it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "app/options.h"
#include "config_reading.h"
#include "log_reading.h"

/* ------ zone ... for WHOM ------ */

static void words_behind_the_file_stand_in_any_order_but_for_is_the_last(void **state)
{
	static const struct {
		const char *text;
		bool is_overlay, no_pointers;
		const char *audience;
	} cases[] = {
		{ "zone a b", false, false, NULL },
		{ "zone a b overlay", true, false, NULL },
		{ "zone a b no-ptr", false, true, NULL },
		{ "zone a b overlay no-ptr", true, true, NULL },
		{ "zone a b no-ptr overlay", true, true, NULL },
		{ "zone a b for wg0", false, false, "for wg0" },
		{ "zone a b overlay for wg0 wg1", true, false, "for wg0 wg1" },
		{ "zone a b no-ptr for 10.8.0.0/16", false, true, "for 10.8.0.0/16" },
		{ "zone a b overlay no-ptr for wg0 10.8.0.0/16 fd00::1", true, true,
		  "for wg0 10.8.0.0/16 fd00::1" },
		{ "zone a b no-ptr overlay for wg0", true, true, "for wg0" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct config *c = good(cases[i].text);
		const struct zone_config *z = &c->zones[0];

		if (z->is_overlay != cases[i].is_overlay || z->no_pointers != cases[i].no_pointers)
			fail_msg("%s: overlay %d, no-ptr %d", cases[i].text, z->is_overlay,
				 z->no_pointers);
		assert_int_equal(z->view, cases[i].audience ? 1 : 0);
		assert_true(!z->audience == !cases[i].audience);
		if (z->audience)
			assert_string_equal(z->audience, cases[i].audience);
		config_free(c);
	}
}

static void expect_viewer(const struct viewer_config *v, const char *interface,
			  struct network network, uint8_t view)
{
	assert_int_equal(v->view, view);
	assert_true(!v->interface == !interface);
	if (interface)
		assert_string_equal(v->interface, interface);
	assert_memory_equal(&v->network, &network, sizeof network);
}

static void a_viewer_is_kept_as_it_was_named(void **state)
{
	struct config *c = good("zone a b for wg0 10.8.0.0/16 fd00:35::/64 192.0.2.1\n"
				"zone a c for 6in4-wan br-lan.10 abcdefghijklmno\n");
	const struct network none = { .size = 0 };

	(void)state;
	assert_int_equal(c->viewer_count, 7);
	assert_int_equal(c->view_count, 2);
	expect_viewer(&c->viewers[0], "wg0", none, 1);
	expect_viewer(&c->viewers[1], NULL,
		      (struct network){ .octets = { 10, 8 }, .size = 4, .bits = 16 }, 1);
	expect_viewer(&c->viewers[2], NULL,
		      (struct network){ .octets = { 0xfd, 0, 0, 0x35 }, .size = 16, .bits = 64 },
		      1);
	expect_viewer(&c->viewers[3], NULL,
		      (struct network){ .octets = { 192, 0, 2, 1 }, .size = 4, .bits = 32 }, 1);
	expect_viewer(&c->viewers[4], "6in4-wan", none, 2); /* OpenWrt's, for a tunnel */
	expect_viewer(&c->viewers[5], "br-lan.10", none, 2);
	expect_viewer(&c->viewers[6], "abcdefghijklmno", none, 2);
	config_free(c);
}

static void what_is_wrong_behind_the_file_is_told_with_its_place(void **state)
{
#define BEHIND "behind the file stand 'overlay', 'no-ptr', 'for INTERFACE' or 'for NETWORK'\n"
	static const struct error_case cases[] = {
		{ "zone a b wg0\n", "1:10+3: " BEHIND },
		{ "zone a b for\n", "1:10+3: " BEHIND },
		{ "zone a b overlay for\n", "1:18+3: " BEHIND },
		{ "zone a b no-ptr no-pointers\n", "1:17+11: " BEHIND },
		{ "zone a b noptr\n", "1:10+5: " BEHIND },
		{ "zone a b for wg0 overlay\n", "1:18+7: this word stands before 'for'\n" },
		{ "zone a b for no-ptr\n", "1:14+6: this word stands before 'for'\n" },
		{ "zone a b for abcdefghijklmnop\n",
		  "1:14+16: no interface has a name as long as this\n" },
		{ "zone a b for wg0,wg1\n",
		  "1:14+7: interfaces and networks have blanks between them\n" },
		{ "zone a b for \"wg 0\"\n",
		  "1:14+4: interfaces and networks have blanks between them\n" },
		{ "zone a b for wg0  10.8.0.0/33\n",
		  "1:19+11: after '/' stands a number of bits: 0 to 32, or to 128\n" },
		{ "zone a b for 10.8.0\n",
		  "1:14+6: not a network: as in 10.8.0.0/16 or fd00:35::/64\n" },
		{ "zone a b for 10.8.0.0/16 fd00::/129 wg0\n",
		  "1:26+10: after '/' stands a number of bits: 0 to 32, or to 128\n" },
		{ "zone a b for 8\n",
		  "1:14+1: not a network: as in 10.8.0.0/16 or fd00:35::/64\n" },
		{ "zone a b for eth0:1\n",
		  "1:14+6: not a network: as in 10.8.0.0/16 or fd00:35::/64\n" },
		{ "zone a b for eth0/1\n",
		  "1:14+6: not a network: as in 10.8.0.0/16 or fd00:35::/64\n" },
		{ "zone a b for wg0 \"\"\n",
		  "1:18+1: not a network: as in 10.8.0.0/16 or fd00:35::/64\n" },
	};

	(void)state;
	CHECK_ERRORS(cases);
}

static void the_same_words_are_the_same_clients(void **state)
{
	struct config *c = good("zone a b for wg0 wg1\nzone c d for wg1\nzone e f for wg0 wg1\n"
				"zone a h for wg1 wg0\n");

	(void)state;
	assert_int_equal(c->view_count, 3);
	assert_int_equal(c->viewer_count, 5);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(c->zones[i].view, ((uint8_t[]){ 1, 2, 1, 3 })[i]);
	config_free(c);
}

/* Lines `zone a b for iN`, of so many clients each. */
static const char *zones_for(unsigned lines, unsigned each)
{
	static char room[16384];
	struct text text = text_init(room, sizeof room);

	for (unsigned i = 0; i < lines; i++) {
		text_put(&text, "zone a b for");
		for (unsigned k = 0; k < each; k++)
			text_format(&text, " i%u-%u", i, k);
		text_put(&text, "\n");
	}
	assert_false(text.full);
	return text_str(&text);
}

static void there_are_32_groups_of_clients_and_no_more(void **state)
{
	struct config *c = good(zones_for(32, 1));
	struct reading *r;

	(void)state;
	assert_int_equal(c->view_count, 32);
	assert_int_equal(c->zones[31].view, 32);
	config_free(c);
	r = reading_of(zones_for(33, 1));
	assert_string_equal(r->findings, "33:14+5: more than 32 different groups of clients\n");
	config_free(&r->c);
}

static void there_are_128_interfaces_and_networks_and_no_more(void **state)
{
	struct config *c = good(zones_for(16, 8));
	struct reading *r;

	(void)state;
	assert_int_equal(c->viewer_count, 128);
	assert_string_equal(c->viewers[127].interface, "i15-7");
	config_free(c);
	r = reading_of(zones_for(12, 11)); /* 132 */
	assert_string_equal(r->findings, "12:56+5: too many interfaces and networks\n");
	assert_int_equal(r->c.viewer_count, 128);
	config_free(&r->c);
}

static void a_line_full_of_long_networks_is_one_group(void **state)
{
	char room[1024];
	struct text text = text_init(room, sizeof room);

	(void)state;
	text_put(&text, "zone a b for");
	for (unsigned i = 0; i < 13; i++) /* as many words as a line may have */
		text_format(&text, " 2001:0db8:0000:0000:0000:0000:0000:%04u/128", 1000 + i);
	struct config *c = good(text_str(&text));
	assert_int_equal(c->viewer_count, 13);
	assert_string_equal(c->zones[0].audience, strstr(room, "for"));
	config_free(c);
}

/* ------ hosts, leases, peers ------ */

static void expect_names(const struct config *c, size_t i, enum names_format format,
			 const char *path, const char *domain, bool no_pointers)
{
	assert_in_range(i + 1, 1, c->names_count);
	assert_int_equal(c->names[i].format, format);
	assert_string_equal(c->names[i].path, path);
	assert_name(&c->names[i].domain, domain);
	assert_int_equal(c->names[i].no_pointers, no_pointers);
}

static void files_of_names_have_a_domain_and_keep_their_order(void **state)
{
	struct config *c = good("hosts /etc/hosts \"/tmp/my hosts\" in home.arpa\n"
				"leases /tmp/dhcp.leases in Home.Arpa. no-ptr\n"
				"peers a in b in in vpn.home.arpa no-ptr\n"
				"hosts in no-ptr in in\n");

	(void)state;
	assert_int_equal(c->names_count, 9);
	expect_names(c, 0, NAMES_HOSTS, "/etc/hosts", "home.arpa.", false);
	expect_names(c, 1, NAMES_HOSTS, "/tmp/my hosts", "home.arpa.", false);
	expect_names(c, 2, NAMES_LEASES, "/tmp/dhcp.leases", "Home.Arpa.", true);
	expect_names(c, 3, NAMES_PEERS, "a", "vpn.home.arpa.", true);
	expect_names(c, 6, NAMES_PEERS, "in", "vpn.home.arpa.", true);
	expect_names(c, 7, NAMES_HOSTS, "in", "in.", false);
	config_free(c);
}

static void what_is_wrong_in_a_line_of_names_is_told_with_its_place(void **state)
{
#define AT_THE_END "at the end stands 'in DOMAIN', and 'no-ptr' or nothing\n"
	static const struct error_case cases[] = {
		{ "hosts\n", "1:1+5: expected 'hosts FILE in DOMAIN [no-ptr]'\n" },
		{ "leases a in\n", "1:1+6: expected 'leases FILE in DOMAIN [no-ptr]'\n" },
		{ "peers a home.arpa no-ptr\n", "1:19+6: " AT_THE_END },
		{ "hosts a in no-ptr\n", "1:12+6: " AT_THE_END },
		{ "hosts in home.arpa no-ptr\n", "1:20+6: " AT_THE_END },
		{ "hosts a b home.arpa\n", "1:11+9: " AT_THE_END },
		{ "hosts a in home.arpa noptr\n", "1:22+5: " AT_THE_END },
		{ "hosts a in no-ptr no-ptr no-ptr\n", "1:26+6: " AT_THE_END },
		{ "hosts a in home..arpa\n", "1:12+10: empty label in name\n" },
		{ "hosts a IN home.arpa\n", "1:12+9: " AT_THE_END },
	};

	(void)state;
	CHECK_ERRORS(cases);
}

static const char *hosts_lines(unsigned count)
{
	static char room[16384];
	struct text text = text_init(room, sizeof room);

	for (unsigned i = 0; i < count; i++)
		text_format(&text, "hosts f%u in home.arpa\n", i);
	return text_str(&text);
}

static void there_are_256_files_of_names_and_no_more(void **state)
{
	struct config *c = good(hosts_lines(256));
	struct reading *r;

	(void)state;
	assert_int_equal(c->names_count, 256);
	assert_string_equal(c->names[255].path, "f255");
	config_free(c);
	r = reading_of(hosts_lines(257));
	assert_string_equal(r->findings, "257:7+4: too many files of names\n");
	config_free(&r->c);
}

/* ------ when all is read ------ */

static struct config *complete(const char *text)
{
	struct config *c = good(text);

	assert_true(config_complete_zones(c));
	return c;
}

static void names_without_a_zone_make_one(void **state)
{
	struct config *c = complete("hosts a b in home.arpa\nzone example.com z\n"
				    "leases l in HOME.arpa\nhosts c in example.COM.\n");

	(void)state;
	assert_int_equal(c->zone_count, 2);
	assert_string_equal(c->zones[0].file, "z");
	assert_string_equal(c->zones[1].origin, "home.arpa.");
	assert_null(c->zones[1].file);
	assert_string_equal(zone_title(&c->zones[1]), "home.arpa.");
	assert_int_equal(c->zones[1].view, 0);
	config_free(c);
	/* A zone for some clients alone leaves everybody else without: they have the names. */
	c = complete("zone home.arpa vpn for wg0\nhosts a in home.arpa\n");
	assert_int_equal(c->zone_count, 2);
	assert_null(c->zones[1].file);
	config_free(c);
}

static void count_shown(void *self, const struct finding *f)
{
	unsigned *shown = self;

	*shown += f->text.octets != NULL;
}

static void a_wireguard_configuration_in_the_place_of_ours_shows_no_line(void **state)
{
	static const char *const texts[] = {
		"[Interface]\nPrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n",
		"[Interface]\nAddress = 10.8.0.1/24\n",
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct memory_files memory = { .count = 0 };
		struct files files = memory_files(&memory);
		unsigned shown = 0;
		struct diag d = { .report = count_shown, .self = &shown };
		struct config c;

		memory_files_add(&memory, "conf", texts[i], strlen(texts[i]));
		config_init(&c);
		assert_false(config_read_file(&c, "conf", &files, &d));
		assert_int_equal(d.errors, 2);
		assert_int_equal(shown, 2 * i);
		config_free(&c);
	}
}

static void no_ptr_of_names_holds_for_every_version_of_their_zone(void **state)
{
	struct config *c = complete("zone home.arpa z\nzone home.arpa vpn for wg0\nzone other z\n"
				    "hosts a in home.arpa\nhosts b in home.arpa no-ptr\n"
				    "hosts c in third\nhosts d in fourth no-ptr\n"
				    "zone fourth z for wg0\n");

	(void)state;
	for (size_t i = 0; i < c->zone_count; i++)
		assert_int_equal(c->zones[i].no_pointers, "110101"[i] == '1');
	config_free(c);
}

/* What zone number i is made of: "upper|file|names". */
static const char *files_of(const struct config *c, size_t i, bool *wants_pointers)
{
	static struct names_file names[CONFIG_MAX_NAMES];
	static char room[512];
	struct text text = text_init(room, sizeof room);
	struct zonefile zf = { .name_count = 0 };

	config_fill_zonefile(c, i, &zf, names);
	text_format(&text, "%s|%s|", zf.upper ? zf.upper : "", zf.path ? zf.path : "");
	for (size_t k = 0; k < zf.name_count; k++)
		text_format(&text, " %u:%s", (unsigned)zf.names[k].format, zf.names[k].path);
	*wants_pointers = zf.wants_pointers;
	assert_true(zf.origin == c->zones[i].origin);
	return text_str(&text);
}

static void a_zone_is_made_of_its_files_in_their_order(void **state)
{
	static const char *const expected[] = {
		"vpn|home| 0:a 0:b 1:l 0:d",
		"|home| 0:a 0:b 1:l 0:d",
		"|alone|",
		"x|| 2:p",
		"|z.zone|",
		"|| 2:p",
	};
	struct config *c =
		good("zone HOME.arpa. vpn for wg0\nzone home.arpa home no-ptr\n"
		     "hosts a b in home.arpa\nzone alone.test alone for wg0\n"
		     "leases l in home.arpa\npeers p in vpn.home.arpa\nhosts d in home.arpa\n"
		     "zone vpn.home.arpa x for wg1\n");
	bool wants_pointers;

	(void)state;
	assert_true(config_add_zone(c, "z.zone"));
	assert_true(config_complete_zones(c));
	assert_int_equal(c->zone_count, sizeof expected / sizeof expected[0]);
	for (size_t i = 0; i < c->zone_count; i++) {
		assert_string_equal(files_of(c, i, &wants_pointers), expected[i]);
		assert_int_equal(wants_pointers, i != 1);
	}
	config_free(c);
}

/* Whatever the owner of its SOA will be: who wants names in it says so. */
static void a_zone_without_an_origin_gets_no_names(void **state)
{
	struct config *c = good("hosts a in .\n");
	bool wants_pointers;

	(void)state;
	assert_true(config_add_zone(c, "z.zone"));
	assert_true(config_complete_zones(c));
	assert_int_equal(c->zone_count, 2);
	assert_string_equal(files_of(c, 0, &wants_pointers), "|z.zone|");
	assert_string_equal(files_of(c, 1, &wants_pointers), "|| 0:a");
	config_free(c);
}

/* ------ as options of the command line ------ */

static enum options_action options_of(const char *line, struct config *c)
{
	static char copy[4096];
	static char *arguments[64];
	struct memory_files memory = { .count = 0 };
	struct files files = memory_files(&memory);
	struct diag d = { .errors = 0 };
	int count = 0;

	assert_true(strlen(line) < sizeof copy);
	strcpy(copy, line);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		arguments[count++] = word;
	return options_read(c, count, arguments, &files, &d);
}

static void options_have_the_same_words(void **state)
{
	struct config c;

	(void)state;
	assert_int_equal(
		options_of("ten35 --zone a b overlay no-ptr for wg0 --zone c d for 10.0.0.0/8 "
			   "--hosts h in a no-ptr --leases l in a --peers p in d more "
			   "--zone e f no-ptr last",
			   &c),
		OPTIONS_SERVE);
	assert_int_equal(c.zone_count, 7); /* names make two more */
	assert_true(c.zones[0].is_overlay && c.zones[0].no_pointers);
	assert_string_equal(c.zones[0].audience, "for wg0");
	assert_string_equal(c.zones[1].audience, "for 10.0.0.0/8");
	assert_string_equal(c.zones[2].file, "more");
	assert_true(c.zones[3].no_pointers);
	assert_string_equal(c.zones[4].file, "last");
	assert_int_equal(c.names_count, 3);
	expect_names(&c, 0, NAMES_HOSTS, "h", "a.", true);
	expect_names(&c, 1, NAMES_LEASES, "l", "a.", false);
	expect_names(&c, 2, NAMES_PEERS, "p", "d.", false);
	config_free(&c);
}

/* What is said of a command line that is wrong. */
static void expect_option_error(const char *line, const char *expected)
{
	struct config c;

	log_begin();
	enum options_action action = options_of(line, &c);
	const char *said = log_end();
	assert_int_equal(action, OPTIONS_FAILED);
	if (strncmp(said, expected, strlen(expected)) != 0)
		fail_msg("%s: %s", line, said);
	config_free(&c);
}

static void options_that_are_wrong_are_told(void **state)
{
	(void)state;
	expect_option_error("ten35 --zone a b for", "error: --zone: " BEHIND);
	expect_option_error("ten35 --zone a b for abcdefghijklmnop",
			    "error: --zone: no interface has a name as long as this\n");
	expect_option_error("ten35 --zone a b for 10.0.0.0/33",
			    "error: --zone: "
			    "after '/' stands a number of bits: 0 to 32, or to 128");
	expect_option_error("ten35 --zone a", "error: option --zone needs ORIGIN FILE [overlay]");
	expect_option_error("ten35 --hosts a in",
			    "error: option --hosts needs FILE in DOMAIN [no-ptr]\n");
	expect_option_error("ten35 --hosts a b c", "error: --hosts: " AT_THE_END);
	expect_option_error("ten35 --leases a in ..", "error: --leases: empty label in name\n");
}

/* More of them than a line of a file may have. */
static void words_that_come_again_and_again_are_not_taken_without_end(void **state)
{
	char line[1024] = "ten35 --zone a b";
	struct config c;

	(void)state;
	for (unsigned i = 0; i < 40; i++)
		strcat(line, i % 2 ? " no-ptr" : " overlay");
	assert_int_equal(options_of(line, &c), OPTIONS_SERVE);
	assert_true(c.zones[0].is_overlay && c.zones[0].no_pointers);
	config_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_behind_the_file_stand_in_any_order_but_for_is_the_last),
		cmocka_unit_test(a_viewer_is_kept_as_it_was_named),
		cmocka_unit_test(what_is_wrong_behind_the_file_is_told_with_its_place),
		cmocka_unit_test(the_same_words_are_the_same_clients),
		cmocka_unit_test(there_are_32_groups_of_clients_and_no_more),
		cmocka_unit_test(there_are_128_interfaces_and_networks_and_no_more),
		cmocka_unit_test(a_line_full_of_long_networks_is_one_group),
		cmocka_unit_test(files_of_names_have_a_domain_and_keep_their_order),
		cmocka_unit_test(what_is_wrong_in_a_line_of_names_is_told_with_its_place),
		cmocka_unit_test(there_are_256_files_of_names_and_no_more),
		cmocka_unit_test(names_without_a_zone_make_one),
		cmocka_unit_test(a_wireguard_configuration_in_the_place_of_ours_shows_no_line),
		cmocka_unit_test(no_ptr_of_names_holds_for_every_version_of_their_zone),
		cmocka_unit_test(a_zone_is_made_of_its_files_in_their_order),
		cmocka_unit_test(a_zone_without_an_origin_gets_no_names),
		cmocka_unit_test(options_have_the_same_words),
		cmocka_unit_test(options_that_are_wrong_are_told),
		cmocka_unit_test(words_that_come_again_and_again_are_not_taken_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
