/*
 * rdata.c -- RDATA as a whole: walks a type's row of fields.
 */
#include "dns/rdata.h"
#include "dns/encode.h"
#include "dns/field.h"

/* ------ text to wire ------ */

static bool parse_fields(const struct rrtype *type, struct words *in, struct name origin,
			 struct writer *out)
{
	for (const uint8_t *f = type->fields; *f != FIELD_END; f++)
		if (!field_parse(*f, in, origin, out))
			return false;
	if (words_left(in) > 0)
		return words_fail_at(in, in->next, "unexpected text after the record data");
	return true;
}

/* The number behind \#, at most 65535. */
static bool parse_length(struct words *in, size_t *length)
{
	const struct word *w = words_take(in, "missing length after \\#");
	size_t value = 0;

	if (!w)
		return false;
	for (uint32_t i = 0; i < w->size; i++) {
		unsigned digit = (unsigned)(w->at[i] - '0');

		if (digit > 9)
			return words_fail_at(in, w, "invalid length after \\#");
		value = value * 10 + digit;
		if (value > RDATA_MAX_SIZE)
			return words_fail_at(in, w, "record data longer than 65535 octets");
	}
	*length = value;
	return w->size > 0 || words_fail_at(in, w, "invalid length after \\#");
}

/* RFC 3597 §5: \#, the number of octets, and the octets as hex digits in any number of words. */
static bool parse_generic(const struct rrtype *type, struct words *in, struct writer *out)
{
	const struct word *mark = in->next++;
	const uint8_t *start = out->pos;
	struct decoder d = { 0 };
	size_t length;

	if (!parse_length(in, &length))
		return false;
	const struct word *size = in->next - 1;
	while (words_left(in) > 0) {
		const struct word *w = in->next++;

		if (w->quoted || !decode_hex(&d, w->at, w->size, out))
			return words_fail_at(in, w, "invalid hex digits");
	}
	if (out->full)
		return false;
	if (!decode_hex_done(&d) || (size_t)(out->pos - start) != length)
		return words_fail_at(in, size, "length after \\# is not that of the data");
	return rdata_is_valid(type, start, length) ||
	       words_fail_at(in, mark, "data after \\# does not fit the record type");
}

static bool is_generic(const struct words *in)
{
	return words_left(in) > 0 && word_is(in->next, "\\#");
}

bool rdata_parse(const struct rrtype *type, struct words *in, struct name origin,
		 struct writer *out)
{
	uint8_t *start = out->pos;
	const struct word *first = in->next;
	bool parsed = is_generic(in) ? parse_generic(type, in, out)
				     : parse_fields(type, in, origin, out);

	if (parsed && !out->full && out->pos - start <= RDATA_MAX_SIZE)
		return true;
	if (!in->problem && in->next > first)
		words_fail_at(in, in->next - 1, "record data longer than 65535 octets");
	else if (!in->problem)
		words_fail_missing(in, "record data longer than 65535 octets");
	if (!in->hint)
		in->hint = rrtype_hint(type);
	writer_rewind(out, start);
	return false;
}

/* ------ wire to text ------ */

/* Prints a space and a field; of a field that is empty in text nothing is left. */
static void print_field(uint8_t kind, bool first, struct reader *in, struct text *out)
{
	const struct text before = *out;

	if (!first)
		text_put_char(out, ' ');
	size_t used = out->used;
	field_print(kind, in, out);
	if (out->used != used || out->full)
		return;
	*out = before;
	out->at[out->used] = '\0';
}

static bool print_fields(const struct rrtype *type, const uint8_t *rdata, size_t size,
			 struct text *out)
{
	struct reader in = reader_init(rdata, size);

	for (const uint8_t *f = type->fields; *f != FIELD_END && !in.bad; f++)
		print_field(*f, f == type->fields, &in, out);
	return !in.bad && reader_left(&in) == 0;
}

void rdata_print(const struct rrtype *type, const uint8_t *rdata, size_t size, struct text *out)
{
	const struct text before = *out;

	if (rdata_is_valid(type, rdata, size) && print_fields(type, rdata, size, out))
		return;
	*out = before;
	out->at[out->used] = '\0';
	text_format(out, "\\# %zu", size);
	if (size > 0)
		text_put_char(out, ' ');
	text_put_hex(out, rdata, size);
}

bool rdata_is_valid(const struct rrtype *type, const uint8_t *rdata, size_t size)
{
	struct reader in = reader_init(rdata, size);

	if (size > RDATA_MAX_SIZE)
		return false;
	for (const uint8_t *f = type->fields; *f != FIELD_END; f++)
		field_skip(*f, &in);
	return !in.bad && reader_left(&in) == 0;
}

/* ------ out of a message ------ */

/* The field behind the last name of a row; the first one when there is none. */
static const uint8_t *behind_names(const struct rrtype *type)
{
	const uint8_t *behind = type->fields;

	for (const uint8_t *f = type->fields; *f != FIELD_END; f++)
		if (field_is_name(*f))
			behind = f + 1;
	return behind;
}

/* Types that a server has to understand; what is wrong with one is wrong with the message. */
static bool is_strict(const struct rrtype *type)
{
	return type->code == TYPE_A || type->code == TYPE_AAAA || type->code == TYPE_DNAME ||
	       rrtype_may_compress(type);
}

static void get_field(uint8_t kind, struct reader *in, struct writer *out)
{
	const uint8_t *start = in->pos;
	struct name_buf name;

	if (field_is_name(kind)) {
		if (get_name(in, &name))
			put_name(out, name_view(&name));
		return;
	}
	field_skip(kind, in);
	if (!in->bad)
		put_octets(out, start, (size_t)(in->pos - start));
}

bool get_rdata(const struct rrtype *type, struct reader *in, struct writer *out)
{
	const uint8_t *end = is_strict(type) ? NULL : behind_names(type);

	for (const uint8_t *f = type->fields; f != end && *f != FIELD_END && !in->bad; f++)
		get_field(*f, in, out);
	if (!end && reader_left(in) > 0)
		in->bad = true;
	size_t rest = in->bad ? 0 : reader_left(in);
	put_octets(out, reader_take(in, rest), rest);
	return !in->bad && !out->full;
}
