/*
 * octets.c -- runs of octets: copied, folded and compared eight at a time.
 *
 * RFC 4343 §3: only the 26 ASCII letters have a case in the DNS.  A table of
 * 256 octets is one load a character and asks no locale.
 */
#include "base/octets.h"

/* One copy of each, for those who call them where it is smaller. */
extern inline size_t reader_left(const struct reader *r);
extern inline size_t writer_left(const struct writer *w);
extern inline void store_u16(uint8_t *p, uint16_t v);
extern inline void store_u32(uint8_t *p, uint32_t v);
extern inline const uint8_t *reader_take(struct reader *r, size_t n);
extern inline uint8_t get_u8(struct reader *r);
extern inline uint16_t get_u16(struct reader *r);
extern inline uint32_t load_u32(const uint8_t *p);
extern inline uint32_t get_u32(struct reader *r);
extern inline void put_u8(struct writer *w, uint8_t v);
extern inline void put_u16(struct writer *w, uint16_t v);
extern inline void put_u32(struct writer *w, uint32_t v);
extern inline uint8_t *writer_room(struct writer *w, size_t n);

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

/* Where the other three of four runs of eight begin that together are all of 8 to 32 octets. */
struct runs {
	size_t second, third, last;
};

static inline struct runs runs_of(size_t n)
{
	size_t last = n - 8;

	return (struct runs){ last < 8 ? last : 8, last < 16 ? last : 16, last };
}

/*
 * By classes of sizes and not by loops: how often a loop runs nobody can guess, and most names
 * are of one class.  A run may begin with octets that were copied before.
 * Libcs are made for long copies: for an address, musl's memcpy() takes ten times as long.
 */
void octets_copy(void *to, const void *from, size_t n)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	if (n > COPY_SHORT) {
		memcpy(t, f, n);
	} else if (n > 32) {
		memcpy(t, f, 32);
		memcpy(t + n - 32, f + n - 32, 32);
	} else if (n >= 8) {
		const struct runs runs = runs_of(n);
		memcpy(t, f, 8);
		memcpy(t + runs.second, f + runs.second, 8);
		memcpy(t + runs.third, f + runs.third, 8);
		memcpy(t + runs.last, f + runs.last, 8);
	} else if (n >= 4) {
		memcpy(t, f, 4);
		memcpy(t + n - 4, f + n - 4, 4);
	} else if (n > 0) {
		t[0] = f[0];
		t[n / 2] = f[n / 2];
		t[n - 1] = f[n - 1];
	}
}

void put_octets(struct writer *w, const void *octets, size_t n)
{
	uint8_t *p = writer_room(w, n);

	if (p)
		octets_copy(p, octets, n);
}

/* Eight octets at once: the upper bit of each tells whether it is in A .. Z. */
static inline uint64_t fold8(uint64_t w)
{
	const uint64_t each = 0x0101010101010101, top = 0x80 * each;
	uint64_t low = w & ~top;
	uint64_t from_a = low + (0x80 - 'A') * each;
	uint64_t above_z = low + (0x7f - 'Z') * each;

	return w | (from_a & ~above_z & ~w & top) >> 2;
}

static inline void fold8_at(uint8_t *to, const uint8_t *from)
{
	uint64_t w = fold8(load8(from));

	memcpy(to, &w, sizeof w);
}

/* The last eight may be some that were folded before. */
void octets_fold(uint8_t *to, const uint8_t *from, size_t n)
{
	if (n < 8) {
		for (size_t i = 0; i < n; i++)
			to[i] = octet_folded[from[i]];
		return;
	}
	for (size_t i = 0; i < n - 8; i += 8)
		fold8_at(to + i, from + i);
	fold8_at(to + n - 8, from + n - 8);
}

bool octets_are_folded(const uint8_t *octets, size_t n)
{
	uint64_t changed = 0;

	for (; n >= 8; n -= 8, octets += 8)
		changed |= fold8(load8(octets)) ^ load8(octets);
	for (; n > 0; n--, octets++)
		changed |= octet_folded[*octets] ^ *octets;
	return changed == 0;
}

static inline uint64_t differ8(const uint8_t *a, const uint8_t *b, size_t at)
{
	return load8(a + at) ^ load8(b + at);
}

/* What is set in an octet of one and not in that of the other, for all of n together. */
static uint64_t differ(const uint8_t *a, const uint8_t *b, size_t n)
{
	if (n < 8)
		return load_le(a, n) ^ load_le(b, n);
	const struct runs runs = runs_of(n);
	uint64_t differing = differ8(a, b, 0) | differ8(a, b, runs.second) |
			     differ8(a, b, runs.third) | differ8(a, b, runs.last);
	for (size_t i = 24; i < runs.last; i += 8)
		differing |= differ8(a, b, i);
	return differing;
}

bool octets_equal(const uint8_t *a, const uint8_t *b, size_t n)
{
	return differ(a, b, n) == 0;
}

/* Most names are written in one case and never come here. */
static bool same_folded(const uint8_t *a, const uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (octet_folded[a[i]] != octet_folded[b[i]])
			return false;
	return true;
}

/* Folded only when they differ in nothing but the bit that the two cases differ in. */
bool octets_equal_folded(const uint8_t *a, const uint8_t *b, size_t n)
{
	uint64_t differing = differ(a, b, n);

	return differing == 0 || ((differing & ~(0x20 * EACH_OCTET)) == 0 && same_folded(a, b, n));
}

bool octets_contain(const uint8_t *octets, size_t n, uint8_t octet)
{
	for (size_t i = 0; i < n; i += 8)
		if (mark_equal(load_le(octets + i, n - i), octet))
			return true;
	return false;
}

bool octets_have(struct slice octets, const char *text)
{
	size_t size = strlen(text);

	for (; octets.size >= size; octets.octets++, octets.size--)
		if (memcmp(octets.octets, text, size) == 0)
			return true;
	return false;
}
