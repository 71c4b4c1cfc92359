/*
 * text.c -- a bounded piece of text under construction.
 */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

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

void text_format(struct text *t, const char *format, ...)
{
	size_t room = t->size - t->used;
	va_list args;

	va_start(args, format);
	int n = vsnprintf(t->at + t->used, room, format, args);
	va_end(args);
	if (n < 0)
		return;
	if ((size_t)n >= room) {
		t->full = true;
		n = (int)room - 1;
	}
	t->used += (size_t)n;
}

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
