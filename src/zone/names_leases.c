/*
 * names_leases.c -- what DHCP servers remember: leases of dnsmasq and of odhcpd.
 *
 *	EXPIRY MAC|IAID ADDRESS NAME|* CLIENT|*                       dnsmasq
 *	duid DUID                                                     its own, before IPv6
 *	# IFACE DUID IAID|ipv4 NAME|- EXPIRY ASSIGNED LENGTH [ADDRESS/BITS...]   odhcpd
 *	ADDRESS NAME...                                               odhcpd, for resolvers
 *
 * The last form is that of hosts files.  Until 2025 odhcpd wrote it between its
 * leases, which say the same and when it ends; then only these are read.  Both
 * programs may be writing at this moment: a lease whose last word is missing
 * does not count, for its name or address may be half there.
 */
#include "base/number.h"
#include "zone/naming.h"

enum {
	DNSMASQ_WORDS = 5,
	ODHCPD_WORDS = 8, /* before the addresses */
};

static const int64_t forever = INT64_MAX;
static const uint64_t latest_s = 999999999999999999; /* larger is no time */

struct lease {
	struct slice name;
	struct slice addresses; /* of dnsmasq: one; of odhcpd: all words behind the length */
	int64_t end_s;          /* seconds since 1970, or forever */
};

/* A time of a lease; what is `endless` to the program that wrote it is forever. */
static bool take_end(struct slice word, const char *endless, int64_t *end_s)
{
	uint64_t seconds = (uint64_t)forever;

	if (!slice_is(word, endless) && number_parse(word.octets, word.size, latest_s, &seconds))
		return false;
	*end_s = (int64_t)seconds;
	return true;
}

/* The first words of a line, `most` of them; the rest of the line stays.  How many. */
static size_t take_words(struct slice *line, struct slice *words, size_t most)
{
	size_t count = 0;

	while (count < most && (words[count] = line_word(line)).size > 0)
		count++;
	return count;
}

static bool take_dnsmasq(struct slice line, struct lease *l)
{
	struct slice words[DNSMASQ_WORDS];

	if (take_words(&line, words, DNSMASQ_WORDS) < DNSMASQ_WORDS ||
	    !take_end(words[0], "0", &l->end_s))
		return false;
	l->addresses = words[2];
	l->name = words[3];
	return true;
}

static bool take_odhcpd(struct slice line, struct lease *l)
{
	struct slice words[ODHCPD_WORDS];

	if (take_words(&line, words, ODHCPD_WORDS) < ODHCPD_WORDS || !slice_is(words[0], "#") ||
	    !take_end(words[5], "-1", &l->end_s))
		return false;
	l->name = words[4];
	l->addresses = line;
	return true;
}

/*
 * True when a lease counts at this moment, and for how long: n->ttl is set.
 * Without a clock all do.  An end before 2020 is no time of the day either: it
 * was written before the clock was set, or dnsmasq was built for such hosts
 * and writes how long its leases are.
 */
static bool is_running(struct naming *n, int64_t end_s)
{
	struct names_reading *r = n->r;

	n->ttl = NAMES_LEASE_TTL_S;
	if (end_s == 0) /* odhcpd's word for one that is over */
		return false;
	if (end_s == forever || end_s < NAMES_CLOCK_IS_SET_S || r->now_s < NAMES_CLOCK_IS_SET_S)
		return true;
	if (end_s <= r->now_s)
		return false;
	if (r->expires_s == 0 || end_s < r->expires_s)
		r->expires_s = end_s;
	if (end_s - r->now_s < NAMES_LEASE_TTL_S)
		n->ttl = (uint32_t)(end_s - r->now_s);
	return true;
}

static void give(struct naming *n, const struct lease *l, const struct host_address *a)
{
	struct name_buf owner;

	if (naming_is_host(a) && naming_owner(n, l->name, &owner) && is_running(n, l->end_s))
		naming_give(n, &owner, a, l->name.octets, false);
}

/* The addresses of an odhcpd lease; prefixes that were handed out are no host's. */
static void give_all(struct naming *n, struct lease *l)
{
	for (unsigned i = 0; i < NAMES_LINE_MAX; i++) {
		struct slice word = line_word(&l->addresses);
		struct host_address a;

		if (word.size == 0)
			return;
		if (memchr(word.octets, '/', word.size) && naming_address(word, &a) &&
		    a.bits == a.size * 8)
			give(n, l, &a);
	}
}

/* True when some line is a lease of odhcpd. */
static bool has_odhcpd_leases(struct slice rest)
{
	struct slice line;
	struct lease l;

	while (line_take(&rest, &line))
		if (take_odhcpd(line, &l))
			return true;
	return false;
}

enum form { NOTHING, LEASE, UNKNOWN };

/* A line that begins with a word that is no comment. */
static enum form read_words(struct naming *n, struct slice line, bool is_odhcpd)
{
	struct slice rest = line, first = line_word(&rest);
	struct host_address a;
	struct lease l;

	if (naming_address(first, &a)) {
		n->ttl = NAMES_LEASE_TTL_S;
		if (!is_odhcpd)
			names_hosts_line(n, line);
	} else if (take_dnsmasq(line, &l) && naming_address(l.addresses, &a)) {
		give(n, &l, &a); /* "*", no name, is no legal one either */
	} else if (!slice_is(first, "duid")) {
		return UNKNOWN;
	}
	return LEASE;
}

static enum form read_line(struct naming *n, struct slice line, bool is_odhcpd)
{
	struct lease l;

	line = line_trim(line);
	if (line.size == 0)
		return NOTHING;
	if (line.octets[0] != '#')
		return read_words(n, line, is_odhcpd);
	if (!is_odhcpd || !take_odhcpd(line, &l))
		return NOTHING;
	if (!slice_is(l.name, "-"))
		give_all(n, &l);
	return LEASE;
}

/* A file in which no line is a lease is the wrong one, unless it is empty. */
void names_leases(struct naming *n)
{
	struct slice rest = n->text, line, unknown = { NULL, 0 };
	bool is_odhcpd = has_odhcpd_leases(rest), is_known = false;

	n->is_quiet = n->is_claimed = true; /* clients send what they like */
	while (line_take(&rest, &line)) {
		enum form form = read_line(n, line, is_odhcpd);

		is_known |= form == LEASE;
		if (form == UNKNOWN && !unknown.octets)
			unknown = line_trim(line);
	}
	n->is_quiet = false;
	if (unknown.octets && !is_known)
		naming_warn(
			n, unknown, "as in: 0 02:00:00:00:00:01 192.0.2.1 laptop *",
			"neither a lease of dnsmasq nor of odhcpd, nor is any line of this file");
}
