/*
 * field.c -- what each kind can do; names and numbers.
 *
 * The other kinds: field_string.c, field_encoded.c (hex, base64), field_address.c,
 * field_prefix.c (APL, A6), field_dnssec.c, field_bitmap.c, and for single types
 * field_gateway.c, field_loc.c, field_svcb.c and field_wks.c.
 */
#include "dns/field.h"
#include "base/assert.h"
#include "base/ip.h"
#include "dns/field_kinds.h"
#include "dns/ttl.h"

extern inline struct slice reader_rest(struct reader *r);

const struct word *field_word(struct words *in, const char *missing)
{
	const struct word *w = words_take(in, missing);

	if (w && w->quoted) { /* no peer agrees on what a quoted number or name is */
		words_fail_at(in, w, "quotes where none belong");
		return NULL;
	}
	assert(!w || w->size > 0); /* only quotes can be around nothing */
	return w;
}

/* ------ numbers ------ */

bool field_number(struct words *in, uint64_t max, uint64_t *value)
{
	const struct word *w = field_word(in, "missing number");

	if (!w)
		return false;
	const char *problem = number_parse(w->at, w->size, max, value);
	return !problem || words_fail_at(in, w, problem);
}

/* False when the name is not in the list. */
static bool mnemonic_find(const char *list, const struct word *w, uint64_t *value)
{
	size_t size;

	for (; *list != '\0'; list += size + (list[size] == ' ')) {
		for (*value = 0; *list != ' '; list++)
			*value = *value * 10 + (uint64_t)(*list - '0');
		size = strcspn(++list, " ");
		if (w->size == size && octets_equal_folded(w->at, (const uint8_t *)list, size))
			return true;
	}
	return false;
}

bool field_mnemonic(struct words *in, const char *list, uint64_t max, const char *unknown,
		    uint64_t *value)
{
	if (words_left(in) > 0 && in->next->size > 0 && is_digit(in->next->at[0]))
		return field_number(in, max, value);
	const struct word *w = field_word(in, "missing number or mnemonic");
	if (!w)
		return false;
	return mnemonic_find(list, w, value) || words_fail_at(in, w, unknown);
}

/* A number of so many octets. */
static bool parse_number(struct words *in, unsigned size, struct writer *out)
{
	uint64_t value;

	if (!field_number(in, UINT64_MAX >> (64 - 8 * size), &value))
		return false;
	uint8_t *to = writer_room(out, size);
	for (; to && size > 0; value >>= 8)
		to[--size] = (uint8_t)value;
	return true;
}

bool field_parse_u8(struct words *in, struct name origin, struct writer *out)
{
	(void)origin;
	return parse_number(in, 1, out);
}

bool field_parse_u16(struct words *in, struct name origin, struct writer *out)
{
	(void)origin;
	return parse_number(in, 2, out);
}

bool field_parse_u32(struct words *in, struct name origin, struct writer *out)
{
	(void)origin;
	return parse_number(in, 4, out);
}

bool field_parse_u64(struct words *in, struct name origin, struct writer *out)
{
	const struct word *w = field_word(in, "missing number");
	uint64_t high = 0, low = 0;
	const char *problem;

	(void)origin;
	if (!w)
		return false;
	const uint8_t *dot = memchr(w->at, '.', w->size);
	if (dot) {
		size_t size = (size_t)(dot - w->at);

		problem = number_parse(w->at, size, UINT32_MAX, &high);
		if (!problem)
			problem = number_parse(dot + 1, w->size - size - 1, UINT32_MAX, &low);
	} else {
		problem = number_parse(w->at, w->size, UINT64_MAX, &low);
		high = low >> 32;
	}
	put_u32(out, (uint32_t)high);
	put_u32(out, (uint32_t)low);
	return !problem || words_fail_at(in, w, problem);
}

bool field_parse_ttl(struct words *in, struct name origin, struct writer *out)
{
	const struct word *w = field_word(in, "missing number of seconds");
	const char *problem;
	uint32_t ttl;

	(void)origin;
	if (!w)
		return false;
	if (!ttl_parse(w->at, w->size, &ttl, &problem))
		return words_fail_at(in, w, problem);
	put_u32(out, ttl);
	return true;
}

void field_print_u8(struct reader *in, struct text *out)
{
	text_put_u32(out, get_u8(in));
}

void field_print_u16(struct reader *in, struct text *out)
{
	text_put_u32(out, get_u16(in));
}

void field_print_u32(struct reader *in, struct text *out)
{
	text_put_u32(out, get_u32(in));
}

void field_print_u64(struct reader *in, struct text *out)
{
	uint64_t high = get_u32(in);

	text_put_u64(out, high << 32 | get_u32(in));
}

/* ------ names ------ */

bool field_parse_name(struct words *in, struct name origin, struct writer *out)
{
	const struct word *w = field_word(in, "missing domain name");
	struct name_buf name;

	if (!w)
		return false;
	const char *problem = name_parse(w->at, w->size, origin, &name);
	if (problem)
		return words_fail_at(in, w, problem);
	put_name(out, name_view(&name));
	return true;
}

void field_print_name(struct reader *in, struct text *out)
{
	struct name_buf name;

	if (get_name_plain(in, &name))
		name_print(name_view(&name), out);
}

void field_skip_name(struct reader *in)
{
	struct name name;

	get_name_view(in, &name);
}

/* ------ by kind ------ */

/* Whoever asks has a kind from a row. */
static void fail_no_kind(void)
{
	assert(false);
}

bool field_parse(uint8_t kind, struct words *in, struct name origin, struct writer *out)
{
	switch ((enum field)kind) {
#define ROW(kind, parse, print, skip) \
	case FIELD_##kind:            \
		return field_parse_##parse(in, origin, out);
#define SIZED ROW
#include "dns/field_rows.h"
	case FIELD_END:
	case FIELD_KINDS:
		fail_no_kind();
	}
	return false;
}

void field_print(uint8_t kind, struct reader *in, struct text *out)
{
	switch ((enum field)kind) {
#define ROW(kind, parse, print, skip)         \
	case FIELD_##kind:                    \
		field_print_##print(in, out); \
		break;
#define SIZED ROW
#include "dns/field_rows.h"
	case FIELD_END:
	case FIELD_KINDS:
		fail_no_kind();
	}
}

/* Octets that a field always has, or 0. */
static const uint8_t sizes[FIELD_KINDS] = {
#define ROW(kind, parse, print, skip)
#define SIZED(kind, parse, print, size) [FIELD_##kind] = size,
#include "dns/field_rows.h"
};

void field_skip(uint8_t kind, struct reader *in)
{
	if (sizes[kind] > 0) {
		reader_take(in, sizes[kind]);
		return;
	}
	switch ((enum field)kind) {
#define ROW(kind, parse, print, skip)  \
	case FIELD_##kind:             \
		field_skip_##skip(in); \
		break;
#define SIZED(kind, parse, print, size) case FIELD_##kind:
#include "dns/field_rows.h"
	case FIELD_END:
	case FIELD_KINDS:
		fail_no_kind();
	}
}
