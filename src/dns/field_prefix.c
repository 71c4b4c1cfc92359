/*
 * field_prefix.c -- addresses with a prefix length: APL (RFC 3123) and A6 (RFC 2874).
 *
 * An APL item on the wire, with the zeros at the end of the address left out:
 *
 *	+--------+--------+--------+--------+--------- - -
 *	|     family      | prefix |N length| address
 *	+--------+--------+--------+--------+--------- - -
 *	                            N: "!", not this prefix
 */
#include "dns/field_kinds.h"
#include "base/ip.h"

enum {
	FAMILY_IP4 = 1, /* IANA address family numbers */
	FAMILY_IP6 = 2,
	APL_NEGATION = 0x80,
	APL_LENGTH = 0x7f,
	IP4_BITS = 32,
	IP6_BITS = 128,
};

/* ------ APL ------ */

static const char bad_apl[] = "invalid address prefix; it is [!]FAMILY:ADDRESS/PREFIX";

struct prefix {
	uint64_t family;
	uint64_t bits;
	uint8_t address[IP6_SIZE];
	bool negation;
};

/* Reads "[!]FAMILY:ADDRESS/PREFIX"; the reason when it is none. */
static const char *prefix_parse(const struct word *w, struct prefix *p)
{
	const uint8_t *at = w->at, *end = w->at + w->size;

	p->negation = at < end && *at == '!';
	at += p->negation;
	const uint8_t *colon = memchr(at, ':', (size_t)(end - at));
	if (!colon || number_parse(at, (size_t)(colon - at), UINT16_MAX, &p->family) != NULL)
		return bad_apl;
	at = colon + 1;
	const uint8_t *slash = memchr(at, '/', (size_t)(end - at));
	if (!slash)
		return bad_apl;
	size_t size = (size_t)(slash - at);
	if (p->family != FAMILY_IP4 && p->family != FAMILY_IP6)
		return "address family is neither 1 (IPv4) nor 2 (IPv6)";
	bool is_ip4 = p->family == FAMILY_IP4;
	if (is_ip4 && !ip4_parse(at, size, p->address))
		return "invalid IPv4 address in address prefix";
	if (!is_ip4 && !ip6_parse(at, size, p->address))
		return "invalid IPv6 address in address prefix";
	if (number_parse(slash + 1, (size_t)(end - slash) - 1, is_ip4 ? IP4_BITS : IP6_BITS,
			 &p->bits) != NULL)
		return "invalid prefix length";
	return NULL;
}

/* RFC 3123 §4: zero octets at the end of the address are not sent, whatever the prefix is. */
static void put_prefix(struct writer *out, const struct prefix *p)
{
	size_t size = p->family == FAMILY_IP4 ? IP4_SIZE : IP6_SIZE;

	while (size > 0 && p->address[size - 1] == 0)
		size--;
	put_u16(out, (uint16_t)p->family);
	put_u8(out, (uint8_t)p->bits);
	put_u8(out, (uint8_t)((p->negation ? APL_NEGATION : 0) | size));
	put_octets(out, p->address, size);
}

/* A list may be empty (RFC 3123 §4). */
bool field_parse_apl(struct words *in, struct name origin, struct writer *out)
{
	(void)origin;
	while (words_left(in) > 0) {
		const struct word *w = field_word(in, "missing address prefix");
		struct prefix p;

		if (!w)
			return false;
		const char *problem = prefix_parse(w, &p);
		if (problem)
			return words_fail_at(in, w, problem);
		put_prefix(out, &p);
	}
	return true;
}

/* What is sent with zeros at its end, or of another family, has no text form. */
static void print_apl_item(struct reader *in, struct text *out)
{
	uint16_t family = get_u16(in);
	uint8_t bits = get_u8(in), length = get_u8(in);
	size_t size = length & APL_LENGTH;
	const uint8_t *sent = reader_take(in, size);
	uint8_t address[IP6_SIZE] = { 0 };

	if (!sent)
		return;
	if ((family != FAMILY_IP4 && family != FAMILY_IP6) ||
	    size > (family == FAMILY_IP4 ? IP4_SIZE : IP6_SIZE) || (size && sent[size - 1] == 0)) {
		in->bad = true;
		return;
	}
	memcpy(address, sent, size);
	text_format(out, "%s%u:", length & APL_NEGATION ? "!" : "", (unsigned)family);
	if (family == FAMILY_IP4)
		ip4_print(address, out);
	else
		ip6_print(address, out);
	text_format(out, "/%u", (unsigned)bits);
}

