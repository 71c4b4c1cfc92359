#include "support/properties.h"

#include "dns/rrtype.h"
#include "serve/private.h"
#include "serve/respond.h"
#include "serve/response.h"
#include "support/reply.h"

enum how { DNSSEC_OK = 1, CHECKING_DISABLED = 2, PRIVATE_OK = 4, TRUST_AD = 8, CUT_BY_UDP = 16 };

enum { NOW_MS = 1000000 };

static const struct siphash_key key = { 3, 4 };
static struct catalog none;
static struct routes routes;
static struct cache cache;
static struct response_room room;
static struct elsewhere elsewhere;
static const struct responder responder = { .zones = &none,
					    .routes = &routes,
					    .elsewhere = &elsewhere };

static void set_up(void)
{
	static _Alignas(8) uint8_t block[CACHE_MIN_SIZE];

	if (elsewhere.routes) {
		cache_clear(&cache, NOW_MS);
		return;
	}
	PROPERTY(catalog_init(&none, NULL, 0, &key) && routes_init(&routes, &key));
	PROPERTY(routes_add(&routes, name_root) == 0);
	cache_init(&cache, block, sizeof block, 3600, NOW_MS);
	room.routes = &routes;
	room.zones = &none;
	elsewhere.routes = &routes;
	elsewhere.cache = &cache;
}

/* Takes the response in, as serve/forward does; false when it is none. */
static bool keep(const struct question *q, uint8_t how, struct slice message)
{
	const uint8_t flags = how & (CACHE_DNSSEC_OK | CACHE_CHECKING_DISABLED);
	const struct response_question asked = { q->name, q->type, flags, 0, how & PRIVATE_OK };
	struct response_taken taken;
	struct probe p;

	room.trust_ad = how & TRUST_AD;
	if (response_take(&room, &asked, message, &taken) != RESPONSE_ANSWER)
		return false;
	PROPERTY(taken.answer.size <= MESSAGE_MAX_SIZE && taken.answer.ttl_s <= CACHE_MAX_TTL_S);
	probe_init(&p, &key, q->name);
	const struct cache_key k = { probe_hash(&p, p.labels), q->name, q->type, flags };
	cache_put(&cache, &k, &taken.answer, NOW_MS);
	return true;
}

static size_t make_query(uint8_t *out, const struct question *q, uint8_t how)
{
	const struct edns_reply opt = { .dnssec_ok = how & DNSSEC_OK, .ede = EDE_NONE };
	struct message m;

	message_init(&m, out, 512);
	put_question(&m, q);
	put_edns(&m, &opt);
	message_finish(&m, 0x2323, FLAG_RD | (how & CHECKING_DISABLED ? FLAG_CD : 0));
	return message_size(&m);
}

/* Some of what serve/private.h lists, in other words. */
static bool is_at_home(uint16_t type, struct slice rdata)
{
	const uint8_t *a = rdata.octets;

	if (type == TYPE_A && rdata.size == 4)
		return a[0] == 10 || a[0] == 127 || (a[0] == 172 && a[1] >> 4 == 1) ||
		       (a[0] == 192 && a[1] == 168) || (a[0] == 169 && a[1] == 254);
	return type == TYPE_AAAA && rdata.size == 16 &&
	       ((a[0] & 0xfe) == 0xfc || (a[0] == 0xfe && a[1] >> 6 == 2));
}

static void check_record(void *self, enum section section, const struct record *rr)
{
	const struct slice rdata = { rr->rdata.pos, reader_left(&rr->rdata) };

	(void)section;
	if (rr->type != TYPE_OPT)
		PROPERTY(rr->ttl <= CACHE_MAX_TTL_S);
	PROPERTY(*(uint8_t *)self & PRIVATE_OK ||
		 (!rdata_is_private(rr->type, rdata) && !is_at_home(rr->type, rdata)));
}

static void ask(const struct question *q, uint8_t how)
{
	static uint8_t out[RESPOND_MAX_SIZE];
	uint8_t query[512];
	const uint8_t peer[4] = { 192, 0, 2, 99 };
	struct request req = { .octets = query,
			       .size = make_query(query, q, how),
			       .via = how & CUT_BY_UDP ? VIA_UDP : VIA_TCP,
			       .peer = { peer, sizeof peer },
			       .now_s = 1700000000,
			       .now_ms = NOW_MS,
			       .arrived_ms = NOW_MS };
	struct response what;

	if (respond(&responder, &req, out, sizeof out, &what) == OUTCOME_REPLY)
		reply_read((struct slice){ out, what.size }, (struct slice){ query, req.size },
			   check_record, &how);
}

void property_response(const uint8_t *octets, size_t size)
{
	struct header h;
	struct question q;

	if (size < 1 || size > MESSAGE_MAX_SIZE)
		return;
	struct slice message = { octets + 1, size - 1 };
	struct reader r = reader_init(message.octets, message.size);
	if (!get_header(&r, &h) || !get_question(&r, &q) || q.class != CLASS_IN)
		return;
	set_up();
	if (response_match(&q, h.id, message) != MATCH_YES)
		return;
	if (keep(&q, octets[0], message))
		ask(&q, octets[0]);
}
