/*
 * encode.c -- base16, base32hex and base64 (RFC 4648).
 *
 * All three are one machine: symbols of 4, 5 or 6 bits go in, octets come out
 * as soon as eight bits are there.  Fewer than eight bits wait between words.
 * The machine is as quick as it needs to be but for base64, most of which goes
 * past it by groups.
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

/* The same for base32hex, of which the first 16 symbols are the hex digits. */
static const uint8_t values32[256] = {
	['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,
	['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14,
	['E'] = 15, ['F'] = 16, ['G'] = 17, ['H'] = 18, ['I'] = 19, ['J'] = 20, ['K'] = 21,
	['L'] = 22, ['M'] = 23, ['N'] = 24, ['O'] = 25, ['P'] = 26, ['Q'] = 27, ['R'] = 28,
	['S'] = 29, ['T'] = 30, ['U'] = 31, ['V'] = 32, ['a'] = 11, ['b'] = 12, ['c'] = 13,
	['d'] = 14, ['e'] = 15, ['f'] = 16, ['g'] = 17, ['h'] = 18, ['i'] = 19, ['j'] = 20,
	['k'] = 21, ['l'] = 22, ['m'] = 23, ['n'] = 24, ['o'] = 25, ['p'] = 26, ['q'] = 27,
	['r'] = 28, ['s'] = 29, ['t'] = 30, ['u'] = 31, ['v'] = 32,
};
/* clang-format on */

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
		unsigned value = values32[text[i]];

		if (value == 0 || value > 16)
			return false;
		decoder_take(d, value - 1, 4, out);
	}
	return true;
}

bool decode_base32hex(struct decoder *d, const uint8_t *text, size_t size, struct writer *out)
{
	for (size_t i = 0; i < size; i++) {
		unsigned value = values32[text[i]];

		if (value == 0)
			return false;
		decoder_take(d, value - 1, 5, out);
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

/* Whole groups of four symbols at once, for keys and signatures are long; how many symbols. */
static size_t decode_groups(const uint8_t *text, size_t size, struct writer *out)
{
	size_t i = 0;

	for (; size - i >= 4 && writer_left(out) >= 3; i += 4) {
		unsigned a = values64[text[i]], b = values64[text[i + 1]];
		unsigned c = values64[text[i + 2]], e = values64[text[i + 3]];

		if (!a || !b || !c || !e)
			break;
		uint32_t group = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (e - 1);
		put_u8(out, (uint8_t)(group >> 16));
		put_u16(out, (uint16_t)group);
	}
	return i;
}

bool decode_base64(struct decoder *d, const uint8_t *text, size_t size, struct writer *out)
{
	size_t i = 0;

	if (size > 0 && text[0] == '=') /* padding stays with the symbols that it fills up */
		return false;
	if (d->symbols == 0 && d->padding == 0)
		i = decode_groups(text, size, out);
	for (; i < size; i++) {
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

		put_symbols(out, alphabet32, octet_group(octets + i, left, 5), 5,
			    (left * 8 + 4) / 5);
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
