/*
 * octets.h -- cursors over octets: the only bounds checks of the program.
 *
 * A reader walks over octets that came from outside, a writer fills a buffer
 * of fixed size.  Both fail in a way that sticks: after the first access that
 * does not fit, `bad` (or `full`) stays true, reads give 0, writes do nothing,
 * and one test at the end replaces a test after every call.
 *
 * All numbers on the wire are big-endian (RFC 1035 §2.3.2).  Octets are read
 * one by one, so neither alignment nor the machine's byte order matters.
 */
#ifndef BASE_OCTETS_H
#define BASE_OCTETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#if defined(__GNUC__)
#define MUST_USE __attribute__((warn_unused_result))
#else
#define MUST_USE
#endif

/* A view on octets that somebody else owns. */
struct slice {
	const uint8_t *octets;
	size_t size;
};

/* Reads from [base, end); pos is the next octet.  Borrowed, never freed. */
struct reader {
	const uint8_t *base; /* start of the message: compression offsets count from here */
	const uint8_t *pos;
	const uint8_t *end;
	bool bad; /* something did not fit; sticks */
};

/* Writes into [base, end); pos is the next free octet. */
struct writer {
	uint8_t *base;
	uint8_t *pos;
	uint8_t *end;
	bool full; /* something did not fit; sticks until a rewind */
};

/*
 * Each member is written, here and below: where one is left to be zero gcc 12 makes the whole on
 * the stack and copies it, and the copy has to wait for what was written a moment ago.
 */
static inline struct reader reader_init(const uint8_t *octets, size_t size)
{
	return (struct reader){ octets, octets, octets + size, false };
}

inline size_t reader_left(const struct reader *r)
{
	return (size_t)(r->end - r->pos);
}

/* The next n octets, or NULL with r->bad set.  The only check of a reader. */
inline const uint8_t *reader_take(struct reader *r, size_t n)
{
	if (r->bad || n > reader_left(r)) {
		r->bad = true;
		return NULL;
	}
	const uint8_t *p = r->pos;
	r->pos += n;
	return p;
}

/*
 * A reader over the next n octets alone (RDATA, an EDNS option); r moves past
 * them.  Compression offsets still count from r->base.  When n octets are not
 * there both readers are bad.
 */
static inline struct reader reader_sub(struct reader *r, size_t n)
{
	const uint8_t *pos = r->pos;
	bool bad = !reader_take(r, n);

	return (struct reader){ r->base, pos, bad ? pos : pos + n, bad };
}

inline uint8_t get_u8(struct reader *r)
{
	const uint8_t *p = reader_take(r, 1);
	return p ? p[0] : 0;
}

inline uint16_t get_u16(struct reader *r)
{
	const uint8_t *p = reader_take(r, 2);
	return (uint16_t)(p ? p[0] << 8 | p[1] : 0);
}

inline uint32_t load_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

inline uint32_t get_u32(struct reader *r)
{
	const uint8_t *p = reader_take(r, 4);
	return p ? load_u32(p) : 0;
}

static inline struct writer writer_init(uint8_t *octets, size_t size)
{
	return (struct writer){ octets, octets, octets + size, false };
}

static inline size_t writer_size(const struct writer *w)
{
	return (size_t)(w->pos - w->base);
}

inline size_t writer_left(const struct writer *w)
{
	return (size_t)(w->end - w->pos);
}

/* Room for n octets, or NULL with w->full set.  The only check of a writer. */
inline uint8_t *writer_room(struct writer *w, size_t n)
{
	if (w->full || n > writer_left(w)) {
		w->full = true;
		return NULL;
	}
	uint8_t *p = w->pos;
	w->pos += n;
	return p;
}

/* Goes back to an earlier position; what was written after it is forgotten. */
static inline void writer_rewind(struct writer *w, uint8_t *pos)
{
	w->pos = pos;
	w->full = false;
}

static inline uint16_t load_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

inline void store_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

inline void store_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

inline void put_u8(struct writer *w, uint8_t v)
{
	uint8_t *p = writer_room(w, 1);
	if (p)
		p[0] = v;
}

inline void put_u16(struct writer *w, uint16_t v)
{
	uint8_t *p = writer_room(w, 2);
	if (p)
		store_u16(p, v);
}

inline void put_u32(struct writer *w, uint32_t v)
{
	uint8_t *p = writer_room(w, 4);
	if (p)
		store_u32(p, v);
}

void put_octets(struct writer *w, const void *octets, size_t n);

/* Eight octets in the machine's own order: for comparing and mixing, not for what they mean. */
static inline uint64_t load8(const uint8_t *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof w);
	return w;
}

/* Little-endian numbers, as some hash functions and ciphers count. */
static inline uint32_t load_le32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static inline uint64_t load_le64(const uint8_t *p)
{
	return (uint64_t)load_le32(p + 4) << 32 | load_le32(p);
}

