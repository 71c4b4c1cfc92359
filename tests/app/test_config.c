/*
 * test_config.c -- the lines of ten35.conf(5), what is said of errors in them, and their zones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "app/directives.h"
#include "config_reading.h"

/* ------ lines ------ */

static void nothing_said_is_the_default_of_the_manual(void **state)
{
	struct config *c = good("# nothing\n");

	(void)state;
	assert_int_equal(c->port, 53);
	assert_int_equal(c->watch_s, 2);
	assert_int_equal(c->servers, 1);
	assert_int_equal(c->cache_size, 4 << 20);
	assert_int_equal(c->stale_s, 0);
	assert_int_equal(c->level, LEVEL_NOTICE);
	assert_false(c->trust_ad || c->minimal || c->log_queries || c->syslog);
	assert_true(!c->user && !c->nsid && !c->version);
	assert_int_equal(c->zone_count + c->listen_count + c->forward_count + c->allowed_count +
				 c->private_ok_count,
			 0);
	assert_false(config_serves(c));
	config_free(c);
}

static void lines_have_blanks_comments_and_ends_of_all_kinds(void **state)
{
	static const char *const texts[] = {
		"port 5300",
		"port 5300\n",
		"port 5300\r\n",
		"port 5300\r",
		" \t port\t \t5300 \t\n",
		"\n\n \r\n# comment\n  # another\nport 5300 # port 53\n",
		"port 5300\t#comment",
		"\"port\" \"5300\"\n",
		"port 53\nport 5300\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct config *c = good(texts[i]);
		assert_int_equal(c->port, 5300);
		config_free(c);
	}
}

static void quotes_hold_a_word_together(void **state)
{
	struct config *c = good("nsid \"a b # c\" # d\nversion-text \"\"\nuser a\"b\n");

	(void)state;
	assert_string_equal(c->nsid, "a b # c");
	assert_string_equal(c->version, "");
	assert_string_equal(c->user, "a\"b");
	config_free(c);
	c = good("nsid x#y\n"); /* a comment begins a word, as a port does not */
	assert_string_equal(c->nsid, "x#y");
	config_free(c);
}

static void an_error_is_told_with_its_line_and_column(void **state)
{
	static const struct error_case cases[] = {
		{ "port x\n", "1:6+1: not a number in the range that is allowed\n" },
		{ "\n\n  port \t 99999", "3:10+5: not a number in the range that is allowed\n" },
		{ "port\n", "1:1+4: expected 'port PORT'\n" },
		{ "port 1 2\n", "1:1+4: expected 'port PORT'\n" },
		{ "user \"a b\n", "1:6+1: this quotation has no end\n" },
		{ "trust-ad yes\n", "1:1+8: expected 'trust-ad'\n" },
		{ "port \"x\"\n", "1:6+1: not a number in the range that is allowed\n" },
		{ "watch 1\nbogus\nwatch x\nservers 0\n",
		  "2:1+5: unknown word 'bogus'\n"
		  "3:7+1: not a number in the range that is allowed\n"
		  "4:9+1: not a number in the range that is allowed\n" },
		{ "listen 192.0.2.1 192.0.2.2 x\n", "1:28+1: not an IP address\n" },
		{ "forward a. 192.0.2.1 b 192.0.2.2\n",
		  "1:22+1: an upstream server is an IP address, a file with '/' in its name, "
		  "or none\n" },
		{ "private-ok a. b..c\n", "1:15+4: empty label in name\n" },
	};

	(void)state;
	CHECK_ERRORS(cases);
}

static void a_word_that_is_nearly_right_is_guessed(void **state)
{
	static const struct error_case cases[] = {
		{ "foward . 192.0.2.1\n",
		  "1:1+6: unknown word 'foward': did you mean 'forward'?\n" },
		{ " lissten ::1\n", "1:2+7: unknown word 'lissten': did you mean 'listen'?\n" },
		{ "prot 53\n", "1:1+4: unknown word 'prot': did you mean 'port'?\n" },
		{ "PORT 53\n", "1:1+4: unknown word 'PORT'\n" },
		{ "trustad\n", "1:1+7: unknown word 'trustad': did you mean 'trust-ad'?\n" },
		{ "resolver x\n", "1:1+8: unknown word 'resolver'\n" },
		{ "\"\" x\n", "1:1+1: unknown word ''\n" },
		{ "\x1b[2J\n", "1:1+4: unknown word '\\027[2J'\n" },
		{ "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij\n",
		  "1:1+70: unknown word "
		  "'abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij...'\n" },
	};

	(void)state;
	CHECK_ERRORS(cases);
}

