/*
 * field_bitmap.c -- sets of record types as bitmaps.
 *
 * RFC 4034 §4.1.2: the 65536 types are 256 windows of 256; a window that has
 * types is sent as its number, a length of 1 to 32, and so many octets of
 * which the last is not zero.  Windows come in increasing order.
 */
#include "dns/field_kinds.h"
#include "dns/rrtype.h"

enum { WINDOWS = 256, WINDOW_SIZE = 32, OLD_SIZE = 16 };

/*
 * A set under construction.  Most sets are of one window, so no more is
 * cleared than is used.
 */
struct type_set {
	unsigned windows;       /* sizes[0..windows) are known */
	uint8_t sizes[WINDOWS]; /* octets in use; 0: no types, and bits are not cleared */
	uint8_t bits[WINDOWS][WINDOW_SIZE];
};

static void type_set_add(struct type_set *set, uint16_t type)
{
	unsigned window = type >> 8, octet = (type & 0xffu) / 8;
	uint8_t *bits = set->bits[window];

	while (set->windows <= window)
		set->sizes[set->windows++] = 0;
	if (set->sizes[window] == 0)
		memset(bits, 0, WINDOW_SIZE);
	if (octet >= set->sizes[window])
		set->sizes[window] = (uint8_t)(octet + 1);
	bits[octet] |= (uint8_t)(0x80 >> type % 8);
}

static bool parse_set(struct words *in, struct type_set *set, uint16_t max)
{
	set->windows = 0;
	while (words_left(in) > 0) {
		const struct word *w = field_word(in, "missing record type");
		uint16_t type;

		if (!w)
			return false;
		if (!rrtype_parse(w->at, w->size, &type))
			return words_fail_at(in, w, "unknown record type");
		if (type > max)
			return words_fail_at(in, w, "type larger than 127 in an NXT record");
		type_set_add(set, type);
	}
	return true;
}

/* The types of octets[0..size), the first of which is the type `base`. */
static void print_set(const uint8_t *octets, size_t size, uint16_t base, bool *first,
		      struct text *out)
{
	for (size_t i = 0; i < size * 8; i++) {
		if (!(octets[i / 8] & 0x80 >> i % 8))
			continue;
		if (!*first)
			text_put_char(out, ' ');
		*first = false;
		rrtype_print((uint16_t)(base + i), out);
	}
}

bool field_parse_types(struct words *in, struct name origin, struct writer *out)
{
	struct type_set set;

	(void)origin;
	if (!parse_set(in, &set, UINT16_MAX))
		return false;
	for (unsigned window = 0; window < set.windows; window++) {
		if (set.sizes[window] == 0)
			continue;
		put_u8(out, (uint8_t)window);
		put_u8(out, set.sizes[window]);
		put_octets(out, set.bits[window], set.sizes[window]);
	}
	return true;
}

/* The next window; the reader is bad when it breaks a rule.  *last is the window before it. */
static struct slice get_window(struct reader *in, int *last)
{
	int window = get_u8(in);
	size_t size = get_u8(in);
	const uint8_t *octets = reader_take(in, size);

	if (!octets || window <= *last || size == 0 || size > WINDOW_SIZE ||
	    octets[size - 1] == 0) {
		in->bad = true;
		return (struct slice){ NULL, 0 };
	}
	*last = window;
	return (struct slice){ octets, size };
}

void field_print_types(struct reader *in, struct text *out)
{
	int window = -1;
	bool first = true;

	while (!in->bad && reader_left(in) > 0) {
		struct slice s = get_window(in, &window);

		print_set(s.octets, s.size, (uint16_t)(window << 8), &first, out);
	}
}

void field_skip_types(struct reader *in)
{
	int window = -1;

	while (!in->bad && reader_left(in) > 0)
		get_window(in, &window);
}

/* ------ NXT: one run of bits for the types 0 to 127 (RFC 2535 §5.2) ------ */

bool field_parse_types_old(struct words *in, struct name origin, struct writer *out)
{
	struct type_set set;

	(void)origin;
	if (!parse_set(in, &set, OLD_SIZE * 8 - 1))
		return false;
	if (set.windows > 0)
		put_octets(out, set.bits[0], set.sizes[0]);
	return true;
}

/* Zeros at the end are well formed here, but cannot be said in text. */
void field_print_types_old(struct reader *in, struct text *out)
{
	struct slice s = reader_rest(in);
	bool first = true;

	if (s.size > OLD_SIZE || (s.size > 0 && s.octets[s.size - 1] == 0))
		in->bad = true;
	else
		print_set(s.octets, s.size, 0, &first, out);
}

void field_skip_types_old(struct reader *in)
{
	if (reader_rest(in).size > OLD_SIZE)
		in->bad = true;
}
