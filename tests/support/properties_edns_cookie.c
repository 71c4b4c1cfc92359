#include "support/properties.h"

#include "dns/rrtype.h"
#include "serve/cookie.h"
#include "serve/query.h"

enum { COOKIE_LIFE_S = 3600, COOKIE_AHEAD_S = 300 /* RFC 9018 §4.3 */ };

/* ------ OPT ------ */

static void check_parsed(const struct edns *e)
{
	size_t n = e->cookie.size;

	PROPERTY(edns_limit(e) >= MESSAGE_UDP_SIZE && edns_limit(e) <= EDNS_UDP_SIZE);
	PROPERTY(!e->cookie.octets || n == 8 || (n >= 16 && n <= 40));
	PROPERTY(e->ede >= EDE_NONE && e->ede <= UINT16_MAX);
}

static bool same_edns(const struct edns *a, const struct edns *b)
{
	return a->present == b->present && a->dnssec_ok == b->dnssec_ok && a->nsid == b->nsid &&
	       a->cookie.size == b->cookie.size && edns_limit(a) == edns_limit(b) &&
	       (a->cookie.size == 0 ||
		memcmp(a->cookie.octets, b->cookie.octets, a->cookie.size) == 0);
}

/* A query with this OPT is packed, and is the same query to us. */
static void check_query(uint32_t ttl, uint16_t udp_size, struct slice options)
{
	static uint8_t octets[MESSAGE_MAX_SIZE], packed[QUERY_PACKED_MAX];
	const struct question question = { { (const uint8_t *)"\1a\7example", 11 }, 1, 1 };
	struct message m;
	struct query q, again;

	message_init(&m, octets, sizeof octets);
	put_question(&m, &question);
	uint8_t *rdlength = begin_record(&m, name_root, TYPE_OPT, udp_size, ttl);
	put_octets(&m.w, options.octets, options.size);
	end_record(&m, rdlength, SECTION_ADDITIONAL);
	PROPERTY(!m.w.full);
	message_finish(&m, 0x2323, FLAG_RD);
	if (query_parse(&q, octets, message_size(&m), VIA_UDP) != VERDICT_ANSWER)
		return;
	check_parsed(&q.edns);
	size_t size = query_pack(&q, packed);
	PROPERTY(size <= QUERY_PACKED_MAX);
	PROPERTY(query_parse(&again, packed, size, VIA_UDP) == VERDICT_ANSWER);
	PROPERTY(again.header.id == 0x2323 && same_edns(&q.edns, &again.edns));
}

static void check_options(struct reader *r)
{
	uint32_t ttl = get_u32(r);
	uint16_t udp_size = get_u16(r);
	struct record rr = { .owner = { .octets = { 0 }, .size = 1 },
			     .type = TYPE_OPT,
			     .class = udp_size,
			     .ttl = ttl,
			     .rdata = *r };
	struct edns e;

	if (edns_parse(&rr, &e)) {
		PROPERTY(e.present && e.udp_size == udp_size && e.rcode_high == ttl >> 24);
		check_parsed(&e);
	}
	if (!r->bad && reader_left(r) <= 4096)
		check_query(ttl, udp_size, (struct slice){ r->pos, reader_left(r) });
}

/* What a reply says is what is read in it. */
static void check_reply(const struct edns_reply *said)
{
	uint8_t octets[1024];
	struct message m;
	struct edns e;
	struct record rr;

	message_init(&m, octets, sizeof octets);
	put_edns(&m, said);
	PROPERTY(!m.w.full && message_size(&m) == HEADER_SIZE + edns_reply_size(said));
	struct reader r = reader_init(octets, message_size(&m));
	reader_take(&r, HEADER_SIZE);
	PROPERTY(get_record(&r, &rr) && reader_left(&r) == 0 && edns_parse(&rr, &e));
	PROPERTY(e.present && e.version == 0 && e.udp_size == EDNS_UDP_SIZE);
	PROPERTY(e.rcode_high == said->rcode >> 4 && e.dnssec_ok == said->dnssec_ok);
	PROPERTY(e.ede == (int32_t)said->ede && e.nsid == (said->nsid.octets != NULL));
	PROPERTY(e.cookie.size == (said->cookie ? COOKIE_SIZE : 0));
	PROPERTY(!said->cookie || memcmp(e.cookie.octets, said->cookie, COOKIE_SIZE) == 0);
}

