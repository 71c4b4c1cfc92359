/*
 * ip.c -- IPv4 and IPv6 addresses as text, and which of them are private.
 *
 * Zones are full of addresses, so both readers walk over the text once and
 * write the octets as they go; neither copies nor asks the C library.
 */
#include "base/ip.h"

enum { NO_GAP = IP6_SIZE + 1 };

static bool is_digit(uint8_t c)
{
	return (uint8_t)(c - '0') <= 9;
}

bool ip4_parse(const uint8_t *text, size_t size, uint8_t address[IP4_SIZE])
{
	uint8_t octets[IP4_SIZE];
	unsigned part = 0, value = 0;
	bool has_digit = false;

	for (size_t i = 0; i < size; i++) {
		unsigned digit = (unsigned)(text[i] - '0');

		if (digit <= 9) {
			if (has_digit && value == 0)
				return false; /* a leading zero */
			value = value * 10 + digit;
			if (value > 255)
				return false;
			has_digit = true;
		} else {
			if (text[i] != '.' || !has_digit || part == IP4_SIZE - 1)
				return false;
			octets[part++] = (uint8_t)value;
			value = 0;
			has_digit = false;
		}
	}
	if (!has_digit || part != IP4_SIZE - 1)
		return false;
	octets[part] = (uint8_t)value;
	memcpy(address, octets, IP4_SIZE);
	return true;
}

/* The value of a hex digit, or -1. */
static int hex_digit(uint8_t c)
{
	if (is_digit(c))
		return c - '0';
	c = (uint8_t)(octet_folded[c] - 'a');
	return c < 6 ? c + 10 : -1;
}

/* Reads up to four hex digits; how many there are. */
static size_t group_parse(const uint8_t *text, size_t size, uint16_t *value)
{
	unsigned v = 0;
	size_t i = 0;

	for (; i < size && i < 4; i++) {
		int digit = hex_digit(text[i]);
		if (digit < 0)
			break;
		v = v << 4 | (unsigned)digit;
	}
	*value = (uint16_t)v;
	return i;
}

/* Puts zeros where "::" stood; it stands for one group of zeros or more (RFC 4291 §2.2). */
static bool gap_fill(const uint8_t *octets, size_t used, size_t gap, uint8_t address[IP6_SIZE])
{
	if (gap == NO_GAP ? used != IP6_SIZE : used > IP6_SIZE - 2)
		return false;
	if (gap == NO_GAP)
		gap = IP6_SIZE;
	size_t behind = used - (gap < used ? gap : used);

	memset(address, 0, IP6_SIZE);
	octets_copy(address, octets, used - behind);
	octets_copy(address + IP6_SIZE - behind, octets + used - behind, behind);
	return true;
}

bool ip6_parse(const uint8_t *text, size_t size, uint8_t address[IP6_SIZE])
{
	uint8_t octets[IP6_SIZE];
	size_t used = 0, gap = NO_GAP, i = 0;

	if (size >= 2 && text[0] == ':' && text[1] == ':') {
		gap = 0;
		i = 2;
	}
	while (i < size) { /* each turn takes at least one character */
		uint16_t group;
		size_t n = group_parse(text + i, size - i, &group);

		if (i + n < size && text[i + n] == '.') { /* the rest is IPv4 */
			if (used > IP6_SIZE - IP4_SIZE ||
			    !ip4_parse(text + i, size - i, octets + used))
				return false;
			used += IP4_SIZE;
			break;
		}
		if (n == 0 || used == IP6_SIZE)
			return false;
		store_u16(octets + used, group);
		used += 2;
		i += n;
		if (i == size)
			break;
		if (text[i++] != ':' || i == size)
			return false;
		if (text[i] == ':') {
			if (gap != NO_GAP)
				return false;
			gap = used;
			i++;
		}
	}
	return gap_fill(octets, used, gap, address);
}

unsigned ip_parse(const uint8_t *text, size_t size, uint8_t address[IP6_SIZE])
{
	return ip4_parse(text, size, address)   ? IP4_SIZE
	       : ip6_parse(text, size, address) ? IP6_SIZE
						: 0;
}

