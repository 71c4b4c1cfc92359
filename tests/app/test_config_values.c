/*
 * test_config_values.c -- the values of ten35.conf(5): networks, sizes, times, numbers and words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "config_reading.h"

/* ------ allow ------ */

static void networks_are_allowed(void **state)
{
	struct config *c = good("allow 10.8.0.0/16 fd00:35::/64\nallow 192.0.2.1 ::1 0.0.0.0/0\n");
	static const struct {
		uint8_t size, bits, first;
	} expect[] = {
		{ 4, 16, 10 }, { 16, 64, 0xfd }, { 4, 32, 192 }, { 16, 128, 0 }, { 4, 0, 0 }
	};

	(void)state;
	assert_int_equal(c->allowed_count, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(c->allowed[i].size, expect[i].size);
		assert_int_equal(c->allowed[i].bits, expect[i].bits);
		assert_int_equal(c->allowed[i].octets[0], expect[i].first);
		assert_int_equal(c->allowed[i].interface, 0);
	}
	assert_false(c->allow_attached || c->allow_everybody);
	config_free(c);
	c = good("allow attached any\n");
	assert_true(c->allow_attached && c->allow_everybody && c->allowed_count == 0);
	config_free(c);
}

static void allow_lines_that_are_none_are_errors(void **state)
{
	static const struct error_case cases[] = {
		{ "allow\n", "1:1+5: expected 'allow NETWORK...'\n" },
		{ "allow 10.0.0.0/8 home\n",
		  "1:18+4: not a network: as in 10.8.0.0/16 or fd00:35::/64\n" },
		{ "allow 10.0.0/8\n", "1:7+8: not a network: as in 10.8.0.0/16 or fd00:35::/64\n" },
		{ "allow Any\n", "1:7+3: not a network: as in 10.8.0.0/16 or fd00:35::/64\n" },
		{ "allow fe80::1%eth0\n",
		  "1:7+12: not a network: as in 10.8.0.0/16 or fd00:35::/64\n" },
		{ "allow 10.0.0.0/33\n",
		  "1:7+11: after '/' stands a number of bits: 0 to 32, or to 128\n" },
		{ "allow 10.0.0.0/-1\n",
		  "1:7+11: after '/' stands a number of bits: 0 to 32, or to 128\n" },
		{ "allow 10.0.0.0/8x\n",
		  "1:7+11: after '/' stands a number of bits: 0 to 32, or to 128\n" },
		{ "allow \"10.0.0.0/ 8\"\n",
		  "1:7+11: after '/' stands a number of bits: 0 to 32, or to 128\n" },
	};

	(void)state;
	CHECK_ERRORS(cases);
}

/* So many lines "WORD BEFORE-number-BEHIND". */
static const char *many_lines(unsigned n, const char *before, const char *behind)
{
	static char text[65536];
	struct text out = text_init(text, sizeof text);

	for (unsigned i = 0; i < n; i++)
		text_format(&out, "%s%u%s\n", before, i, behind);
	assert_false(out.full);
	return text;
}

static void lists_have_their_limits(void **state)
{
	struct reading *r;

	(void)state;
	r = reading_of(many_lines(257, "allow fd00:", "::/32"));
	assert_string_equal(r->findings, "257:7+13: too many networks\n");
	assert_int_equal(r->c.allowed_count, 256);
	assert_int_equal(r->c.allowed[255].octets[3], 0x55);
	config_free(&r->c);
	r = reading_of(many_lines(257, "private-ok d", ".example"));
	assert_string_equal(r->findings, "257:12+12: too many domains\n");
	assert_name(&r->c.private_ok[255], "d255.example.");
	config_free(&r->c);
	r = reading_of(many_lines(33, "listen 192.0.2.", ""));
	assert_string_equal(r->findings, "33:8+10: too many addresses to listen at\n");
	assert_int_equal(r->c.listen_count, 32);
	assert_string_equal(r->c.listens[31], "192.0.2.31");
	config_free(&r->c);
}

/* ------ numbers and words ------ */