void field_print_apl(struct reader *in, struct text *out)
{
	for (bool first = true; !in->bad && reader_left(in) > 0; first = false) {
		if (!first)
			text_put_char(out, ' ');
		print_apl_item(in, out);
	}
}

void field_skip_apl(struct reader *in)
{
	while (!in->bad && reader_left(in) > 0) { /* an item has four octets at least */
		uint16_t family = get_u16(in);
		uint8_t bits = get_u8(in);
		size_t size = get_u8(in) & APL_LENGTH;

		reader_take(in, size);
		if (family == FAMILY_IP4 && (size > IP4_SIZE || bits > IP4_BITS))
			in->bad = true;
		if (family == FAMILY_IP6 && (size > IP6_SIZE || bits > IP6_BITS))
			in->bad = true;
	}
}

/* ------ A6: prefix length, the address without its prefix, and the prefix's name ------ */

/* Octets of address that stand behind so many bits of prefix. */
static size_t a6_suffix_size(unsigned bits)
{
	return IP6_SIZE - bits / 8;
}

/* RFC 2874 §3.1: the bits of the prefix in the first octet of the suffix are zero. */
static uint8_t a6_mask(unsigned bits)
{
	return (uint8_t)(0xff >> bits % 8);
}

static bool parse_a6_suffix(struct words *in, unsigned bits, struct writer *out)
{
	const struct word *w = field_word(in, "missing IPv6 address");
	uint8_t address[IP6_SIZE];

	if (!w)
		return false;
	if (!ip6_parse(w->at, w->size, address))
		return words_fail_at(in, w, "invalid IPv6 address");
	uint8_t *suffix = address + bits / 8;
	*suffix &= a6_mask(bits);
	put_octets(out, suffix, a6_suffix_size(bits));
	return true;
}

bool field_parse_a6(struct words *in, struct name origin, struct writer *out)
{
	uint64_t bits;

	if (!field_number(in, UINT8_MAX, &bits))
		return false;
	if (bits > IP6_BITS)
		return words_fail_at(in, field_last(in), "prefix length larger than 128");
	put_u8(out, (uint8_t)bits);
	if (bits < IP6_BITS && !parse_a6_suffix(in, (unsigned)bits, out))
		return false;
	return bits == 0 || field_parse_name(in, origin, out);
}

/* The suffix as a whole address, zeros before it; bad unless it is well formed. */
static void get_a6_suffix(struct reader *in, unsigned bits, uint8_t address[IP6_SIZE])
{
	memset(address, 0, IP6_SIZE);
	if (bits > IP6_BITS)
		in->bad = true;
	size_t size = in->bad || bits == IP6_BITS ? 0 : a6_suffix_size(bits);
	const uint8_t *suffix = reader_take(in, size);
	if (!suffix || size == 0)
		return;
	memcpy(address + IP6_SIZE - size, suffix, size);
	if (suffix[0] & ~a6_mask(bits))
		in->bad = true;
}

void field_print_a6(struct reader *in, struct text *out)
{
	unsigned bits = get_u8(in);
	uint8_t address[IP6_SIZE];

	get_a6_suffix(in, bits, address);
	text_put_u32(out, bits);
	if (bits < IP6_BITS) {
		text_put_char(out, ' ');
		ip6_print(address, out);
	}
	if (bits > 0) {
		text_put_char(out, ' ');
		field_print_name(in, out);
	}
}

void field_skip_a6(struct reader *in)
{
	unsigned bits = get_u8(in);
	uint8_t address[IP6_SIZE];

	get_a6_suffix(in, bits, address);
	if (bits > 0)
		field_skip(FIELD_NAME_PLAIN, in);
}
