#include "support/print.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * RDATA by letters: n name that may be compressed, N one that may not, a address,
 * 6 IPv6 address, s 16 bits, l 32 bits, t strings to the end.  Others in hex.
 */
static const struct {
	uint16_t type;
	const char *text, *fields;
} types[] = {
	{ 1, "A", "a" },         { 2, "NS", "n" },     { 5, "CNAME", "n" },
	{ 6, "SOA", "nnlllll" }, { 12, "PTR", "n" },   { 13, "HINFO", "t" },
	{ 15, "MX", "sn" },      { 16, "TXT", "t" },   { 28, "AAAA", "6" },
	{ 33, "SRV", "sssN" },   { 39, "DNAME", "N" }, { 43, "DS", "x" },
	{ 65, "HTTPS", "sNx" },
};

static struct printed result;
static char names[4 << 20];
static size_t names_used, text_used;

struct cursor {
	const uint8_t *octets;
	size_t size, at, end; /* end: of the part being read */
};

static bool fail(const char *problem)
{
	if (!result.problem)
		result.problem = problem;
	return false;
}

static void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int n = vsnprintf(result.text + text_used, sizeof result.text - text_used, format, args);
	va_end(args);
	text_used += (size_t)n;
	if (text_used >= sizeof result.text) {
		text_used = sizeof result.text - 1;
		fail("more text than the printer has room for");
	}
}

static unsigned number(struct cursor *c, size_t n)
{
	unsigned v = 0;

	if (n > c->end - c->at) {
		fail("a number goes beyond its part");
		c->at = c->end;
		return 0;
	}
	while (n-- > 0)
		v = v << 8 | c->octets[c->at++];
	return v;
}

/* Appends one label to text; its size counts towards the 255 octets. */
static void label_text(const uint8_t *label, char **to)
{
	for (unsigned i = 1; i <= label[0]; i++) {
		if (strchr(".\\\"();@$", label[i]) && label[i])
			*to += sprintf(*to, "\\%c", label[i]);
		else if (label[i] > 0x20 && label[i] < 0x7f)
			*(*to)++ = (char)label[i];
		else
			*to += sprintf(*to, "\\%03u", label[i]);
	}
	*(*to)++ = '.';
	**to = '\0';
}

/* Reads a name at c->at into text; false with the problem noted. */
static bool read_name(struct cursor *c, bool pointers, char *to)
{
	size_t at = c->at, lowest = c->at, limit = c->end, used = 0;
	unsigned jumps = 0;

	if (strlen(to) != 0)
		abort();
	for (;;) {
		if (at >= limit)
			return fail("a name goes beyond its part");
		uint8_t n = c->octets[at];
		if ((n & 0xc0) == 0xc0) {
			if (!pointers)
				return fail("a pointer where none may be");
			if (at + 2 > limit)
				return fail("half a pointer");
			size_t target = (size_t)(n & 0x3f) << 8 | c->octets[at + 1];
			if (target >= lowest || target < 12)
				return fail("a pointer that does not lead backwards");
			if (jumps++ == 0)
				c->at = at + 2;
			if (jumps > 126)
				return fail("more pointers than a name has labels");
			limit = lowest; /* what stands further back belongs to this name itself */
			at = lowest = target;
			continue;
		}
		if (n & 0xc0)
			return fail("a reserved label type");
		if (at + 1 + n > limit)
			return fail("a label goes beyond its part");
		used += 1u + n;
		if (used > 255)
			return fail("a name of more than 255 octets");
		at += 1u + n;
		if (n == 0)
			break;
		label_text(c->octets + at - 1 - n, &to);
	}
	if (jumps == 0)
		c->at = at;
	if (used == 1)
		strcpy(to, ".");
	return true;
}

static void say_name(struct cursor *c, bool pointers)
{
	char name[PRINT_NAME] = "";

	read_name(c, pointers, name);
	say(" %s", name);
}

static void say_strings(struct cursor *c)
{
	while (c->at < c->end) {
		unsigned n = number(c, 1);
		say(" \"");
		while (n-- > 0 && c->at < c->end)
			say("%c", isprint(c->octets[c->at]) ? c->octets[c->at] : '?'), c->at++;
		say("\"");
	}
}

static void say_address(struct cursor *c)
{
	unsigned v = number(c, 4);

	say(" %u.%u.%u.%u", v >> 24, v >> 16 & 255, v >> 8 & 255, v & 255);
}