/* ------ cookies ------ */

struct cookie_case {
	struct siphash_key secret;
	uint8_t address[16], client[COOKIE_CLIENT_SIZE], change;
	size_t address_size;
	uint32_t made_s;
	int32_t age_s;
};

static bool is_ours(const struct cookie_case *c, const uint8_t *cookie, size_t size)
{
	return cookie_is_ours(&c->secret, (struct slice){ cookie, size },
			      (struct slice){ c->address, c->address_size },
			      c->made_s + (uint32_t)c->age_s);
}

/* A cookie of ours that is good, in which one thing is changed. */
static void check_changes(const struct cookie_case *c, const uint8_t *cookie)
{
	struct cookie_case other = *c;
	uint8_t bad[COOKIE_SIZE + 1] = { 0 };

	PROPERTY(!is_ours(c, cookie, c->change % COOKIE_SIZE));
	memcpy(bad, cookie, COOKIE_SIZE);
	PROPERTY(!is_ours(c, bad, COOKIE_SIZE + 1));
	bad[c->change / 8 % COOKIE_SIZE] ^= (uint8_t)(1 << c->change % 8);
	PROPERTY(!is_ours(c, bad, COOKIE_SIZE));
	other.address[c->change % c->address_size] ^= 1;
	PROPERTY(!is_ours(&other, cookie, COOKIE_SIZE));
	other = *c;
	other.secret.k1 ^= 1ull << c->change % 64;
	PROPERTY(!is_ours(&other, cookie, COOKIE_SIZE));
}

static void check_cookie(struct cookie_case *c, uint8_t cookie[COOKIE_SIZE])
{
	cookie_make(&c->secret, c->client, (struct slice){ c->address, c->address_size }, c->made_s,
		    cookie);
	PROPERTY(memcmp(cookie, c->client, COOKIE_CLIENT_SIZE) == 0);
	bool good = c->age_s >= -COOKIE_AHEAD_S && c->age_s <= COOKIE_LIFE_S;
	PROPERTY(is_ours(c, cookie, COOKIE_SIZE) == good);
	if (good)
		check_changes(c, cookie);
}

static void take(struct reader *r, void *to, size_t n)
{
	const uint8_t *octets = reader_take(r, n);

	if (octets)
		memcpy(to, octets, n);
}

void property_edns_cookie(const uint8_t *octets, size_t size)
{
	struct reader r = reader_init(octets, size);
	struct cookie_case c = { .address_size = 16 };
	uint8_t cookie[COOKIE_SIZE];
	uint8_t what = get_u8(&r);

	c.change = get_u8(&r);
	c.secret = (struct siphash_key){ get_u32(&r), get_u32(&r) };
	c.address_size = what & 1 ? 4 : 16;
	take(&r, c.address, c.address_size);
	take(&r, c.client, sizeof c.client);
	c.made_s = get_u32(&r);
	c.age_s = (int32_t)get_u32(&r) % 5000;
	check_cookie(&c, cookie);
	const struct edns_reply said = { .rcode = c.made_s & 0xfff,
					 .dnssec_ok = what & 2,
					 .ede = what & 4 ? (enum ede)(c.change % 30) : EDE_NONE,
					 .ede_text = what & 8 ? "a reason" : NULL,
					 .nsid = { what & 16 ? cookie : NULL, c.change % 9 },
					 .cookie = what & 32 ? cookie : NULL };
	check_reply(&said);
	check_options(&r);
}
