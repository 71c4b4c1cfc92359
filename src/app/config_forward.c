/*
 * config_forward.c -- the directives about asking others: whom, for whom, and
 * what is kept.
 */
#include "app/directives.h"
#include "base/ip.h"
#include "base/list.h"
#include "base/number.h"
#include "dns/ttl.h"

#include <netinet/in.h>
#include <stdlib.h>

enum {
	DNS_PORT = 53,
	CACHE_MAX_SIZE_MIB = 1024,
	STALE_DEFAULT_S = 86400,
};

static const char out_of_memory[] = "out of memory";

static const char *add_network(struct config *c, const struct network *n)
{
	if (c->allowed_count == CONFIG_MAX_NETWORKS)
		return "too many networks";
	struct network *list = list_grow(c->allowed, c->allowed_count, sizeof *list);
	if (!list)
		return out_of_memory;
	c->allowed = list;
	list[c->allowed_count++] = *n;
	return NULL;
}

/* ------ networks ------ */

const char *network_parse(const char *text, struct network *out)
{
	const char *slash = strchr(text, '/');
	size_t size = slash ? (size_t)(slash - text) : strlen(text);
	uint64_t bits;

	*out = (struct network){ 0 };
	out->size = (uint8_t)ip_parse((const uint8_t *)text, size, out->octets);
	bits = 8u * out->size;
	if (out->size == 0)
		return "not a network: as in 10.8.0.0/16 or fd00:35::/64";
	if (slash && number_parse((const uint8_t *)slash + 1, strlen(slash + 1), bits, &bits))
		return "after '/' stands a number of bits: 0 to 32, or to 128";
	out->bits = (uint8_t)bits;
	return NULL;
}

const char *apply_allow(struct config *c, char **words, size_t n, size_t *at)
{
	for (size_t i = 0; i < n; i++) {
		struct network network;
		const char *problem = NULL;

		*at = i;
		if (strcmp(words[i], "any") == 0)
			c->allow_everybody = true;
		else if (strcmp(words[i], "attached") == 0)
			c->allow_attached = true;
		else if (!(problem = network_parse(words[i], &network)))
			problem = add_network(c, &network);
		if (problem)
			return problem;
	}
	return NULL;
}

/* ------ domains ------ */

/* Names of one hash are compared; those of several hundred lines would be much to compare. */
static uint32_t hash_of(struct name domain)
{
	uint8_t folded[NAME_MAX_SIZE];
	const struct siphash_key key = { 0, 0 };

	octets_fold(folded, domain.octets, domain.size);
	return (uint32_t)siphash13(&key, folded, domain.size);
}

static struct forward_config *find_forward(struct config *c, struct name domain)
{
	const uint32_t hash = hash_of(domain);
	struct forward_config *f = c->forwards;

	for (size_t left = c->forward_count; left > 0; left--, f++)
		if (f->hash == hash && name_equal(name_view(&f->domain), domain))
			return f;
	return NULL;
}

static struct forward_config *make_forward(struct config *c, struct name domain)
{
	struct forward_config *f = find_forward(c, domain);

	if (f)
		return f;
	if (c->forward_count == CONFIG_MAX_FORWARDS)
		return NULL;
	f = list_grow(c->forwards, c->forward_count, sizeof *f);
	if (!f)
		return NULL;
	c->forwards = f;
	f += c->forward_count++;
	*f = (struct forward_config){ .upstream_count = 0 };
	name_copy(&f->domain, domain);
	f->hash = hash_of(domain);
	return f;
}

/*
 * The reverse domain of a network whose bits end inside of a label stands for
 * several: number `i` of them, counted from the network's own bits.
 */
static void put_reverse(const struct network *n, unsigned i, struct text *out)
{
	unsigned unit = n->size == IP4_SIZE ? 8 : 4;
	unsigned labels = (n->bits + unit - 1) / unit;

	for (unsigned label = labels; label-- > 0;) {
		unsigned at = label * unit / 8;
		unsigned value = n->octets[at];

		if (unit == 4)
			value = label % 2 ? value & 15 : value >> 4;
		if (label == labels - 1)
			value += i;
		text_format(out, n->size == IP4_SIZE ? "%u." : "%x.", value);
	}
	text_put(out, n->size == IP4_SIZE ? "in-addr.arpa." : "ip6.arpa.");
}

