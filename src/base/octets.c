/*
 * octets.c -- the folding table of octets.h.
 *
 * RFC 4343 §3: only the 26 ASCII letters have a case in the DNS.  A table of
 * 256 octets is one load a character and asks no locale.
 */
#include "base/octets.h"

/* From here on a libc's memcpy() is quicker. */
enum { COPY_SHORT = 64 };

#define ROW(n)                                                                                \
	(n), (n) + 1, (n) + 2, (n) + 3, (n) + 4, (n) + 5, (n) + 6, (n) + 7, (n) + 8, (n) + 9, \
		(n) + 10, (n) + 11, (n) + 12, (n) + 13, (n) + 14, (n) + 15

/* clang-format off */
const uint8_t octet_folded[256] = {
	ROW(0x00), ROW(0x10), ROW(0x20), ROW(0x30),
	'@', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
	'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', '[', '\\', ']', '^', '_',
	ROW(0x60), ROW(0x70), ROW(0x80), ROW(0x90), ROW(0xa0), ROW(0xb0),
	ROW(0xc0), ROW(0xd0), ROW(0xe0), ROW(0xf0),
};
/* clang-format on */

/*
 * Eight at once; the last eight may be some that were copied before.  Libcs are
 * made for long copies: for an address, musl's memcpy() takes ten times as long.
 */
void octets_copy(void *to, const void *from, size_t n)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	if (n < 8) {
		while (n-- > 0)
			*t++ = *f++;
	} else if (n > COPY_SHORT) {
		memcpy(t, f, n);
	} else {
		for (size_t i = 0; i < n - 8; i += 8)
			memcpy(t + i, f + i, 8);
		memcpy(t + n - 8, f + n - 8, 8);
	}
}

void put_octets(struct writer *w, const void *octets, size_t n)
{
	uint8_t *p = writer_room(w, n);

	if (p)
		octets_copy(p, octets, n);
}

/* Eight octets at once: the upper bit of each tells whether it is in A .. Z. */
static uint64_t fold8(uint64_t w)
{
	const uint64_t each = 0x0101010101010101, top = 0x80 * each;
	uint64_t low = w & ~top;
	uint64_t from_a = low + (0x80 - 'A') * each;
	uint64_t above_z = low + (0x7f - 'Z') * each;

	return w | (from_a & ~above_z & ~w & top) >> 2;
}

void octets_fold(uint8_t *to, const uint8_t *from, size_t n)
{
	for (; n >= 8; n -= 8, to += 8, from += 8) {
		uint64_t w;

		memcpy(&w, from, sizeof w);
		w = fold8(w);
		memcpy(to, &w, sizeof w);
	}
	for (size_t i = 0; i < n; i++)
		to[i] = octet_folded[from[i]];
}

static bool equal_one_by_one(const uint8_t *a, const uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (octet_folded[a[i]] != octet_folded[b[i]])
			return false;
	return true;
}

/* Most names are written in one case: eight octets that are the same need no folding. */
bool octets_equal_folded(const uint8_t *a, const uint8_t *b, size_t n)
{
	for (; n >= 8; n -= 8, a += 8, b += 8) {
		uint64_t wa, wb;

		memcpy(&wa, a, sizeof wa);
		memcpy(&wb, b, sizeof wb);
		if (wa != wb && fold8(wa) != fold8(wb))
			return false;
	}
	return equal_one_by_one(a, b, n);
}

bool octets_have(struct slice octets, const char *text)
{
	size_t size = strlen(text);

	for (; octets.size >= size; octets.octets++, octets.size--)
		if (memcmp(octets.octets, text, size) == 0)
			return true;
	return false;
}
