/*
 * names_hosts.c -- lines of hosts(5): ADDRESS NAME [ALIAS...] [# comment].
 */
#include "zone/naming.h"

static const char example[] = "as in: 192.0.2.1 laptop";

/* All names of one address.  The first that is ours is the one for its PTR record. */
static void read_names(struct naming *n, struct slice line, const struct host_address *a)
{
	bool is_alias = false;

	for (unsigned count = 0;; count++) {
		struct slice word = line_word(&line);
		struct name_buf owner;

		if (word.size == 0)
			return;
		if (count == NAMES_LINE_MAX) {
			naming_warn(n, word, NULL, "more than 64 names in a line");
			return;
		}
		if (naming_owner(n, word, &owner)) {
			naming_give(n, &owner, a, word.octets, is_alias);
			is_alias = true;
		}
	}
}

void names_hosts_line(struct naming *n, struct slice line)
{
	line = line_part(&line, '#');
	struct slice word = line_word(&line);
	struct host_address a;

	if (word.size == 0 || memchr(word.octets, '%', word.size)) /* of one interface only */
		return;
	if (!naming_address(word, &a) || memchr(word.octets, '/', word.size))
		naming_warn(n, word, example, "not an IPv4 or IPv6 address");
	else if (naming_is_host(&a))
		read_names(n, line, &a);
}

void names_hosts(struct naming *n)
{
	struct slice rest = n->text, line;

	while (line_take(&rest, &line))
		names_hosts_line(n, line);
}
