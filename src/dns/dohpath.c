/*
 * dohpath.c -- checks the "dohpath" of a service binding (RFC 9461 §5).
 *
 * It is a URI template (RFC 6570) in relative form, so it begins with a
 * slash, and it has the variable "dns":
 *
 *	template   = *( literal / "{" [operator] variable *( "," variable ) "}" )
 *	variable   = name [ ":" 1..9999 / "*" ]
 *	name       = char *( ["."] char ); char = letter / digit / "_" / %XX
 */
#include "dns/field_kinds.h"

struct scan {
	const uint8_t *pos, *end;
	bool has_dns;
};

static bool pass_char(struct scan *s, char c)
{
	if (s->pos == s->end || *s->pos != (uint8_t)c)
		return false;
	s->pos++;
	return true;
}

static bool is_hex(uint8_t c)
{
	return is_digit(c) || (uint8_t)(octet_folded[c] - 'a') <= 'f' - 'a';
}

/* Passes "%XX". */
static bool pass_percent(struct scan *s)
{
	if (s->end - s->pos < 3 || !is_hex(s->pos[1]) || !is_hex(s->pos[2]))
		return false;
	s->pos += 3;
	return true;
}

static bool pass_name_char(struct scan *s)
{
	if (s->pos == s->end)
		return false;
	if (*s->pos == '%')
		return pass_percent(s);
	if (!is_digit(*s->pos) && *s->pos != '_' &&
	    (uint8_t)(octet_folded[*s->pos] - 'a') > 'z' - 'a')
		return false;
	s->pos++;
	return true;
}

/* RFC 6570 §2.4.1: 1 to 9999, without leading zeros. */
static bool pass_prefix(struct scan *s)
{
	const uint8_t *start = s->pos;

	while (s->pos < s->end && is_digit(*s->pos) && s->pos - start < 4)
		s->pos++;
	return s->pos > start && *start != '0';
}

/* Words of name characters with dots between them. */
static bool pass_name(struct scan *s)
{
	do {
		if (!pass_name_char(s))
			return false;
		while (pass_name_char(s))
			;
	} while (pass_char(s, '.'));
	return true;
}

static bool pass_variable(struct scan *s)
{
	const uint8_t *start = s->pos;

	if (!pass_name(s))
		return false;
	s->has_dns |= s->pos - start == 3 && memcmp(start, "dns", 3) == 0;
	if (pass_char(s, ':'))
		return pass_prefix(s);
	pass_char(s, '*');
	return true;
}

/* Passes the rest of "{...}". */
static bool pass_expression(struct scan *s)
{
	if (s->pos < s->end && memchr("+#./;?&", *s->pos, 7)) /* RFC 6570 §2.2 */
		s->pos++;
	do
		if (!pass_variable(s))
			return false;
	while (pass_char(s, ','));
	return pass_char(s, '}');
}

/* RFC 6570 §2.1; octets above ASCII are UTF-8 of some character. */
static bool pass_literal(struct scan *s)
{
	uint8_t c = *s->pos;

	if (c == '%')
		return pass_percent(s);
	s->pos++;
	return c > ' ' && c != 0x7f && !memchr("\"'<>\\^`{|}", c, 10);
}

bool dohpath_is_valid(struct slice path)
{
	struct scan s = { .pos = path.octets, .end = path.octets + path.size };

	if (path.size == 0 || *s.pos != '/')
		return false;
	while (s.pos < s.end) /* every turn moves on or ends */
		if (!(pass_char(&s, '{') ? pass_expression(&s) : pass_literal(&s)))
			return false;
	return s.has_dns;
}
