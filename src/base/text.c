/*
 * text.c -- a bounded piece of text under construction.
 */
#include "base/text.h"

#include <stdint.h>

struct text text_init(char *buffer, size_t size)
{
	buffer[0] = '\0';
	return (struct text){ .at = buffer, .size = size };
}

const char *text_str(const struct text *t)
{
	return t->at;
}

void text_put_octets(struct text *t, const void *s, size_t n)
{
	size_t room = t->size - 1 - t->used;

	if (n > room) {
		n = room;
		t->full = true;
	}
	memcpy(t->at + t->used, s, n);
	t->used += n;
	t->at[t->used] = '\0';
}

void text_put(struct text *t, const char *s)
{
	text_put_octets(t, s, strlen(s));
}

void text_put_char(struct text *t, char c)
{
	text_put_octets(t, &c, 1);
}

void text_put_u64(struct text *t, uint64_t v)
{
	char digits[20];
	size_t n = sizeof digits;

	do
		digits[--n] = (char)('0' + v % 10);
	while (v /= 10);
	text_put_octets(t, digits + n, sizeof digits - n);
}

void text_put_u32(struct text *t, uint32_t v)
{
	text_put_u64(t, v);
}

void text_put_hex(struct text *t, const uint8_t *octets, size_t n)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < n; i++) {
		text_put_char(t, digits[octets[i] >> 4]);
		text_put_char(t, digits[octets[i] & 15]);
	}
}

/* ------ formats ------ */

/* What stands between a '%' and its letter. */
struct conversion {
	bool left, zero; /* '-', '0' */
	unsigned width;
	size_t precision; /* SIZE_MAX: none */
	char length;      /* 'l', 'z', or 0 */
};

/* A va_list may be an array, which a function could not take a pointer to. */
struct arguments {
	va_list list;
};

static unsigned read_digits(const char **p)
{
	unsigned value = 0;

	for (; **p >= '0' && **p <= '9'; ++*p)
		value = value * 10 + (unsigned)(**p - '0');
	return value;
}

/* Reads it, and moves to its letter. */
static struct conversion read_conversion(const char **p, struct arguments *args)
{
	struct conversion c = { .precision = SIZE_MAX };

	for (; **p == '-' || **p == '0'; ++*p)
		**p == '-' ? (c.left = true) : (c.zero = true);
	c.width = read_digits(p);
	if (**p == '.' && (*p)[1] == '*') {
		c.precision = (size_t)va_arg(args->list, int);
		*p += 2;
	} else if (**p == '.') {
		++*p;
		c.precision = read_digits(p);
	}
	if (**p == 'l' || **p == 'z')
		c.length = *(*p)++;
	return c;
}

static void put_padded(struct text *t, const struct conversion *c, const char *s, size_t n)
{
	size_t missing = c->width > n ? c->width - n : 0;

	for (size_t i = 0; i < missing && !c->left; i++)
		text_put_char(t, c->zero ? '0' : ' ');
	text_put_octets(t, s, n);
	for (size_t i = 0; i < missing && c->left; i++)
		text_put_char(t, ' ');
}

static void put_number(struct text *t, const struct conversion *c, char letter, bool negative,
		       unsigned long v)
{
	const char *figures = letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	unsigned base = letter == 'x' || letter == 'X' ? 16 : letter == 'o' ? 8 : 10;
	char digits[24];
	size_t n = sizeof digits;

	do
		digits[--n] = figures[v % base];
	while (v /= base);
	if (negative)
		digits[--n] = '-';
	put_padded(t, c, digits + n, sizeof digits - n);
}

static unsigned long take_unsigned(const struct conversion *c, struct arguments *args)
{
	switch (c->length) {
	case 'l':
		return va_arg(args->list, unsigned long);
	case 'z':
		return va_arg(args->list, size_t);
	default:
		return va_arg(args->list, unsigned);
	}
}

static void put_converted(struct text *t, const struct conversion *c, char letter,
			  struct arguments *args)
{
	const char *s;
	char octet;
	long d;

	switch (letter) {
	case 's':
		s = va_arg(args->list, const char *);
		put_padded(t, c, s, strnlen(s, c->precision));
		break;
	case 'c':
		octet = (char)va_arg(args->list, int);
		put_padded(t, c, &octet, 1);
		break;
	case 'd':
		d = c->length == 'l' ? va_arg(args->list, long) : va_arg(args->list, int);
		put_number(t, c, letter, d < 0, d < 0 ? 0 - (unsigned long)d : (unsigned long)d);
		break;
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		put_number(t, c, letter, false, take_unsigned(c, args));
		break;
	default: /* %% */
		text_put_char(t, letter);
		break;
	}
}

void text_vformat(struct text *t, const char *format, va_list list)
{
	struct arguments args;

	va_copy(args.list, list);
	for (const char *p = format; *p; p++) {
		size_t plain = strcspn(p, "%");

		text_put_octets(t, p, plain);
		p += plain;
		if (!*p++)
			break;
		struct conversion c = read_conversion(&p, &args);
		put_converted(t, &c, *p, &args);
	}
	va_end(args.list);
}

void text_format(struct text *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_vformat(t, format, args);
	va_end(args);
}

/* ------ octets from outside ------ */

void text_put_escaped(struct text *t, const void *octets, size_t n, size_t limit)
{
	const uint8_t *p = octets;

	for (size_t i = 0; i < n && i < limit; i++) {
		if (p[i] >= 0x20 && p[i] < 0x7f)
			text_put_char(t, (char)p[i]);
		else
			text_format(t, "\\%03u", p[i]);
	}
	if (n > limit)
		text_put(t, "...");
}

void text_put_json(struct text *t, const char *s)
{
	text_put_char(t, '"');
	for (; *s; s++) {
		uint8_t octet = (uint8_t)*s;

		if (octet == '"' || octet == '\\')
			text_put_char(t, '\\');
		if (octet < 0x20 || octet >= 0x7f)
			text_format(t, "\\u%04x", octet);
		else
			text_put_char(t, *s);
	}
	text_put_char(t, '"');
}

/* ------ numbers ------ */

/* What a character stands for in a number, 16 and more for others. */
static unsigned digit_of(char c)
{
	unsigned decimal = (unsigned char)c - (unsigned)'0';
	unsigned letter = ((unsigned char)c | 0x20u) - (unsigned)'a';

	return decimal <= 9 ? decimal : letter <= 5 ? letter + 10 : 16;
}

bool text_take_number(const char **s, unsigned base, uint64_t most, uint64_t *out)
{
	const char *p = *s;
	uint64_t value = 0;

	for (unsigned digit; (digit = digit_of(*p)) < base; p++) {
		if (value > (most - digit) / base || digit > most)
			return false;
		value = value * base + digit;
	}
	*out = value;
	if (p == *s)
		return false;
	*s = p;
	return true;
}