/* Eight groups, not shortened but for "::" in the longest place that tests use. */
static void say_address6(struct cursor *c)
{
	unsigned group[8], zeros = 0, best = 8, best_size = 1;

	for (int i = 0; i < 8; i++)
		group[i] = number(c, 2);
	for (unsigned i = 0; i < 8; i++) {
		zeros = group[i] == 0 ? zeros + 1 : 0;
		if (zeros > best_size) {
			best_size = zeros;
			best = i + 1 - zeros;
		}
	}
	say(" ");
	for (unsigned i = 0; i < 8; i++) {
		if (i == best) {
			say("::");
			i += best_size - 1;
		} else {
			say("%s%x", i == 0 || i == best + best_size ? "" : ":", group[i]);
		}
	}
}

static void say_rdata(struct cursor *c, uint16_t type)
{
	const char *fields = "x";

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (types[i].type == type)
			fields = types[i].fields;
	for (; *fields; fields++) {
		switch (*fields) {
		case 'n':
		case 'N':
			say_name(c, *fields == 'n');
			break;
		case 's':
			say(" %u", number(c, 2));
			break;
		case 'l':
			say(" %u", number(c, 4));
			break;
		case 'a':
			say_address(c);
			break;
		case '6':
			say_address6(c);
			break;
		case 't':
			say_strings(c);
			break;
		default:
			say("%s", c->at < c->end ? " " : "");
			while (c->at < c->end)
				say("%02x", number(c, 1));
		}
	}
	if (c->at != c->end)
		fail("RDATA that its type does not use up");
}

static void say_option(struct cursor *c, unsigned code, size_t size)
{
	size_t end = c->at + size;

	if (code == 15 && size >= 2) {
		say(" ede=%u", number(c, 2));
		if (c->at < end)
			say(":\"%.*s\"", (int)(end - c->at), (const char *)c->octets + c->at);
	} else if (code == 3) {
		say(" nsid=\"%.*s\"", (int)size, (const char *)c->octets + c->at);
	} else {
		if (code == 10)
			say(" cookie=");
		else
			say(" option%u=", code);
		while (c->at < end)
			say("%02x", number(c, 1));
	}
	c->at = end;
}

static void say_opt(struct cursor *c, unsigned size, unsigned ttl)
{
	unsigned seen = 0;

	if (result.opt)
		fail("two OPT records");
	result.opt = true;
	result.rcode |= ttl >> 24 << 4;
	if (ttl >> 16 & 255)
		fail("an EDNS version that is not 0");
	if (ttl & 0x7fff)
		fail("flags of EDNS that have no meaning");
	say("opt %u%s", size, ttl & 0x8000 ? " do" : "");
	while (c->at < c->end) {
		bool is_cut = c->end - c->at < 4;
		unsigned code = is_cut ? 0 : number(c, 2);
		size_t n = is_cut ? 0 : number(c, 2);
		if (is_cut || n > c->end - c->at) {
			fail("an option beyond OPT");
			return;
		}
		if (code < 32 && seen >> code & 1)
			fail("an option twice");
		seen |= code < 32 ? 1u << code : 0;
		say_option(c, code, n);
	}
}

static void say_tsig_fields(struct cursor *c)
{
	say_name(c, false);
	number(c, 3), number(c, 3);
	unsigned fudge = number(c, 2);
	size_t mac = number(c, 2);
	if (mac > c->end - c->at) {
		fail("a MAC that is cut");
		return;
	}
	c->at += mac;
	unsigned id = number(c, 2);
	unsigned error = number(c, 2);
	unsigned other = number(c, 2);
	say(" fudge=%u mac=%zu id=%u error=%u other=%u", fudge, mac, id, error, other);
	if (c->at != c->end)
		fail("octets behind the last field");
}

static void say_tsig(struct cursor *c)
{
	result.tsig = true;
	say_tsig_fields(c);
	if (result.problem)
		result.problem = "TSIG that cannot be read";
}

static const char *type_text(uint16_t type)
{
	static char number_text[16];

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (types[i].type == type)
			return types[i].text;
	snprintf(number_text, sizeof number_text, "TYPE%u", type);
	return number_text;
}

static const char *keep(const char *text, size_t n)
{
	char *at = names + names_used;

	if (names_used + n + 1 > sizeof names) {
		fail("more names than the printer has room for");
		return "";
	}
	memcpy(at, text, n);
	at[n] = '\0';
	names_used += n + 1;
	return at;
}