static void two_typing_errors_are_a_guess_and_three_are_not(void **state)
{
	(void)state;
	assert_string_equal(directive_guess("zone"), "zone");
	assert_string_equal(directive_guess("zonexx"), "zone");
	assert_null(directive_guess("zonexxx"));
	assert_string_equal(directive_guess("ne"), "zone");
	assert_null(directive_guess("e"));
	assert_string_equal(directive_guess("log_queries"), "log-queries");
	assert_null(directive_guess(""));
	assert_null(directive_guess("a-word-that-is-longer-than-all-of-them-together"));
}

static void a_line_has_16_words_behind_its_first_and_4095_octets(void **state)
{
	static char text[8192];
	struct reading *r;

	(void)state;
	r = reading_of("allow 1.1.1.1 2.1.1.1 3.1.1.1 4.1.1.1 5.1.1.1 6.1.1.1 7.1.1.1 8.1.1.1 "
		       "9.1.1.1 10.1.1.1 11.1.1.1 12.1.1.1 13.1.1.1 14.1.1.1 15.1.1.1 16.1.1.1");
	assert_int_equal(r->c.allowed_count, 16);
	config_free(&r->c);
	r = reading_of("allow a a a a a a a a a a a a a a a a a\nport 1 # \n");
	assert_string_equal(r->findings, "1:1+5: expected 'allow NETWORK...'\n");
	assert_int_equal(r->c.port, 1);
	config_free(&r->c);
	for (size_t n = 4080; n < 4100; n++) {
		strcpy(text, "user ");
		memset(text + 5, 'x', n);
		text[5 + n] = '\0';
		r = reading_of(text);
		/* Both words end in a NUL of their own. */
		assert_int_equal(r->good, 4 + 1 + n + 1 < 4096);
		if (r->good)
			assert_int_equal(strlen(r->c.user), n);
		else
			assert_string_equal(r->findings, "1:1+4: expected 'user USER'\n");
		config_free(&r->c);
	}
}

/* Each ends against a page that nobody may read. */
static void every_beginning_of_a_file_is_handled(void **state)
{
	static const char text[] = "zone home.arpa \"/etc/a b\" overlay # x\r\n"
				   "forward 10.8.0.0/15 192.0.2.1#53 [2001:db8::1]:5 /etc/x\n"
				   "cache 4M\n\tstale 1d12h\nallow attached fd00::/8 \"";
	static struct reading r;

	(void)state;
	for (size_t n = 0; n < sizeof text; n++) {
		config_init(&r.c);
		read_octets(&r, text, n);
		config_free(&r.c);
	}
}

static void octets_that_are_no_text_are_errors(void **state)
{
	static char noise[4096];
	static struct reading r;
	uint32_t x = 35;

	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		for (size_t k = 0; k < sizeof noise; k++) {
			x = x * 1664525 + 1013904223;
			noise[k] = (char)(x >> 24);
		}
		config_init(&r.c);
		read_octets(&r, noise, sizeof noise);
		assert_false(r.good);
		config_free(&r.c);
	}
}

static void a_file_that_cannot_be_read_is_no_configuration(void **state)
{
	struct memory_files memory = { .count = 0 };
	struct files files = memory_files(&memory);
	struct diag d = { .report = keep };
	struct config c;

	(void)state;
	log_open(LOG_TO_STDERR, LEVEL_ERROR);
	memory_files_add(&memory, "conf", "", 0)->problem = "the disk is on fire";
	config_init(&c);
	assert_false(config_read_file(&c, "conf", &files, &d));
	assert_false(config_read_file(&c, "another", &files, &d));
	assert_int_equal(d.errors, 0); /* it is in the log */
	config_free(&c);
}

static void the_fingerprint_is_that_of_all_files_in_their_order(void **state)
{
	static const char *const texts[] = { "port 1\n", "port 2\n", "port 1\n#\n", "" };
	static struct reading r;
	uint64_t seen[4][4];

	(void)state;
	for (size_t i = 0; i < 16; i++) {
		for (unsigned again = 0; again < 2; again++) {
			config_init(&r.c);
			read_octets(&r, texts[i / 4], strlen(texts[i / 4]));
			read_octets(&r, texts[i % 4], strlen(texts[i % 4]));
			assert_true(again == 0 || seen[i / 4][i % 4] == r.c.fingerprint);
			seen[i / 4][i % 4] = r.c.fingerprint;
			config_free(&r.c);
		}
	}
	for (size_t i = 0; i < 16; i++)
		for (size_t k = 0; k < i; k++)
			assert_true(seen[i / 4][i % 4] != seen[k / 4][k % 4]);
}

/* ------ zones ------ */

