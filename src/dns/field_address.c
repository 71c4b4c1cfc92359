/*
 * field_address.c -- fields that are one address: IPv4, IPv6, ILNP, EUI, NSAP, ATM.
 */
#include "dns/encode.h"
#include "dns/field_kinds.h"
#include "base/ip.h"

/* ------ A and AAAA ------ */

/* Whoever writes many names puts a dot behind an address as well. */
static bool refuse_address(struct words *in, const struct word *w, const char *problem)
{
	if (w->at[w->size - 1] == '.')
		in->hint = "an address has no dot at its end";
	return words_fail_at(in, w, problem);
}

bool field_parse_ip4(struct words *in, struct name origin, struct writer *out)
{
	const struct word *w = field_word(in, "missing IPv4 address");
	uint8_t *address = writer_room(out, IP4_SIZE);

	(void)origin;
	if (!w || !address)
		return false;
	return ip4_parse(w->at, w->size, address) || refuse_address(in, w, "invalid IPv4 address");
}

void field_print_ip4(struct reader *in, struct text *out)
{
	const uint8_t *address = reader_take(in, IP4_SIZE);

	if (address)
		ip4_print(address, out);
}

bool field_parse_ip6(struct words *in, struct name origin, struct writer *out)
{
	const struct word *w = field_word(in, "missing IPv6 address");
	uint8_t *address = writer_room(out, IP6_SIZE);

	(void)origin;
	if (!w || !address)
		return false;
	return ip6_parse(w->at, w->size, address) || refuse_address(in, w, "invalid IPv6 address");
}

void field_print_ip6(struct reader *in, struct text *out)
{
	const uint8_t *address = reader_take(in, IP6_SIZE);

	if (address)
		ip6_print(address, out);
}

/* ------ groups of hex digits with a sign between them ------ */

struct groups {
	size_t count;
	size_t octets;     /* in each */
	size_t min_digits; /* in each */
	char between;
	const char *problem;
};

/* RFC 6742 §2.1.1: as the lower half of an IPv6 address, without "::". */
static const struct groups locator = { 4, 2, 1, ':', "invalid 64-bit locator or identifier" };
static const struct groups eui48 = { 6, 1, 2, '-', "invalid EUI-48 address" };
static const struct groups eui64 = { 8, 1, 2, '-', "invalid EUI-64 address" };

/* Reads one group; how many digits it has. */
static size_t parse_group(const struct word *w, size_t at, const struct groups *g,
			  struct writer *out)
{
	static const uint8_t zeros[4] = { '0', '0', '0', '0' };
	const size_t full = g->octets * 2;
	struct decoder d = { 0 };
	size_t n = 0;

	while (n < full && at + n < w->size && w->at[at + n] != (uint8_t)g->between)
		n++;
	if (n < g->min_digits || !decode_hex(&d, zeros, full - n, out) ||
	    !decode_hex(&d, w->at + at, n, out))
		return 0;
	return n;
}

static bool parse_groups(struct words *in, const struct groups *g, struct writer *out)
{
	const struct word *w = field_word(in, "missing address");
	size_t at = 0;

	if (!w)
		return false;
	for (size_t i = 0; i < g->count; i++) {
		size_t n = parse_group(w, at, g, out);

		at += n;
		if (n == 0)
			return words_fail_at(in, w, g->problem);
		if (i + 1 < g->count && (at == w->size || w->at[at++] != (uint8_t)g->between))
			return words_fail_at(in, w, g->problem);
	}
	return at == w->size || words_fail_at(in, w, g->problem);
}

static void print_groups(struct reader *in, const struct groups *g, struct text *out)
{
	for (size_t i = 0; i < g->count; i++) {
		const uint8_t *octets = reader_take(in, g->octets);

		if (!octets)
			return;
		if (i > 0)
			text_put_char(out, g->between);
		for (size_t k = 0; k < g->octets; k++)
			text_format(out, "%02x", octets[k]);
	}
}

bool field_parse_locator(struct words *in, struct name origin, struct writer *out)
{
	(void)origin;
	return parse_groups(in, &locator, out);
}

bool field_parse_eui48(struct words *in, struct name origin, struct writer *out)
{
	(void)origin;
	return parse_groups(in, &eui48, out);
}