static void a_cache_has_from_256k_to_1g(void **state)
{
	static const struct {
		const char *text;
		size_t size;
	} sizes[] = {
		{ "cache 4M\n", 4u << 20 },           { "cache 512K\n", 512u << 10 },
		{ "cache 1G\n", 1u << 30 },           { "cache 1g\n", 1u << 30 },
		{ "cache 1024m\n", 1u << 30 },        { "cache 256k\n", 256u << 10 },
		{ "cache 262144\n", 262144 },         { "cache 1073741824\n", 1u << 30 },
		{ "cache 1G\ncache 1M\n", 1u << 20 }, { "cache 0001M\n", 1u << 20 },
	};
	static const struct error_case cases[] = {
		{ "cache 255K\n", "1:7+4: from 256K to 1G\n" },
		{ "cache 262143\n", "1:7+6: from 256K to 1G\n" },
		{ "cache 0\n", "1:7+1: from 256K to 1G\n" },
		{ "cache 2G\n", "1:7+2: from 256K to 1G\n" },
		{ "cache 1025M\n", "1:7+5: from 256K to 1G\n" },
		{ "cache 1073741825\n", "1:7+10: at most 1G\n" },
		{ "cache 18446744073709551616\n", "1:7+20: at most 1G\n" },
		{ "cache 17179869185G\n", "1:7+12: at most 1G\n" }, /* 1G modulo 2^64 */
		{ "cache M\n", "1:7+1: a size is a number and K, M or G: as in 4M\n" },
		{ "cache -4M\n", "1:7+3: a size is a number and K, M or G: as in 4M\n" },
		{ "cache +4M\n", "1:7+3: a size is a number and K, M or G: as in 4M\n" },
		{ "cache 4MB\n", "1:7+3: a size is a number and K, M or G: as in 4M\n" },
		{ "cache 4T\n", "1:7+2: a size is a number and K, M or G: as in 4M\n" },
		{ "cache 4.5M\n", "1:7+4: a size is a number and K, M or G: as in 4M\n" },
		{ "cache 0x40000\n", "1:7+7: a size is a number and K, M or G: as in 4M\n" },
		{ "cache 4 M\n", "1:1+5: expected 'cache SIZE'\n" },
		{ "cache\n", "1:1+5: expected 'cache SIZE'\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct config *c = good(sizes[i].text);
		assert_int_equal(c->cache_size, sizes[i].size);
		config_free(c);
	}
	CHECK_ERRORS(cases);
}

/* RFC 8767 §5 suggests one to three days; more than seven is a mistake. */
static void old_answers_serve_for_seven_days_at_most(void **state)
{
	static const struct {
		const char *text;
		uint32_t seconds;
	} times[] = {
		{ "stale\n", 86400 },           { "stale 12h\n", 43200 },
		{ "stale 1d12h\n", 129600 },    { "stale 3600\n", 3600 },
		{ "stale 7d\n", 604800 },       { "stale 1W\n", 604800 },
		{ "stale 7d\nstale\n", 86400 }, { "stale 0\n", 0 },
	};
	static const struct error_case cases[] = {
		{ "stale 8d\n", "1:7+2: at most 7d\n" },
		{ "stale 604801\n", "1:7+6: at most 7d\n" },
		{ "stale 4294967296\n", "1:7+10: a time, as in 1d or 12h\n" },
		{ "stale d\n", "1:7+1: a time, as in 1d or 12h\n" },
		{ "stale 1y\n", "1:7+2: a time, as in 1d or 12h\n" },
		{ "stale -1\n", "1:7+2: a time, as in 1d or 12h\n" },
		{ "stale \"\"\n", "1:7+1: a time, as in 1d or 12h\n" },
		{ "stale 1 d\n", "1:1+5: expected 'stale [TIME]'\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		struct config *c = good(times[i].text);
		assert_int_equal(c->stale_s, times[i].seconds);
		config_free(c);
	}
	CHECK_ERRORS(cases);
}

static void numbers_have_their_ranges(void **state)
{
	static const char no[] = "not a number in the range that is allowed";
	static const struct {
		const char *line;
		bool good;
	} cases[] = {
		{ "port 0", true },       { "port 65535", true },
		{ "port 65536", false },  { "port -1", false },
		{ "port +1", false },     { "port 5x", false },
		{ "port 0x35", false },   { "port \" 53\"", false },
		{ "port \"\"", false },   { "port 18446744073709551669", false },
		{ "watch 0", true },      { "watch 86400", true },
		{ "watch 86401", false }, { "watch 4294967297", false },
		{ "servers 1", true },    { "servers 16", true },
		{ "servers 17", false },  { "servers 0", false },
		{ "servers two", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct reading *r = reading_of(cases[i].line);

		if (r->good != cases[i].good || !r->good != (strstr(r->findings, no) != NULL))
			fail_msg("%s: %s", cases[i].line, r->findings);
		config_free(&r->c);
	}
	struct config *c = good("port 65535\nwatch 86400\nservers 16\n");
	assert_int_equal(c->port, 65535);
	assert_int_equal(c->watch_s, 86400);
	assert_int_equal(c->servers, 16);
	config_free(c);
}

static void of_single_values_the_last_one_counts(void **state)
{
	struct config *c = good("user a\nuser 1000:1000\nnsid a\nnsid b\nversion-text a\n"
				"version-text c\nport 1\nport 2\nwatch 1\nwatch 3\n");

	(void)state;
	assert_string_equal(c->user, "1000:1000");
	assert_string_equal(c->nsid, "b");
	assert_string_equal(c->version, "c");
	assert_int_equal(c->port, 2);
	assert_int_equal(c->watch_s, 3);
	config_free(c);
}

static void switches_are_words_alone(void **state)
{
	static const char *const words[] = { "trust-ad", "minimal", "log-queries", "syslog",
					     "verbose" };
	struct config *c = good("trust-ad\nminimal\nlog-queries\nsyslog\nverbose\nsyslog\n");

	(void)state;
	assert_true(c->trust_ad && c->minimal && c->log_queries && c->syslog);
	assert_int_equal(c->level, LEVEL_INFO);
	config_free(c);
	c = good("verbose\nverbose\nverbose\nverbose\n");
	assert_int_equal(c->level, LEVEL_DEBUG);
	config_free(c);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		char line[64];
		struct text text = text_init(line, sizeof line);

		text_format(&text, "%s no\n", words[i]);
		struct reading *r = reading_of(line);
		assert_non_null(strstr(r->findings, "expected '"));
		config_free(&r->c);
	}
}

static void texts_have_255_octets(void **state)
{
	static const char *const words[] = { "nsid", "version-text" };
	char line[300];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		size_t n = 255 + i / 2;
		struct text text = text_init(line, sizeof line);

		text_format(&text, "%s ", words[i % 2]);
		for (size_t k = 0; k < n; k++)
			text_put_char(&text, 'x');
		struct reading *r = reading_of(line);
		assert_int_equal(r->good, n == 255);
		if (!r->good)
			assert_non_null(strstr(r->findings, ": longer than 255 octets\n"));
		config_free(&r->c);
	}
}

static void addresses_to_listen_at_are_checked_and_kept_as_given(void **state)
{
	static const struct error_case cases[] = {
		{ "listen 192.0.2.1@53 ::1 192.0.2.1#5300 [::1]:5300 0.0.0.0 ::\n", "" },
		{ "listen 192.0.2.1@0\n", "" },
		{ "listen\n", "1:1+6: expected 'listen ADDRESS'\n" },
		{ "listen eth0\n", "1:8+4: not an IP address\n" },
		{ "listen ::1 fe80::1%no-such-if\n", "1:12+18: no interface has this name\n" },
		{ "listen 2001:db8::1%1\n",
		  "1:8+13: only a link-local address takes an interface\n" },
		{ "listen [::1\n", "1:8+4: ']' is missing\n" },
	};
	struct config *c = good("listen 192.0.2.1#5300\nlisten [::1]:53\n");

	(void)state;
	assert_int_equal(c->listen_count, 2);
	assert_string_equal(c->listens[0], "192.0.2.1#5300");
	assert_string_equal(c->listens[1], "[::1]:53");
	config_free(c);
	CHECK_ERRORS(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_are_allowed),
		cmocka_unit_test(allow_lines_that_are_none_are_errors),
		cmocka_unit_test(lists_have_their_limits),
		cmocka_unit_test(a_cache_has_from_256k_to_1g),
		cmocka_unit_test(old_answers_serve_for_seven_days_at_most),
		cmocka_unit_test(numbers_have_their_ranges),
		cmocka_unit_test(of_single_values_the_last_one_counts),
		cmocka_unit_test(switches_are_words_alone),
		cmocka_unit_test(texts_have_255_octets),
		cmocka_unit_test(addresses_to_listen_at_are_checked_and_kept_as_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
