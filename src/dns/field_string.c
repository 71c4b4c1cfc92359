/*
 * field_string.c -- fields of text: <character-string>s and what is like them.
 *
 * A <character-string> is a length octet and up to 255 octets (RFC 1035
 * §3.3).  In text it is a word, quoted or not, with \X for a character and
 * \DDD for an octet (§5.1).
 */
#include "dns/field_kinds.h"

enum { STRING_MAX_SIZE = 255 };

static const char missing[] = "missing string";

/* ------ escapes ------ */

bool unescape(const struct word *w, size_t *at, uint8_t *octet)
{
	const uint8_t *p = w->at + *at;
	size_t left = w->size - *at;

	*octet = p[0];
	*at += 1;
	if (p[0] != '\\')
		return true;
	if (left < 2)
		return false;
	*octet = p[1];
	*at += 1;
	if (!is_digit(p[1]))
		return true;
	if (left < 4 || !is_digit(p[2]) || !is_digit(p[3]))
		return false;
	unsigned value = (p[1] - 48u) * 100 + (p[2] - 48u) * 10 + (p[3] - 48u);
	*octet = (uint8_t)value;
	*at += 2;
	return value <= 255;
}

bool field_put_text(struct words *in, const struct word *w, struct writer *out)
{
	if (!memchr(w->at, '\\', w->size)) {
		put_octets(out, w->at, w->size);
		return true;
	}
	for (size_t at = 0; at < w->size;) { /* unescape moves on by one at least */
		uint8_t octet;

		if (!unescape(w, &at, &octet))
			return words_fail_at(in, w, "bad \\DDD escape");
		put_u8(out, octet);
	}
	return true;
}

void print_escaped(const uint8_t *octets, size_t n, struct text *out)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t c = octets[i];
		char ddd[4] = { '\\', (char)('0' + c / 100), (char)('0' + c / 10 % 10),
				(char)('0' + c % 10) };

		if (c < ' ' || c > '~') {
			text_put_octets(out, ddd, sizeof ddd);
			continue;
		}
		if (c == '"' || c == '\\')
			text_put_char(out, '\\');
		text_put_char(out, (char)c);
	}
}

void print_quoted(struct slice s, struct text *out)
{
	text_put_char(out, '"');
	print_escaped(s.octets, s.size, out);
	text_put_char(out, '"');
}

/* ------ <character-string> ------ */

/* Writes a length octet and a word's octets. */
static bool put_string(struct words *in, const struct word *w, struct writer *out)
{
	uint8_t *length = writer_room(out, 1);

	if (!length)
		return false;
	if (!field_put_text(in, w, out))
		return false;
	size_t size = (size_t)(out->pos - length) - 1;
	if (size > STRING_MAX_SIZE)
		return words_fail_at(in, w, "string longer than 255 octets");
	*length = (uint8_t)size;
	return true;
}

static struct slice get_string(struct reader *in)
{
	size_t size = get_u8(in);
	const uint8_t *octets = reader_take(in, size);

	return (struct slice){ octets, octets ? size : 0 };
}

bool field_parse_string(struct words *in, struct name origin, struct writer *out)
{
	const struct word *w = words_take(in, missing);

	(void)origin;
	return w && put_string(in, w, out);
}

void field_print_string(struct reader *in, struct text *out)
{
	print_quoted(get_string(in), out);
}

void field_skip_string(struct reader *in)
{
	get_string(in);
}

bool field_parse_string_optional(struct words *in, struct name origin, struct writer *out)
{
	return words_left(in) == 0 || field_parse_string(in, origin, out);
}

void field_print_string_optional(struct reader *in, struct text *out)
{
	if (reader_left(in) > 0)
		field_print_string(in, out);
}

void field_skip_string_optional(struct reader *in)
{
	if (reader_left(in) > 0)
		field_skip_string(in);
}

bool field_parse_strings(struct words *in, struct name origin, struct writer *out)
{
	do {
		if (!field_parse_string(in, origin, out))
			return false;
	} while (words_left(in) > 0);
	return true;
}

void field_print_strings(struct reader *in, struct text *out)
{
	field_print_string(in, out);
	while (!in->bad && reader_left(in) > 0) {
		text_put_char(out, ' ');
		field_print_string(in, out);
	}
}

void field_skip_strings(struct reader *in)
{
	do
		field_skip_string(in); /* takes at least its length octet */
	while (!in->bad && reader_left(in) > 0);
}

/* ------ decimal numbers as strings (GPOS, RFC 1712 §3) ------ */

static bool is_decimal(const uint8_t *text, size_t size)
{
	size_t i = size > 0 && text[0] == '-', digits = 0;

	for (bool point = false; i < size; i++) {
		if (is_digit(text[i]))
			digits++;
		else if (text[i] == '.' && !point)
			point = true;
		else
			return false;
	}
	return digits > 0;
}

bool field_parse_decimal(struct words *in, struct name origin, struct writer *out)
{
	const struct word *w = words_take(in, "missing decimal number");

	(void)origin;
	if (!w)
		return false;
	if (!is_decimal(w->at, w->size))
		return words_fail_at(in, w, "invalid decimal number");
	return put_string(in, w, out);
}

void field_print_decimal(struct reader *in, struct text *out)
{
	struct slice s = get_string(in);

	if (is_decimal(s.octets, s.size))
		text_put_octets(out, s.octets, s.size);
	else
		in->bad = true;
}

/* ------ tags (CAA, RFC 8659 §4.1) ------ */

static bool is_tag(const uint8_t *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!is_digit(text[i]) && (uint8_t)(octet_folded[text[i]] - 'a') > 'z' - 'a')
			return false;
	return size > 0;
}

bool field_parse_tag(struct words *in, struct name origin, struct writer *out)
{
	const struct word *w = words_take(in, "missing property tag");

	(void)origin;
	if (!w)
		return false;
	if (!is_tag(w->at, w->size))
		return words_fail_at(in, w, "property tag is not letters and digits alone");
	return put_string(in, w, out);
}

void field_print_tag(struct reader *in, struct text *out)
{
	struct slice s = get_string(in);

	if (is_tag(s.octets, s.size))
		text_put_octets(out, s.octets, s.size);
	else
		in->bad = true;
}

void field_skip_tag(struct reader *in)
{
	struct slice s = get_string(in);

	if (!is_tag(s.octets, s.size))
		in->bad = true;
}

/* ------ octets up to the end ------ */

bool field_parse_text(struct words *in, struct name origin, struct writer *out)
{
	const struct word *w = words_take(in, missing);

	(void)origin;
	return w && field_put_text(in, w, out);
}

void field_print_text(struct reader *in, struct text *out)
{
	print_quoted(reader_rest(in), out);
}

void field_skip_rest(struct reader *in)
{
	reader_rest(in);
}

bool field_parse_opaque(struct words *in, struct name origin, struct writer *out)
{
	static const char problem[] = "this type has no text form; write \\# LENGTH HEX";

	(void)origin;
	(void)out;
	if (words_left(in) == 0)
		return words_fail_missing(in, problem);
	return words_fail_at(in, in->next, problem);
}

/* No text form: rdata_print() falls back to \#. */
void field_print_opaque(struct reader *in, struct text *out)
{
	(void)out;
	in->bad = true;
}