bool field_parse_eui64(struct words *in, struct name origin, struct writer *out)
{
	(void)origin;
	return parse_groups(in, &eui64, out);
}

void field_print_locator(struct reader *in, struct text *out)
{
	print_groups(in, &locator, out);
}

void field_print_eui48(struct reader *in, struct text *out)
{
	print_groups(in, &eui48, out);
}

void field_print_eui64(struct reader *in, struct text *out)
{
	print_groups(in, &eui64, out);
}

/* ------ NSAP and ATMA: runs of digits with dots in them for the eye ------ */

static const char bad_nsap[] = "invalid NSAP address; it is 0x and hex digits";
static const char bad_atma[] = "invalid ATM address; it is + and digits, or hex digits";

/* ATM Forum af-dans-0152: the first octet of an ATM address tells what follows. */
enum { ATMA_AESA = 0, ATMA_E164 = 1 };

/* Hex digits from `at` to the end of a word, one octet at least; dots mean nothing. */
static bool put_dotted_hex(const struct word *w, size_t at, struct writer *out)
{
	struct decoder d = { 0 };
	size_t digits = 0;

	for (; at < w->size; at++) {
		if (w->at[at] == '.')
			continue;
		if (!decode_hex(&d, w->at + at, 1, out))
			return false;
		digits++;
	}
	return digits > 0 && decode_hex_done(&d);
}

/* RFC 1706 §7: dots may stand anywhere behind "0x". */
bool field_parse_nsap(struct words *in, struct name origin, struct writer *out)
{
	const struct word *w = field_word(in, "missing NSAP address");

	(void)origin;
	if (!w)
		return false;
	if (w->size < 2 || w->at[0] != '0' || octet_folded[w->at[1]] != 'x' ||
	    !put_dotted_hex(w, 2, out))
		return words_fail_at(in, w, bad_nsap);
	return true;
}

void field_print_nsap(struct reader *in, struct text *out)
{
	struct slice s = reader_rest(in);

	text_put(out, "0x");
	text_put_hex(out, s.octets, s.size);
}

void field_skip_nsap(struct reader *in)
{
	reader_take(in, 1);
	reader_rest(in);
}

/* In an ATM address a dot stands between two digits, never twice. */
static bool has_good_dots(const struct word *w, size_t at)
{
	bool digit_before = false;

	for (; at < w->size; at++) {
		if (w->at[at] == '.' && !digit_before)
			return false;
		digit_before = w->at[at] != '.';
	}
	return digit_before;
}

/* The digits of an international telephone number, behind its plus sign. */
static bool put_e164(const struct word *w, struct writer *out)
{
	for (size_t at = 1; at < w->size; at++) {
		if (w->at[at] == '.')
			continue;
		if (!is_digit(w->at[at]))
			return false;
		put_u8(out, w->at[at]);
	}
	return true;
}

bool field_parse_atma(struct words *in, struct name origin, struct writer *out)
{
	const struct word *w = field_word(in, "missing ATM address");

	(void)origin;
	if (!w)
		return false;
	bool is_e164 = w->at[0] == '+';
	put_u8(out, is_e164 ? ATMA_E164 : ATMA_AESA);
	if (!has_good_dots(w, is_e164))
		return words_fail_at(in, w, bad_atma);
	if (is_e164 ? !put_e164(w, out) : !put_dotted_hex(w, 0, out))
		return words_fail_at(in, w, bad_atma);
	return true;
}

static void print_e164(struct slice s, struct reader *in, struct text *out)
{
	text_put_char(out, '+');
	for (size_t i = 0; i < s.size; i++) {
		if (!is_digit(s.octets[i]))
			in->bad = true; /* not in this text form */
		text_put_char(out, (char)s.octets[i]);
	}
}

void field_print_atma(struct reader *in, struct text *out)
{
	uint8_t format = get_u8(in);
	struct slice s = reader_rest(in);

	if (format == ATMA_AESA)
		text_put_hex(out, s.octets, s.size);
	else if (format == ATMA_E164)
		print_e164(s, in, out);
	else
		in->bad = true;
}

void field_skip_atma(struct reader *in)
{
	reader_take(in, 2); /* the format and one octet of address at least */
	reader_rest(in);
}