static void zones_are_kept_in_their_order(void **state)
{
	struct config *c = good("zone home.arpa /etc/home.zone\n"
				"zone . \"root of all\" overlay\n"
				"zone home.arpa /etc/home.zone\n");

	(void)state;
	assert_int_equal(c->zone_count, 3);
	assert_string_equal(c->zones[0].origin, "home.arpa");
	assert_string_equal(c->zones[0].file, "/etc/home.zone");
	assert_false(c->zones[0].is_overlay);
	assert_string_equal(c->zones[1].origin, ".");
	assert_string_equal(c->zones[1].file, "root of all");
	assert_true(c->zones[1].is_overlay);
	assert_true(config_serves(c));
	config_free(c);
}

static void zone_lines_that_are_none_are_errors(void **state)
{
	static const struct error_case cases[] = {
		{ "zone home.arpa\n",
		  "1:1+4: expected 'zone ORIGIN FILE [overlay] [no-ptr] [for WHOM]'\n" },
		{ "zone a b overlay x\n",
		  "1:18+1: behind the file stand 'overlay', 'no-ptr', 'for INTERFACE' or 'for NETWORK'\n" },
		{ "zone a b Overlay\n",
		  "1:10+7: behind the file stand 'overlay', 'no-ptr', 'for INTERFACE' or 'for NETWORK'\n" },
	};

	(void)state;
	CHECK_ERRORS(cases);
}

static void zones_of_the_command_line_may_lack_an_origin(void **state)
{
	struct config c;

	(void)state;
	config_init(&c);
	assert_true(config_add_zone(&c, "home.arpa=/etc/home"));
	assert_true(config_add_zone(&c, "/etc/other"));
	assert_true(config_add_zone(&c, "=x"));
	assert_true(config_add_zone(&c, "a=b=c"));
	assert_string_equal(c.zones[0].origin, "home.arpa");
	assert_string_equal(c.zones[0].file, "/etc/home");
	assert_null(c.zones[1].origin);
	assert_string_equal(c.zones[1].file, "/etc/other");
	assert_null(c.zones[2].origin);
	assert_string_equal(c.zones[2].file, "=x");
	assert_string_equal(c.zones[3].file, "b=c");
	config_free(&c);
}

static void there_are_16384_zones_and_no_more(void **state)
{
	struct config c;

	(void)state;
	config_init(&c);
	for (unsigned i = 0; i < CONFIG_MAX_ZONES; i++)
		assert_true(config_add_zone(&c, "a=b"));
	assert_false(config_add_zone(&c, "a=b"));
	assert_int_equal(c.zone_count, 16384);
	assert_string_equal(c.zones[16383].file, "b");
	config_free(&c);
}

/* ------ the table ------ */

static void every_directive_is_found_by_its_word_and_its_letter(void **state)
{
	(void)state;
	for (size_t i = 0; i < directive_count; i++) {
		const struct directive *v = &directives[i];

		assert_ptr_equal(directive_find(v->text), v);
		assert_non_null(memchr(v->text, '\0', sizeof v->text));
		assert_non_null(memchr(v->arguments, '\0', sizeof v->arguments));
		assert_string_equal(directive_guess(v->text), v->text);
		if (v->letter)
			assert_ptr_equal(directive_by_letter(v->letter), v);
		assert_true(v->min_words <= v->max_words && v->max_words <= CONFIG_MAX_WORDS);
	}
	assert_null(directive_find("Zone"));
	assert_null(directive_find(""));
	assert_null(directive_by_letter('z'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_said_is_the_default_of_the_manual),
		cmocka_unit_test(lines_have_blanks_comments_and_ends_of_all_kinds),
		cmocka_unit_test(quotes_hold_a_word_together),
		cmocka_unit_test(an_error_is_told_with_its_line_and_column),
		cmocka_unit_test(a_word_that_is_nearly_right_is_guessed),
		cmocka_unit_test(two_typing_errors_are_a_guess_and_three_are_not),
		cmocka_unit_test(a_line_has_16_words_behind_its_first_and_4095_octets),
		cmocka_unit_test(every_beginning_of_a_file_is_handled),
		cmocka_unit_test(octets_that_are_no_text_are_errors),
		cmocka_unit_test(a_file_that_cannot_be_read_is_no_configuration),
		cmocka_unit_test(the_fingerprint_is_that_of_all_files_in_their_order),
		cmocka_unit_test(zones_are_kept_in_their_order),
		cmocka_unit_test(zone_lines_that_are_none_are_errors),
		cmocka_unit_test(zones_of_the_command_line_may_lack_an_origin),
		cmocka_unit_test(there_are_16384_zones_and_no_more),
		cmocka_unit_test(every_directive_is_found_by_its_word_and_its_letter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