/* Up to eight octets as a little-endian number, with zeros for those that are not there. */
static inline uint64_t load_le(const uint8_t *p, size_t n)
{
	if (n >= 8)
		return load_le64(p);
	if (n >= 4)
		return load_le32(p) | (uint64_t)load_le32(p + n - 4) << (8 * (n - 4));
	if (n == 0)
		return 0;
	return p[0] | (uint64_t)p[n / 2] << (8 * (n / 2)) | (uint64_t)p[n - 1] << (8 * (n - 1));
}

/*
 * Octets looked for eight at a time, in a number from load_le64(): each that is found is
 * marked by its upper bit.  Behind the first there can be marks that mean nothing.
 */
#define EACH_OCTET 0x0101010101010101u

static inline uint64_t mark_equal(uint64_t eight, uint8_t octet)
{
	uint64_t differing = eight ^ octet * EACH_OCTET;

	return (differing - EACH_OCTET) & ~differing & 0x80 * EACH_OCTET;
}

/* Octets below a limit of at most 128. */
static inline uint64_t mark_below(uint64_t eight, uint8_t limit)
{
	return (eight - limit * EACH_OCTET) & ~eight & 0x80 * EACH_OCTET;
}

/* As mark_equal() and mark_below(), with marks that are right behind the first one, too. */
static inline uint64_t mark_each_equal(uint64_t eight, uint8_t octet)
{
	const uint64_t low = 0x7f * EACH_OCTET;
	uint64_t differing = eight ^ octet * EACH_OCTET;

	return ~(((differing & low) + low) | differing | low);
}

static inline uint64_t mark_each_below(uint64_t eight, uint8_t limit)
{
	uint64_t low = eight & 0x7f * EACH_OCTET;

	return ~((low + (0x80u - limit) * EACH_OCTET) | eight) & 0x80 * EACH_OCTET;
}

/* Such marks as eight bits, that of the first octet the lowest. */
static inline uint32_t marks_to_bits(uint64_t marks)
{
	return (uint32_t)((marks >> 7) * 0x0102040810204080u >> 56);
}

/* Sixteen octets at p: a bit for each that is equal to `octet`, the lowest for the first. */
static inline uint32_t bits_equal_plain(const uint8_t *p, uint8_t octet)
{
	return marks_to_bits(mark_each_equal(load_le64(p), octet)) |
	       marks_to_bits(mark_each_equal(load_le64(p + 8), octet)) << 8;
}

/* ... and for each below a limit from 1 to 128. */
static inline uint32_t bits_below_plain(const uint8_t *p, uint8_t limit)
{
	return marks_to_bits(mark_each_below(load_le64(p), limit)) |
	       marks_to_bits(mark_each_below(load_le64(p + 8), limit)) << 8;
}

/* The same by instructions that every x86-64 has: a quarter of the work. */
#ifdef __SSE2__
enum { BITS_ARE_QUICK = 1 };

static inline uint32_t bits_equal(const uint8_t *p, uint8_t octet)
{
	__m128i v = _mm_loadu_si128((const void *)p);

	return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8((char)octet)));
}

static inline uint32_t bits_below(const uint8_t *p, uint8_t limit)
{
	__m128i v = _mm_loadu_si128((const void *)p);
	__m128i low = _mm_min_epu8(v, _mm_set1_epi8((char)(limit - 1)));

	return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, low));
}
#else
enum { BITS_ARE_QUICK = 0 };

#define bits_equal bits_equal_plain
#define bits_below bits_below_plain
#endif

/* Which bit is the lowest that is set; needs one. */
static inline size_t first_bit(uint64_t bits)
{
#if defined(__GNUC__)
	return (size_t)__builtin_ctzll(bits);
#else
	size_t n = 0;

	for (; (bits & 1) == 0; bits >>= 1)
		n++;
	return n;
#endif
}

/* ASCII upper case to lower case, every other octet as it is (RFC 4343 §3). */
extern const uint8_t octet_folded[256];

/* Copies n octets: as memcpy(), but made for names and addresses, which are short. */
void octets_copy(void *to, const void *from, size_t n);

/* Copies n octets, letters folded. */
void octets_fold(uint8_t *to, const uint8_t *from, size_t n);

/* True when that would change none of them: no capital is there. */
bool octets_are_folded(const uint8_t *octets, size_t n);

/* True when n octets are equal: as memcmp(), but made for names. */
bool octets_equal(const uint8_t *a, const uint8_t *b, size_t n);

/* True when n octets are equal but for the case of ASCII letters. */
bool octets_equal_folded(const uint8_t *a, const uint8_t *b, size_t n);

/* True when this octet, not 0, is one of n.  Eight at a time: quicker than memchr() for a name. */
bool octets_contain(const uint8_t *octets, size_t n, uint8_t octet);

/* True when the text stands somewhere in the octets.  Slow: for short texts. */
bool octets_have(struct slice octets, const char *text);

#endif
