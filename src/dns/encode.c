/*
 * encode.c -- base16, base32hex and base64 (RFC 4648).
 *
 * All three are one machine: symbols of 4, 5 or 6 bits go in, octets come out
 * as soon as eight bits are there.  Fewer than eight bits wait between words.
 */
#include "dns/encode.h"

/* clang-format off */
static const char alphabet64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char alphabet32[] = "0123456789ABCDEFGHIJKLMNOPQRSTUV";

/* The value of a base64 symbol plus one; 0 for what is not in the alphabet. */
static const uint8_t values64[256] = {
	['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,
	['H'] = 8,  ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14,
	['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21,
	['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28,
	['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35,
	['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
	['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49,
	['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
	['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63,
	['/'] = 64,
};
/* clang-format on */

/* The value of a base32hex symbol, the first 16 of them hex digits; 32 when it is none. */
static unsigned value32(uint8_t c)
{
	if ((uint8_t)(c - '0') <= 9)
		return c - (unsigned)'0';
	c = (uint8_t)(octet_folded[c] - 'a');
	return c <= 'v' - 'a' ? c + 10u : 32;
}

/* Takes a symbol of so many bits; keeps at most seven bits. */
static void decoder_take(struct decoder *d, unsigned value, unsigned bits, struct writer *out)
{
	d->bits = d->bits << bits | value;
	d->count = (uint8_t)(d->count + bits);
	if (d->count >= 8) {
		d->count = (uint8_t)(d->count - 8);
		put_u8(out, (uint8_t)(d->bits >> d->count));
		d->bits &= (1u << d->count) - 1;
	}
}

bool decode_hex(struct decoder *d, const uint8_t *text, size_t size, struct writer *out)
{
	for (size_t i = 0; i < size; i++) {
		unsigned value = value32(text[i]);

		if (value > 15)
			return false;
		decoder_take(d, value, 4, out);
	}
	return true;
}

bool decode_base32hex(struct decoder *d, const uint8_t *text, size_t size, struct writer *out)
{
	for (size_t i = 0; i < size; i++) {
		unsigned value = value32(text[i]);

		if (value > 31)
			return false;
		d->symbols = (uint8_t)((d->symbols + 1) % 8);
		decoder_take(d, value, 5, out);
	}
	return true;
}

/* A sign of padding: stands where the last one or two symbols of a group would. */
static bool decoder_pad(struct decoder *d)
{
	if (d->symbols < 2 || d->symbols + d->padding >= 4)
		return false;
	d->padding++;
	return true;
}

bool decode_base64(struct decoder *d, const uint8_t *text, size_t size, struct writer *out)
{
	if (size > 0 && text[0] == '=') /* padding stays with the symbols that it fills up */
		return false;
	for (size_t i = 0; i < size; i++) {
		unsigned value = values64[text[i]];

		if (text[i] == '=') {
			if (!decoder_pad(d))
				return false;
			continue;
		}
		if (value == 0 || d->padding > 0)
			return false;
		d->symbols = (d->symbols + 1) & 3;
		decoder_take(d, value - 1, 6, out);
	}
	return true;
}

bool decode_hex_done(const struct decoder *d)
{
	return d->count == 0;
}

bool decode_base32hex_done(const struct decoder *d)
{
	/* One, three or six symbols leave five bits or more: no encoder writes them. */
	return d->count < 5 && d->bits == 0;
}

bool decode_base64_done(const struct decoder *d)
{
	return (d->symbols + d->padding) % 4 == 0 && d->bits == 0;
}

/* Appends n symbols of so many bits, the first from the highest bits of the group. */
static void put_symbols(struct text *out, const char *alphabet, uint64_t group, unsigned bits,
			size_t n)
{
	char symbols[8];
	unsigned shift = bits == 6 ? 24 : 40;

	for (size_t i = 0; i < n; i++) {
		shift -= bits;
		symbols[i] = alphabet[group >> shift & ((1u << bits) - 1)];
	}
	text_put_octets(out, symbols, n);
}

/* Up to `size` octets as one number of exactly `size` octets. */
static uint64_t octet_group(const uint8_t *octets, size_t n, size_t size)
{
	uint64_t group = 0;

	for (size_t i = 0; i < size; i++)
		group = group << 8 | (i < n ? octets[i] : 0u);
	return group;
}

void encode_base32hex(struct text *out, const uint8_t *octets, size_t n)
{
	for (size_t i = 0; i < n; i += 5) {
		size_t left = n - i < 5 ? n - i : 5;

		put_symbols(out, alphabet32, octet_group(octets + i, left, 5), 5, (left * 8 + 4) / 5);
	}
}

void encode_base64(struct text *out, const uint8_t *octets, size_t n)
{
	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i < 3 ? n - i : 3;

		put_symbols(out, alphabet64, octet_group(octets + i, left, 3), 6, left + 1);
		text_put_octets(out, "==", 3 - left);
	}
}
