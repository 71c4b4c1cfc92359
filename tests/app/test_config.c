/*
 * test_config.c -- the directives of ten35.conf(5): what each takes, and what is said of errors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "app/config.h"
#include "support/memory_files.h"

/* A configuration that was read, and what was said about it. */
struct reading {
	struct config c;
	struct diag d;
	bool good;
	char findings[8192]; /* "line:column: message", one a line; '~' for each octet underlined */
	struct text said;
};

static void keep(void *self, const struct finding *f)
{
	struct reading *r = self;

	assert_int_equal(f->severity, SEVERITY_ERROR);
	assert_string_equal(f->file, "conf");
	text_format(&r->said, "%u:%u+%u: %s\n", f->line, f->column, f->width, f->message);
}

static void read_octets(struct reading *r, const char *text, size_t n)
{
	struct memory_files memory = { .count = 0 };
	struct files files = memory_files(&memory);

	memory_files_add(&memory, "conf", text, n);
	r->said = text_init(r->findings, sizeof r->findings);
	r->d = (struct diag){ .report = keep, .self = r };
	r->good = config_read_file(&r->c, "conf", &files, &r->d);
	assert_int_equal(memory.open, 0);
	assert_int_equal(r->good, r->d.errors == 0);
	assert_true(r->c.has_file);
}

static struct reading *reading_of(const char *text)
{
	static struct reading r;

	config_init(&r.c);
	read_octets(&r, text, strlen(text));
	return &r;
}

/* The configuration of a text without errors. */
static struct config *good(const char *text)
{
	struct reading *r = reading_of(text);

	if (!r->good)
		fail_msg("'%.60s': %s", text, r->findings);
	return &r->c;
}

struct error_case {
	const char *text, *expect;
};

static void check_errors(const struct error_case *c, size_t n)
{
	for (; n > 0; n--, c++) {
		struct reading *r = reading_of(c->text);

		if (strcmp(r->findings, c->expect) != 0)
			fail_msg("'%.60s': '%s' instead of '%s'", c->text, r->findings, c->expect);
		config_free(&r->c);
	}
}

#define CHECK_ERRORS(cases) check_errors(cases, sizeof cases / sizeof cases[0])

static void assert_address(const struct address *a, const char *expect)
{
	char room[ADDRESS_TEXT_MAX];
	struct text out = text_init(room, sizeof room);

	address_print(a, &out);
	assert_string_equal(room, expect);
}

static void assert_name(const struct name_buf *name, const char *expect)
{
	char room[NAME_MAX_TEXT];
	struct text out = text_init(room, sizeof room);

	name_print(name_view(name), &out);
	assert_string_equal(room, expect);
}

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
		{ "zone home.arpa\n", "1:1+4: expected 'zone ORIGIN FILE [overlay]'\n" },
		{ "zone a b overlay x\n", "1:1+4: expected 'zone ORIGIN FILE [overlay]'\n" },
		{ "zone a b Overlay\n", "1:10+7: behind the file stands 'overlay' or nothing\n" },
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

/* ------ forward ------ */

static void a_domain_has_upstream_servers(void **state)
{
	struct config *c = good("forward . 9.9.9.9 2001:db8::1 192.0.2.1@5300 192.0.2.1#5301 "
				"[2001:db8::1]:5300 192.0.2.1:5302 /etc/resolv.conf ./servers\n"
				"forward Corp.Example 10.8.0.53\n");
	const struct forward_config *f = &c->forwards[0];
	static const char *const expect[] = { "9.9.9.9@53",       "2001:db8::1@53",
					      "192.0.2.1@5300",   "192.0.2.1@5301",
					      "2001:db8::1@5300", "192.0.2.1@5302" };

	(void)state;
	assert_int_equal(c->forward_count, 2);
	assert_name(&f->domain, ".");
	assert_int_equal(f->upstream_count, 8);
	for (size_t i = 0; i < 6; i++) {
		assert_null(f->upstreams[i].file);
		assert_address(&f->upstreams[i].address, expect[i]);
	}
	assert_string_equal(f->upstreams[6].file, "/etc/resolv.conf");
	assert_string_equal(f->upstreams[7].file, "./servers");
	assert_name(&c->forwards[1].domain, "Corp.Example.");
	assert_int_equal(c->forwards[1].upstream_count, 1);
	assert_true(config_serves(c));
	config_free(c);
}

