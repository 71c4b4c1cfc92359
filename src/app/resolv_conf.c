/*
 * resolv_conf.c -- upstream servers from a file like /etc/resolv.conf.
 */
#include "app/resolv_conf.h"

enum { DNS_PORT = 53 };

static const char keyword[] = "nameserver";

static bool is_blank(uint8_t octet)
{
	return octet == ' ' || octet == '\t' || octet == '\r';
}

/* The word at *p, which is moved past it; its size. */
static size_t take_word(const uint8_t **p, const uint8_t *end, const uint8_t **word)
{
	while (*p < end && is_blank(**p))
		++*p;
	*word = *p;
	while (*p < end && !is_blank(**p))
		++*p;
	return (size_t)(*p - *word);
}

/* A line "nameserver ADDRESS ..."; false when it is none, or not the address of one host. */
static bool parse_line(const uint8_t *p, const uint8_t *end, struct address *out)
{
	char copy[ADDRESS_TEXT_MAX];
	const uint8_t *word;
	size_t size = take_word(&p, end, &word);

	if (size != sizeof keyword - 1 || memcmp(word, keyword, size) != 0)
		return false;
	size = take_word(&p, end, &word);
	if (size == 0 || size >= sizeof copy)
		return false;
	memcpy(copy, word, size);
	copy[size] = '\0';
	return !address_parse(out, copy, DNS_PORT) && address_is_unicast(out) && out->port != 0;
}

static bool is_there(const struct address *list, size_t n, const struct address *a)
{
	for (size_t i = 0; i < n; i++)
		if (address_equal(&list[i], a))
			return true;
	return false;
}

size_t resolv_conf_parse(struct slice text, struct address *out, size_t most)
{
	const uint8_t *p = text.octets, *end = text.octets + text.size;
	size_t count = 0;

	while (p < end && count < most) {
		const uint8_t *newline = memchr(p, '\n', (size_t)(end - p));
		const uint8_t *stop = newline ? newline : end;
		struct address address;

		if (parse_line(p, stop, &address) && !is_there(out, count, &address))
			out[count++] = address;
		p = stop + 1;
	}
	return count;
}
