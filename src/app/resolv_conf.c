/*
 * resolv_conf.c -- upstream servers from a file like /etc/resolv.conf.
 */
#include "app/resolv_conf.h"
#include "base/line.h"

enum { DNS_PORT = 53 };

static const char keyword[] = "nameserver";

/* A line "nameserver ADDRESS ..."; false when it is none, or not the address of one host. */
static bool parse_line(struct slice line, struct address *out)
{
	char copy[ADDRESS_TEXT_MAX];
	struct slice first = line_word(&line), word = line_word(&line);

	if (first.size != sizeof keyword - 1 || memcmp(first.octets, keyword, first.size) != 0)
		return false;
	if (word.size == 0 || word.size >= sizeof copy)
		return false;
	memcpy(copy, word.octets, word.size);
	copy[word.size] = '\0';
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
	struct slice line;
	size_t count = 0;

	while (count < most && line_take(&text, &line)) {
		struct address address;

		if (parse_line(line, &address) && !is_there(out, count, &address))
			out[count++] = address;
	}
	return count;
}