bool ip_prefix_equal(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	return memcmp(a, b, whole) == 0 && (rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

bool ip_is_loopback(struct slice address)
{
	static const uint8_t ip6[IP6_SIZE] = { [15] = 1 };

	return address.size == IP4_SIZE ? address.octets[0] == 127
					: memcmp(address.octets, ip6, sizeof ip6) == 0;
}

const uint8_t ip4_mapped[IP6_SIZE - IP4_SIZE] = { [10] = 0xff, [11] = 0xff };

void ip4_print(const uint8_t address[IP4_SIZE], struct text *out)
{
	for (size_t i = 0; i < IP4_SIZE; i++) {
		if (i > 0)
			text_put_char(out, '.');
		text_put_u32(out, address[i]);
	}
}

/* The longest run of two zero groups or more, the first of equals (RFC 5952 §4.2). */
static size_t zero_run(const uint16_t groups[8], size_t *start)
{
	size_t best = 1;

	for (size_t i = 0; i < 8; i++) {
		size_t n = 0;

		while (i + n < 8 && groups[i + n] == 0)
			n++;
		if (n > best) {
			best = n;
			*start = i;
		}
		i += n;
	}
	return best > 1 ? best : 0;
}

static void put_group(struct text *out, uint16_t group)
{
	static const char digits[] = "0123456789abcdef"; /* lower case, RFC 5952 §4.3 */
	char text[4];
	size_t n = sizeof text;

	do
		text[--n] = digits[group & 15];
	while (group >>= 4);
	text_put_octets(out, text + n, sizeof text - n);
}

void ip6_print(const uint8_t address[IP6_SIZE], struct text *out)
{
	uint16_t groups[8];
	size_t start = 8;

	if (ip6_is_mapped(address)) { /* RFC 5952 §5 */
		text_put(out, "::ffff:");
		ip4_print(address + sizeof ip4_mapped, out);
		return;
	}
	for (size_t i = 0; i < 8; i++)
		groups[i] = (uint16_t)(address[2 * i] << 8 | address[2 * i + 1]);
	size_t run = zero_run(groups, &start);

	for (size_t i = 0; i < 8; i++) {
		if (run && i == start) {
			text_put(out, "::");
			i += run - 1;
			continue;
		}
		if (i > 0 && i != start + run)
			text_put_char(out, ':');
		put_group(out, groups[i]);
	}
}

/* ------ private ------ */

struct prefix {
	uint8_t octets[4];
	uint8_t bits;
};

bool ip4_is_private(const uint8_t address[4])
{
	static const struct prefix prefixes[] = {
		{ { 0 }, 8 },         { { 10 }, 8 },         { { 100, 64 }, 10 },
		{ { 127 }, 8 },       { { 169, 254 }, 16 },  { { 172, 16 }, 12 },
		{ { 192, 168 }, 16 }, { { 192, 0, 0 }, 24 },
	};

	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
		if (ip_prefix_equal(address, prefixes[i].octets, prefixes[i].bits))
			return true;
	return false;
}

/* The IPv4 address inside of an IPv6 address, where the form of it has one; else NULL. */
static const uint8_t *ip4_within(const uint8_t address[16])
{
	static const uint8_t forms[][12] = {
		{ 0 },                        /* ::a.b.c.d, RFC 4291 §2.5.5.1 */
		{ [10] = 0xff, [11] = 0xff }, /* ::ffff:a.b.c.d, RFC 4291 §2.5.5.2 */
		{ [8] = 0xff, [9] = 0xff },   /* ::ffff:0:a.b.c.d, RFC 2765 §2.1 */
		{ 0x00, 0x64, 0xff, 0x9b },   /* RFC 6052 §2.1 */
	};

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		if (memcmp(address, forms[i], sizeof forms[i]) == 0)
			return address + 12;
	return address[0] == 0x20 && address[1] == 0x02 ? address + 2 : NULL; /* RFC 3056 §2 */
}

bool ip6_is_private(const uint8_t address[16])
{
	static const uint8_t translated_here[6] = { 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01 };
	static const struct prefix prefixes[] = { { { 0xfc }, 7 },
						  { { 0xfe, 0x80 }, 10 },
						  { { 0xfe, 0xc0 }, 10 } };
	const uint8_t *ip4 = ip4_within(address);

	if (ip4)
		return ip4_is_private(ip4);
	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
		if (ip_prefix_equal(address, prefixes[i].octets, prefixes[i].bits))
			return true;
	return memcmp(address, translated_here, sizeof translated_here) == 0; /* RFC 8215 */
}