static bool say_record(struct cursor *c, const char *section)
{
	char owner[PRINT_NAME] = "";
	size_t before = c->at, line = text_used;

	if (!read_name(c, true, owner))
		return false;
	uint16_t type = (uint16_t)number(c, 2);
	unsigned class = number(c, 2), ttl = number(c, 4);
	size_t rdlength = number(c, 2);
	if (result.problem || rdlength > c->end - c->at)
		return fail("a record goes beyond the message");
	struct cursor rdata = *c;
	rdata.end = c->at += rdlength;
	if (result.tsig)
		return fail("a record behind TSIG");
	if (type == 41) {
		if (strcmp(section, "ar") != 0 || strcmp(owner, ".") != 0)
			return fail("OPT where it may not be");
		result.opt_size = c->at - before;
		say_opt(&rdata, class, ttl);
	} else if (type == 250) {
		if (strcmp(section, "ar") != 0 || class != 255 || ttl != 0)
			return fail("TSIG where or as it may not be");
		say("tsig %s", owner);
		say_tsig(&rdata);
	} else {
		say("%s ", section);
		line = text_used;
		say("%s %u %s%s", owner, ttl,
		    class == 1   ? ""
		    : class == 3 ? "CH "
				 : "CLASS? ",
		    type_text(type));
		say_rdata(&rdata, type);
		if (result.record_count == PRINT_RECORDS)
			return fail("more records than the printer has room for");
		struct print_record *r = &result.records[result.record_count++];
		memcpy(r->section, section, 3);
		r->type = type;
		r->owner = keep(owner, strlen(owner));
		r->line = keep(result.text + line, text_used - line);
		r->end = c->at;
	}
	say("\n");
	return !result.problem;
}

static const char *rcode_name(unsigned rcode)
{
	static const char *const texts[] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
					     "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
					     "NXRRSET", "NOTAUTH" };

	return rcode == 16 ? "BADVERS" : rcode < 10 ? texts[rcode] : "RCODE?";
}

/* The first line, when OPT has told the upper bits of the code. */
static void put_first_line(void)
{
	static const struct {
		uint16_t bit;
		const char *text;
	} flags[] = { { 0x0400, " aa" }, { 0x0200, " tc" }, { 0x0100, " rd" }, { 0x0080, " ra" },
		      { 0x0040, " z" },  { 0x0020, " ad" }, { 0x0010, " cd" } };
	char first[128];
	int n = snprintf(first, sizeof first, "%s", rcode_name(result.rcode));

	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		if (result.flags & flags[i].bit)
			n += snprintf(first + n, sizeof first - (size_t)n, "%s", flags[i].text);
	first[n++] = '\n';
	if (text_used + (size_t)n + 1 > sizeof result.text)
		return;
	memmove(result.text + n, result.text, text_used + 1);
	memcpy(result.text, first, (size_t)n);
}

const struct printed *print_reply(const uint8_t *octets, size_t size)
{
	static const char *const sections[] = { "an", "ns", "ar" };
	struct cursor c = { .octets = octets, .size = size, .end = size };

	result.problem = NULL;
	result.record_count = 0;
	result.opt = result.tsig = false;
	result.opt_size = 0;
	result.text[0] = '\0';
	names_used = text_used = 0;
	if (size < 12) {
		fail("shorter than a header");
		return &result;
	}
	result.id = (uint16_t)number(&c, 2);
	result.flags = (uint16_t)number(&c, 2);
	result.rcode = result.flags & 15;
	for (int i = 0; i < 4; i++)
		result.count[i] = (uint16_t)number(&c, 2);
	for (unsigned i = 0; i < result.count[0] && !result.problem; i++) {
		char name[PRINT_NAME] = "";
		read_name(&c, false, name);
		number(&c, 4);
	}
	result.question_end = c.at;
	for (int s = 0; s < 3; s++)
		for (unsigned i = 0; i < result.count[s + 1] && !result.problem; i++)
			say_record(&c, sections[s]);
	if (!result.problem && c.at != c.size)
		fail("octets behind the last record");
	put_first_line();
	return &result;
}

bool print_has(const struct printed *p, const char *section, const char *line)
{
	for (size_t i = 0; i < p->record_count; i++)
		if (strcmp(p->records[i].section, section) == 0 &&
		    strcmp(p->records[i].line, line) == 0)
			return true;
	return false;
}

size_t print_name_octets(const char *text, uint8_t out[256])
{
	size_t start = 0, used = 1;

	if (strcmp(text, ".") == 0) {
		out[0] = 0;
		return 1;
	}
	for (; *text; text++) {
		if (used > 255)
			return 0;
		if (*text == '.') {
			if (used - start - 1 > 63 || used == start + 1)
				return 0;
			out[start] = (uint8_t)(used - start - 1);
			start = used++;
		} else if (*text == '\\' && isdigit((unsigned char)text[1])) {
			out[used++] = (uint8_t)((text[1] - '0') * 100 + (text[2] - '0') * 10 +
						text[3] - '0');
			text += 3;
		} else {
			text += *text == '\\';
			out[used++] = (uint8_t)*text;
		}
	}
	out[start] = 0;
	return used == start + 1 ? used : 0;
}