/* How many such domains there are. */
static unsigned reverse_count(const struct network *n)
{
	unsigned unit = n->size == IP4_SIZE ? 8 : 4;
	unsigned rest = n->bits % unit;

	return rest ? 1u << (unit - rest) : 1;
}

/* Clears the bits behind the prefix. */
static void mask(struct network *n)
{
	for (unsigned i = n->bits; i < n->size * 8u; i++)
		n->octets[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
}

/* A domain may have a '/' in it, too: 0/25.2.0.192.in-addr.arpa (RFC 2317 §4). */
static bool is_network(const char *word)
{
	const char *slash = strchr(word, '/');
	uint8_t address[IP6_SIZE];

	if (!slash)
		return false;
	size_t size = (size_t)(slash - word);
	return slash[1 + strspn(slash + 1, "0123456789")] == '\0' ||
	       ip_parse((const uint8_t *)word, size, address) > 0;
}

/*
 * Number `i` of the domains that a word stands for, itself or the reverse domains of a
 * network; *count: how many there are.
 */
static const char *domain_parse(const char *word, unsigned i, struct name_buf *out, unsigned *count)
{
	char room[NAME_MAX_TEXT];
	struct text text = text_init(room, sizeof room);
	struct network n;

	*count = 1;
	if (!is_network(word))
		return name_parse_absolute(word, out);
	const char *problem = network_parse(word, &n);
	if (problem)
		return problem;
	if (n.bits == 0)
		return "a network of at least one bit";
	mask(&n);
	*count = reverse_count(&n);
	put_reverse(&n, i, &text);
	return name_parse_absolute(room, out);
}

/* ------ upstream servers ------ */

/* A path has a '/' in it, an address never has. */
static const char *upstream_parse(const char *word, struct upstream_config *out)
{
	*out = (struct upstream_config){ .file = NULL };
	if (octets_have((struct slice){ (const uint8_t *)word, strlen(word) }, "://"))
		return "plain DNS only; a neighbour program carries it encrypted "
		       "(docs/recipes.md)";
	if (strchr(word, '/')) {
		out->file = strdup(word);
		return out->file ? NULL : out_of_memory;
	}
	if (!strpbrk(word, ".:"))
		return "an upstream server is an IP address, a file with '/' in its name, or none";
	const char *problem = address_parse(&out->address, word, DNS_PORT);
	if (problem && !strpbrk(word, ":@#") && strpbrk(word, "ghijklmnopqrstuvwxyz"))
		return "an IP address is wanted: host names are not looked up";
	if (problem)
		return problem;
	if (out->address.port == 0)
		return "port 0 cannot be asked";
	/* Linux takes 0.0.0.0 and :: as a destination for this host itself. */
	if (address_is_wildcard(&out->address) ||
	    (out->address.family == ADDRESS_IP4 && out->address.octets[0] == 0))
		return "this address is this host: an upstream server is another one";
	if (!address_is_unicast(&out->address))
		return "not the address of one host";
	return NULL;
}

static const char *add_upstreams(struct config *c, struct name domain, char **words, size_t n,
				 size_t *at)
{
	struct forward_config *f = make_forward(c, domain);

	if (!f)
		return "too many domains, or out of memory";
	for (size_t i = 0; i < n; i++) {
		*at = i + 1;
		if (strcmp(words[i], "none") == 0) {
			f->is_blocked = true;
			continue;
		}
		if (f->upstream_count == FORWARD_PER_ROUTE)
			return "more than 8 upstream servers for one domain";
		const char *problem = upstream_parse(words[i], &f->upstreams[f->upstream_count]);
		if (problem)
			return problem;
		f->upstream_count++;
		c->is_forwarder = true;
	}
	if (f->is_blocked && f->upstream_count > 0)
		return "'none' stands alone: either nobody is asked for a domain, or somebody";
	return NULL;
}

const char *apply_forward(struct config *c, char **words, size_t n, size_t *at)
{
	struct name_buf domain;
	const char *problem = NULL;
	unsigned count = 1;

	for (unsigned i = 0; !problem && i < count; i++) {
		problem = domain_parse(words[0], i, &domain, &count);
		if (!problem)
			problem = add_upstreams(c, name_view(&domain), words + 1, n - 1, at);
	}
	return problem;
}

bool config_complete(struct config *c)
{
	static char resolv_conf[] = CONFIG_RESOLV_CONF;
	char *words[] = { resolv_conf };
	bool is_forwarder = c->is_forwarder;
	size_t at;

	if (!config_complete_zones(c))
		return false;
	if (!c->allow_everybody && c->allowed_count == 0)
		c->allow_attached = true;
	if (find_forward(c, name_root))
		return true;
	bool added = !add_upstreams(c, name_root, words, 1, &at);
	c->is_forwarder = is_forwarder;
	return added;
}

bool config_serves(const struct config *c)
{
	return c->zone_count > 0 || c->is_forwarder;
}

/* ------ what is kept, and what is believed ------ */

const char *apply_private_ok(struct config *c, char **words, size_t n, size_t *at)
{
	for (size_t i = 0; i < n; i++) {
		*at = i;
		if (c->private_ok_count == CONFIG_MAX_PRIVATE_OK)
			return "too many domains";
		struct name_buf *list = list_grow(c->private_ok, c->private_ok_count, sizeof *list);
		if (!list)
			return out_of_memory;
		c->private_ok = list;
		const char *problem = name_parse_absolute(words[i], &list[c->private_ok_count]);
		if (problem)
			return problem;
		c->private_ok_count++;
	}
	return NULL;
}

/* "4M", "512K", "1G" or octets. */
const char *apply_cache(struct config *c, char **words, size_t n, size_t *at)
{
	static const char units[] = "KMG";
	const char *end = words[0];
	uint64_t size;
	bool is_number = text_take_number(&end, 10, (uint64_t)CACHE_MAX_SIZE_MIB << 20, &size);
	const char *unit = *end ? strchr(units, *end & ~0x20) : NULL;

	(void)n, (void)at;
	if (!is_number && *end >= '0' && *end <= '9')
		return "at most 1G";
	if (!is_number || (*end && (!unit || end[1])))
		return "a size is a number and K, M or G: as in 4M";
	if (unit)
		size <<= 10 * (unit - units + 1);
	if (size < CACHE_MIN_SIZE || size > (uint64_t)CACHE_MAX_SIZE_MIB << 20)
		return "from 256K to 1G";
	c->cache_size = (size_t)size;
	return NULL;
}

size_t takes_stale_time(char **words, size_t n)
{
	return n > 0 && words[0][0] >= '0' && words[0][0] <= '9';
}

const char *apply_stale(struct config *c, char **words, size_t n, size_t *at)
{
	const char *problem;

	(void)at;
	c->stale_s = STALE_DEFAULT_S;
	if (n > 0 && !ttl_parse((const uint8_t *)words[0], strlen(words[0]), &c->stale_s, &problem))
		return "a time, as in 1d or 12h";
	return c->stale_s <= CACHE_MAX_STALE_S ? NULL : "at most 7d";
}

const char *apply_trust_ad(struct config *c, char **words, size_t n, size_t *at)
{
	(void)words, (void)n, (void)at;
	c->trust_ad = true;
	return NULL;
}

void config_free_forwards(struct config *c)
{
	for (size_t i = 0; i < c->forward_count; i++)
		for (size_t k = 0; k < c->forwards[i].upstream_count; k++)
			free(c->forwards[i].upstreams[k].file);
	free(c->forwards);
	free(c->allowed);
	free(c->private_ok);
}