static void a_line_adds_to_earlier_ones_for_its_domain(void **state)
{
	struct config *c = good("forward a.example 192.0.2.1\n"
				"forward b.example 192.0.2.2\n"
				"forward A.EXAMPLE. 192.0.2.3 192.0.2.4\n");

	(void)state;
	assert_int_equal(c->forward_count, 2);
	assert_int_equal(c->forwards[0].upstream_count, 3);
	assert_address(&c->forwards[0].upstreams[2].address, "192.0.2.4@53");
	assert_int_equal(c->forwards[1].upstream_count, 1);
	config_free(c);
}

static void nobody_is_asked_for_a_domain_with_none(void **state)
{
	struct config *c = good("forward corp.example none\nforward corp.example none\n");

	(void)state;
	assert_int_equal(c->forward_count, 1);
	assert_true(c->forwards[0].is_blocked);
	assert_int_equal(c->forwards[0].upstream_count, 0);
	assert_false(config_serves(c)); /* that alone is no reason to be there */
	config_free(c);
}

/* RFC 1035 §3.5 and RFC 3596 §2.5 make the names; RFC 2317 §4 has names with a '/'. */
static void a_network_stands_for_its_reverse_domains(void **state)
{
	static const struct {
		const char *word;
		size_t count;
		const char *first, *last;
	} cases[] = {
		{ "10.8.0.0/16", 1, "8.10.in-addr.arpa.", "8.10.in-addr.arpa." },
		{ "10.8.0.0/24", 1, "0.8.10.in-addr.arpa.", "0.8.10.in-addr.arpa." },
		{ "192.0.2.7/32", 1, "7.2.0.192.in-addr.arpa.", "7.2.0.192.in-addr.arpa." },
		{ "192.0.2.64/26", 64, "64.2.0.192.in-addr.arpa.", "127.2.0.192.in-addr.arpa." },
		{ "172.16.0.0/12", 16, "16.172.in-addr.arpa.", "31.172.in-addr.arpa." },
		{ "10.8.3.4/15", 2, "8.10.in-addr.arpa.", "9.10.in-addr.arpa." },
		{ "255.255.255.255/9", 128, "128.255.in-addr.arpa.", "255.255.in-addr.arpa." },
		{ "128.0.0.0/1", 128, "128.in-addr.arpa.", "255.in-addr.arpa." },
		{ "fd00::/8", 1, "d.f.ip6.arpa.", "d.f.ip6.arpa." },
		{ "fc00::/7", 2, "c.f.ip6.arpa.", "d.f.ip6.arpa." },
		{ "2001:db8::/32", 1, "8.b.d.0.1.0.0.2.ip6.arpa.", "8.b.d.0.1.0.0.2.ip6.arpa." },
		{ "2001:db8::/29", 8, "8.b.d.0.1.0.0.2.ip6.arpa.", "f.b.d.0.1.0.0.2.ip6.arpa." },
		{ "8000::/1", 8, "8.ip6.arpa.", "f.ip6.arpa." },
		{ "0/25.2.0.192.in-addr.arpa", 1, "0/25.2.0.192.in-addr.arpa.",
		  "0/25.2.0.192.in-addr.arpa." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char line[128];
		struct text text = text_init(line, sizeof line);

		text_format(&text, "forward %s 192.0.2.1\n", cases[i].word);
		struct config *c = good(line);
		assert_int_equal(c->forward_count, cases[i].count);
		assert_name(&c->forwards[0].domain, cases[i].first);
		assert_name(&c->forwards[c->forward_count - 1].domain, cases[i].last);
		config_free(c);
	}
}

static void every_upstream_server_counts_for_every_domain_of_a_network(void **state)
{
	struct config *c = good("forward 172.16.0.0/12 192.0.2.1 /etc/x\n"
				"forward 20.172.in-addr.arpa 192.0.2.2\n");

	(void)state;
	assert_int_equal(c->forward_count, 16);
	for (size_t i = 0; i < 16; i++) {
		assert_int_equal(c->forwards[i].upstream_count, i == 4 ? 3 : 2);
		assert_address(&c->forwards[i].upstreams[0].address, "192.0.2.1@53");
		assert_string_equal(c->forwards[i].upstreams[1].file, "/etc/x");
	}
	config_free(c);
}

#define LABEL63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

static void forward_lines_that_are_none_are_errors(void **state)
{
	static const struct error_case cases[] = {
		{ "forward .\n", "1:1+7: expected 'forward DOMAIN UPSTREAM...'\n" },
		{ "forward 192.0.2.0/33 ::1\n",
		  "1:9+12: after '/' stands a number of bits: 0 to 32, or to 128\n" },
		{ "forward 2001:db8::/129 ::1\n",
		  "1:9+14: after '/' stands a number of bits: 0 to 32, or to 128\n" },
		{ "forward 192.0.2.0/x ::1\n",
		  "1:9+11: after '/' stands a number of bits: 0 to 32, or to 128\n" },
		{ "forward 192.0.2.0/ ::1\n",
		  "1:9+10: after '/' stands a number of bits: 0 to 32, or to 128\n" },
		{ "forward 192.0.2.0/4294967304 ::1\n",
		  "1:9+20: after '/' stands a number of bits: 0 to 32, or to 128\n" },
		{ "forward 192.0.2/24 ::1\n",
		  "1:9+10: not a network: as in 10.8.0.0/16 or fd00:35::/64\n" },
		{ "forward 0.0.0.0/0 ::1\n", "1:9+9: a network of at least one bit\n" },
		{ "forward ::/0 ::1\n", "1:9+4: a network of at least one bit\n" },
		{ "forward a..b ::1\n", "1:9+4: empty label in name\n" },
		{ "forward x" LABEL63 " ::1\n", "1:9+64: label longer than 63 octets\n" },
		{ "forward . 192.0.2.1@0\n", "1:11+11: port 0 cannot be asked\n" },
		{ "forward . 192.0.2.1@65536\n", "1:11+15: a port is at most 65535\n" },
		{ "forward . 192.0.2.1@\n", "1:11+10: a port number is missing\n" },
		{ "forward . ::ffff:192.0.2.1\n",
		  "1:11+16: an IPv4 address is written without ::ffff:\n" },
		{ "forward . dns.example\n", "1:11+11: not an IP address\n" },
		{ "forward . fe80::1%no-such-if\n", "1:11+18: no interface has this name\n" },
		/* Linux delivers these to itself (RFC 1122 §3.2.1.3). */
		{ "forward . 0.0.0.0\n",
		  "1:11+7: this address is this host: an upstream server is another one\n" },
		{ "forward . 0.0.0.1\n",
		  "1:11+7: this address is this host: an upstream server is another one\n" },
		{ "forward . ::\n",
		  "1:11+2: this address is this host: an upstream server is another one\n" },
		{ "forward . 192.0.2.1 224.0.0.1\n", "1:21+9: not the address of one host\n" },
		{ "forward . 255.255.255.255\n", "1:11+15: not the address of one host\n" },
		{ "forward . ff02::1\n", "1:11+7: not the address of one host\n" },
		{ "forward . None\n", "1:11+4: an upstream server is an IP address, a file with "
				      "'/' in its name, or none\n" },
	};

	(void)state;
	CHECK_ERRORS(cases);
}

static void none_stands_alone(void **state)
{
	static const struct error_case cases[] = {
		{ "forward . none 192.0.2.1\n",
		  "1:16+9: 'none' stands alone: either nobody is asked for a domain, or "
		  "somebody\n" },
		{ "forward . 192.0.2.1 none\n",
		  "1:21+4: 'none' stands alone: either nobody is asked for a domain, or "
		  "somebody\n" },
		{ "forward a none\nforward a /etc/x\n",
		  "2:11+6: 'none' stands alone: either nobody is asked for a domain, or "
		  "somebody\n" },
		{ "forward a 192.0.2.1\nforward A. none\n",
		  "2:12+4: 'none' stands alone: either nobody is asked for a domain, or "
		  "somebody\n" },
		{ "forward a none\nforward b.a 192.0.2.1\n", "" },
	};

	(void)state;
	CHECK_ERRORS(cases);
}

static void a_domain_has_eight_upstream_servers_and_no_more(void **state)
{
	static const struct error_case cases[] = {
		{ "forward . 1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5 1.1.1.6 1.1.1.7 1.1.1.8\n",
		  "" },
		{ "forward . 1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5 1.1.1.6 1.1.1.7 1.1.1.8 /x\n",
		  "1:75+2: more than 8 upstream servers for one domain\n" },
		{ "forward . 1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5 1.1.1.6 1.1.1.7 1.1.1.8\n"
		  "forward . 1.1.1.9\n",
		  "2:11+7: more than 8 upstream servers for one domain\n" },
	};

	(void)state;
	CHECK_ERRORS(cases);
}

static void there_are_512_domains_and_no_more(void **state)
{
	static char text[32768];
	struct text out = text_init(text, sizeof text);

	(void)state;
	for (unsigned i = 0; i < 512; i++)
		text_format(&out, "forward d%u. 192.0.2.1\n", i);
	struct config *c = good(text);
	assert_int_equal(c->forward_count, CONFIG_MAX_FORWARDS);
	assert_name(&c->forwards[511].domain, "d511.");
	config_free(c);
	text_put(&out, "forward d7 192.0.2.2\nforward another 192.0.2.1\n");
	assert_false(out.full);
	struct reading *r = reading_of(text);
	assert_string_equal(r->findings, "514:9+7: too many domains, or out of memory\n");
	assert_int_equal(r->c.forwards[7].upstream_count, 2);
	config_free(&r->c);
}

/* ------ what stands when nothing is said ------ */

static void without_a_line_for_the_root_resolv_conf_is_asked(void **state)
{
	struct config *c = good("forward corp.example 192.0.2.1\n");

	(void)state;
	assert_true(config_complete(c));
	assert_int_equal(c->forward_count, 2);
	assert_name(&c->forwards[1].domain, ".");
	assert_int_equal(c->forwards[1].upstream_count, 1);
	assert_string_equal(c->forwards[1].upstreams[0].file, "/etc/resolv.conf");
	assert_true(c->allow_attached);
	config_free(c);
	c = good("zone a b\n");
	assert_true(config_complete(c));
	assert_false(c->is_forwarder); /* nobody named it: a reason to answer it is not */
	config_free(c);
	c = good("");
	assert_true(config_complete(c));
	assert_false(config_serves(c));
	config_free(c);
}

static void a_line_for_the_root_stands_alone(void **state)
{
	static const char *const texts[] = { "forward . 9.9.9.9\nallow any\n",
					     "forward . none\nallow 192.0.2.0/24\n" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct config *c = good(texts[i]);
		assert_true(config_complete(c));
		assert_int_equal(c->forward_count, 1);
		assert_int_equal(c->forwards[0].upstream_count, i == 0);
		assert_false(c->allow_attached);
		config_free(c);
	}
}

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

/* ------ the table ------ */

static void every_directive_is_found_by_its_word_and_its_letter(void **state)
{
	(void)state;
	for (size_t i = 0; i < directive_count; i++) {
		const struct directive *v = &directives[i];

		assert_ptr_equal(directive_find(v->text), v);
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
		cmocka_unit_test(a_domain_has_upstream_servers),
		cmocka_unit_test(a_line_adds_to_earlier_ones_for_its_domain),
		cmocka_unit_test(nobody_is_asked_for_a_domain_with_none),
		cmocka_unit_test(a_network_stands_for_its_reverse_domains),
		cmocka_unit_test(every_upstream_server_counts_for_every_domain_of_a_network),
		cmocka_unit_test(forward_lines_that_are_none_are_errors),
		cmocka_unit_test(none_stands_alone),
		cmocka_unit_test(a_domain_has_eight_upstream_servers_and_no_more),
		cmocka_unit_test(there_are_512_domains_and_no_more),
		cmocka_unit_test(without_a_line_for_the_root_resolv_conf_is_asked),
		cmocka_unit_test(a_line_for_the_root_stands_alone),
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
		cmocka_unit_test(every_directive_is_found_by_its_word_and_its_letter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
