/*
 * field_encoded.c -- octets that are written as hex digits or base64.
 *
 * Long values may be broken over several words anywhere (RFC 4034 §2.2), also
 * in the middle of an octet; only what is left at the end counts.
 */
#include "dns/encode.h"
#include "dns/field_kinds.h"

static const char bad_hex[] = "invalid hex digits";
static const char odd_hex[] = "odd number of hex digits";
static const char bad_base64[] = "invalid base64";
static const char short_base64[] = "base64 ends within a group of four";

/* ------ hex ------ */

bool field_put_hex(struct words *in, struct writer *out)
{
	struct decoder d = { 0 };
	const struct word *w = NULL;

	do {
		w = field_word(in, "missing hex digits");
		if (!w)
			return false;
		if (!decode_hex(&d, w->at, w->size, out))
			return words_fail_at(in, w, bad_hex);
	} while (words_left(in) > 0);
	return decode_hex_done(&d) || words_fail_at(in, w, odd_hex);
}

bool field_parse_hex(struct words *in, struct name origin, struct writer *out)
{
	(void)origin;
	return field_put_hex(in, out);
}

void field_print_hex(struct reader *in, struct text *out)
{
	struct slice s = reader_rest(in);

	text_put_hex(out, s.octets, s.size);
}

/* One octet at least, up to the end. */
void field_skip_some(struct reader *in)
{
	reader_take(in, 1);
	reader_rest(in);
}

/* ------ base64 ------ */

bool field_put_base64(struct words *in, struct writer *out)
{
	struct decoder d = { 0 };
	const struct word *w = NULL;

	do {
		w = field_word(in, "missing base64");
		if (!w)
			return false;
		if (!decode_base64(&d, w->at, w->size, out))
			return words_fail_at(in, w, bad_base64);
	} while (words_left(in) > 0);
	return decode_base64_done(&d) || words_fail_at(in, w, short_base64);
}

bool field_put_base64_word(struct words *in, const struct word *w, struct writer *out)
{
	struct decoder d = { 0 };

	if (!decode_base64(&d, w->at, w->size, out))
		return words_fail_at(in, w, bad_base64);
	return decode_base64_done(&d) || words_fail_at(in, w, short_base64);
}

bool field_parse_base64(struct words *in, struct name origin, struct writer *out)
{
	(void)origin;
	return field_put_base64(in, out);
}

void field_print_base64(struct reader *in, struct text *out)
{
	struct slice s = reader_rest(in);

	encode_base64(out, s.octets, s.size);
}

bool field_parse_base64_optional(struct words *in, struct name origin, struct writer *out)
{
	(void)origin;
	return words_left(in) == 0 || field_put_base64(in, out);
}

bool field_parse_base64_or_dash(struct words *in, struct name origin, struct writer *out)
{
	(void)origin;
	if (words_left(in) > 0 && word_is(in->next, "-")) {
		in->next++;
		return true;
	}
	return field_put_base64(in, out);
}

void field_print_base64_or_dash(struct reader *in, struct text *out)
{
	if (reader_left(in) == 0)
		text_put_char(out, '-');
	field_print_base64(in, out);
}

/* ------ NSEC3's salt and hash (RFC 5155 §3.3): a length octet, then octets in one word ------ */

enum { COUNTED_MAX_SIZE = 255 };

/* Ends what began at its length octet. */
static bool put_length(struct words *in, uint8_t *length, const struct writer *out)
{
	size_t size = (size_t)(out->pos - length) - 1;

	if (size > COUNTED_MAX_SIZE)
		return words_fail_at(in, field_last(in), "value longer than 255 octets");
	*length = (uint8_t)size;
	return true;
}

bool field_parse_salt(struct words *in, struct name origin, struct writer *out)
{
	const struct word *w = field_word(in, "missing salt");
	uint8_t *length = writer_room(out, 1);
	struct decoder d = { 0 };

	(void)origin;
	if (!w || !length)
		return false;
	*length = 0;
	if (word_is(w, "-"))
		return true;
	if (!decode_hex(&d, w->at, w->size, out))
		return words_fail_at(in, w, bad_hex);
	if (!decode_hex_done(&d))
		return words_fail_at(in, w, odd_hex);
	return put_length(in, length, out);
}

void field_print_salt(struct reader *in, struct text *out)
{
	size_t size = get_u8(in);
	const uint8_t *salt = reader_take(in, size);

	if (size == 0)
		text_put_char(out, '-');
	else if (salt)
		text_put_hex(out, salt, size);
}

void field_skip_salt(struct reader *in)
{
	reader_take(in, get_u8(in));
}

bool field_parse_hash(struct words *in, struct name origin, struct writer *out)
{
	const struct word *w = field_word(in, "missing hashed owner name");
	uint8_t *length = writer_room(out, 1);
	struct decoder d = { 0 };

	(void)origin;
	if (!w || !length)
		return false;
	if (!decode_base32hex(&d, w->at, w->size, out) || !decode_base32hex_done(&d))
		return words_fail_at(in, w, "invalid base32hex");
	return put_length(in, length, out);
}

void field_print_hash(struct reader *in, struct text *out)
{
	size_t size = get_u8(in);
	const uint8_t *hash = reader_take(in, size);

	if (hash)
		encode_base32hex(out, hash, size);
}

/* RFC 5155 §3.2.1: the hash has one octet at least. */
void field_skip_hash(struct reader *in)
{
	size_t size = get_u8(in);

	if (size == 0)
		in->bad = true;
	reader_take(in, size);
}
