/*
 * dictionary.c -- words for fuzzers, out of the tables that the program itself reads by.
 *
 *	dictionary [--wire] [--text]
 *
 * Prints a dictionary as libFuzzer and AFL++ read it: a line an entry, in
 * quotes, all but plain characters as \xNN.  An entry has 64 octets at most,
 * because libFuzzer takes none that are longer.
 */
#include "examples.h"
#include "app/directives.h"
#include "dns/edns.h"
#include "dns/svc_keys.h"

#include <ctype.h>
#include <stdio.h>

enum { ENTRY_MAX = 64 };

static void entry(const void *octets, size_t size)
{
	const uint8_t *at = octets;

	if (size == 0 || size > ENTRY_MAX)
		return;
	putchar('"');
	for (size_t i = 0; i < size; i++)
		if (isalnum(at[i]) || (at[i] != 0 && strchr(" $.:;()@*/=,_-", at[i])))
			putchar(at[i]);
		else
			printf("\\x%02X", at[i]);
	puts("\"");
}

static void entry_text(const char *text)
{
	entry(text, strlen(text));
}

/* ------ messages ------ */

/* As a question has it, as a record has it, and as the target "rdata" has it. */
static void wire_type(const struct example *e)
{
	uint8_t octets[ENTRY_MAX];
	struct writer w = writer_init(octets, sizeof octets);

	put_u16(&w, e->type);
	uint8_t *behind_type = w.pos;
	put_u16(&w, CLASS_IN);
	entry(octets, writer_size(&w));
	put_u32(&w, 300);
	put_u16(&w, e->size);
	put_octets(&w, e->rdata, e->size);
	if (!w.full)
		entry(octets, writer_size(&w));
	writer_rewind(&w, behind_type);
	put_octets(&w, e->rdata, e->size);
	if (!w.full)
		entry(octets, writer_size(&w));
}

static void wire_option(uint16_t code, const char *octets, uint16_t size)
{
	uint8_t option[ENTRY_MAX];
	struct writer w = writer_init(option, sizeof option);

	put_u16(&w, code);
	put_u16(&w, size);
	put_octets(&w, octets, size);
	entry(option, writer_size(&w));
}

static void wire(void)
{
	static const char cookie[] = "01234567\1\0\0\0abcdefghijkl";
	static const struct slice rest[] = {
#define OCTETS(text) { (const uint8_t *)(text), sizeof(text) - 1 }
		OCTETS("\xc0\x0c"),                       /* a pointer to the question's name */
		OCTETS("\xc0"),                           /* a pointer to anywhere */
		OCTETS("\3www\7example\0"),               /* names that the seeds have */
		OCTETS("\1*"),                            /* a wildcard's label */
		OCTETS("\7version\4bind\0\0\x10\0\3"),    /* CHAOS (RFC 4892) */
		OCTETS("\0\0\x29\4\xd0\0\0\0\0\0\0"),     /* OPT, and nothing in it */
		OCTETS("\0\0\x29\xff\xff\0\1\x80\0\0\4"), /* another version, DO, an option */
		OCTETS("\1\0\0\1\0\0\0\0\0\0"),           /* the header of a query */
		OCTETS("\x81\x80\0\1\0\1\0\0\0\0"),       /* the header of a response */
		OCTETS("\7in-addr\4arpa\0"),
		OCTETS("\3ip6\4arpa\0"),
		OCTETS("\0\xfe"),
		OCTETS("\0\xff"), /* classes */
		OCTETS("\x7f\xff\xff\xff"),
		OCTETS("\x80\0\0\0"), /* TTLs (RFC 2181 §8) */
#undef OCTETS
	};
	size_t count;
	const struct example *e = examples(&count);

	for (size_t i = 0; i < count; i++)
		wire_type(&e[i]);
	for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++)
		entry(rest[i].octets, rest[i].size);
	wire_option(OPTION_NSID, "", 0);
	wire_option(OPTION_CLIENT_SUBNET, "\0\1\x18\0\xc0\0\2", 7);
	wire_option(OPTION_COOKIE, cookie, COOKIE_CLIENT_SIZE);
	wire_option(OPTION_COOKIE, cookie, COOKIE_CLIENT_SIZE + COOKIE_SERVER_SIZE);
	wire_option(OPTION_EDE, "\0\3text", 6);
}

/* ------ text ------ */

/* An example as a line, and each of its words. */
static void text_example(const char *text)
{
	entry_text(text);
	for (size_t size; *text; text += size, text += *text == ' ') {
		size = strcspn(text, " ");
		entry(text, size);
	}
}

static void text_tables(void)
{
	static const char *const names[] = {
		"IN",    "CH",      "HS",   "NONE",     "ANY",       "TYPE",
		"CLASS", "$ORIGIN", "$TTL", "$INCLUDE", "$GENERATE",
	};
	size_t count;
	const struct example *e = examples(&count);

	for (size_t i = 0; i < count; i++)
		text_example(e[i].text);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		entry_text(names[i]);
	for (uint16_t key = 0; svc_key_find(key); key++)
		entry_text(svc_key_find(key)->name);
	for (size_t i = 0; i < directive_count; i++) {
		entry_text(directives[i].text);
		text_example(directives[i].arguments);
	}
}

static void text(void)
{
	static const char *const rest[] = {
		"\\#",        "\\000", "\\\"",      "\"\"",     "(",
		")",          ";",     "@",         "*",        "*.",
		"\n",         "\n\t",  "\r\n",      "#",        "1h30m",
		"2147483648", "::1",   "127.0.0.1", "${0,3,d}", "1-3/2",
		"$$",         "none",  "for",       "lease",    "AllowedIPs = ",
		"[Peer]\n",
	};

	text_tables();
	for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++)
		entry_text(rest[i]);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--wire") == 0)
			wire();
		else if (strcmp(argv[i], "--text") == 0)
			text();
		else
			return 2;
	}
	return fflush(stdout) != 0;
}
