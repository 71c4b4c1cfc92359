#include "support/properties.h"

#include "support/looked_ahead.h"
#include "support/neighbour.h"
#include "support/parts.h"
#include "support/quiet_zone.h"
#include "support/reply.h"

enum { ZONES_MAX = 4, ORIGIN_ROOM = 300 };

/* Who answers: from these zones. */
struct answering {
	struct quiet_zone own[ZONES_MAX];
	struct image images[ZONES_MAX];
	size_t count;
	struct catalog catalog;
	void *addresses;
	struct pointers pointers;
	struct network network;
	struct views views;
	struct access access; /* nobody */
	struct routes routes;
	struct responder responder;
};

static uint8_t out[RESPOND_MAX_SIZE], again[RESPOND_MAX_SIZE];

static enum outcome ask(const struct responder *responder, struct slice query, enum via via,
			uint8_t *to, struct response *what)
{
	static const uint8_t peer[4] = { 192, 0, 2, 99 };
	struct request req = { .octets = query.octets,
			       .size = query.size,
			       .via = via,
			       .peer = { peer, sizeof peer },
			       .now_s = 1700000000 };

	size_t room = via == VIA_UDP ? RESPOND_UDP_SIZE : RESPOND_MAX_SIZE;

	return responder->kept ? respond_ahead(responder, &req, to, room, what)
			       : respond(responder, &req, to, room, what);
}

/* Below the name that will be asked for: a referral may be the same. */
static void ask_neighbours(const struct responder *keeping, struct slice query, enum via via)
{
	static const char *const labels[] = { "x", "neighbour" };
	static uint8_t octets[MESSAGE_MAX_SIZE + NEIGHBOUR_ROOM];
	struct response what;

	for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
		size_t size = neighbour_of(query, labels[i], octets);
		if (size > 0)
			ask(keeping, (struct slice){ octets, size }, via, again, &what);
	}
}

/* In out, and just so once more: when it is noted, when it is kept, when it is found. */
static void check_again(const struct responder *responder, struct slice query, enum via via,
			const struct response *what)
{
	static struct kept kept;
	struct responder keeping = *responder;
	struct response second;

	kept_clear(&kept);
	keeping.kept = &kept;
	ask_neighbours(&keeping, query, via);
	for (int i = 0; i < 3; i++) {
		PROPERTY(ask(&keeping, query, via, again, &second) == OUTCOME_REPLY);
		PROPERTY(what->size == second.size && memcmp(out, again, what->size) == 0);
		PROPERTY(what->rcode == second.rcode && what->truncated == second.truncated);
		PROPERTY(what->verdict == second.verdict && what->is_local == second.is_local);
	}
}

static void check(const struct responder *responder, struct slice query, enum via via)
{
	struct response what;
	enum outcome outcome = ask(responder, query, via, out, &what);

	PROPERTY(outcome == OUTCOME_REPLY || outcome == OUTCOME_DROP);
	if (outcome == OUTCOME_DROP)
		return;
	PROPERTY(what.size >= HEADER_SIZE && what.size <= RESPOND_MAX_SIZE);
	PROPERTY(via == VIA_TCP || what.size <= edns_limit(&what.query.edns));
	check_again(responder, query, via, &what);
	struct header h = reply_read((struct slice){ out, what.size }, query, NULL, NULL);
	PROPERTY(!(h.flags & FLAG_TC) == !what.truncated);
	PROPERTY((h.flags & RCODE_MASK) == (what.rcode & RCODE_MASK));
}

/* ------ zones, and who asks ------ */

/* The first line of a zone, which is a comment, says it. */
static bool has_word(struct slice text, const char *word)
{
	const uint8_t *end = memchr(text.octets, '\n', text.size);

	if (end)
		text.size = (size_t)(end - text.octets);
	return octets_have(text, word);
}

/* What stands behind "@", or the usual one. */
static const char *origin_of(struct slice text, char room[ORIGIN_ROOM])
{
	const uint8_t *at = text.octets + 1, *end = text.octets + text.size;
	size_t n = 0;

	if (text.size < 3 || *at++ != '@')
		return QUIET_ORIGIN;
	while (at<end && * at> ' ' && n + 1 < ORIGIN_ROOM)
		room[n++] = (char)*at++;
	room[n] = '\0';
	return room;
}

static bool add_zone(struct answering *a, struct slice text)
{
	char origin[ORIGIN_ROOM];
	struct quiet_zone *zone = &a->own[a->count];

	if (!quiet_zone_open(zone, origin_of(text, origin), text))
		return false;
	a->images[a->count] = zone->z;
	a->images[a->count++].view = has_word(text, " view") ? 1 : has_word(text, " other") ? 2 : 0;
	return true;
}

static void name_addresses(struct answering *a)
{
	size_t room = pointers_room(a->images, a->count);

	if (room == 0)
		return;
	a->addresses = calloc(1, room);
	PROPERTY(a->addresses);
	PROPERTY(pointers_open(&a->pointers, a->addresses,
			       pointers_make(a->images, a->count, a->addresses)));
	a->responder.pointers = &a->pointers;
}

static void settle(struct answering *a, struct slice text)
{
	static const struct name blocked = { (const uint8_t *)"\7blocked", 9 };
	struct responder *r = &a->responder;

	a->views = (struct views){ 1, { { a->network, 1 } } };
	*r = (struct responder){ .zones = &a->catalog,
				 .identity = { "v", "s" },
				 .views = &a->views,
				 .style = has_word(text, " minimal") ? STYLE_MINIMAL : STYLE_FULL,
				 .loading = has_word(text, " loading") };
	name_addresses(a);
	if (has_word(text, " stranger"))
		r->access = &a->access;
	if (has_word(text, " special")) {
		PROPERTY(routes_init(&a->routes, &quiet_zone_key));
		PROPERTY(routes_block(&a->routes, blocked));
		r->routes = &a->routes;
	}
}

static void close_zones(struct answering *a)
{
	if (a->responder.routes)
		routes_free(&a->routes);
	catalog_free(&a->catalog);
	free(a->addresses);
	while (a->count > 0)
		quiet_zone_free(&a->own[--a->count]);
}

static bool has_zone(struct slice rest)
{
	return rest.size > 0 && rest.octets[0] == ';' &&
	       memchr(rest.octets, PART_SEPARATOR, rest.size);
}

/* All zones that the input begins with; false when one of them is none. */
static bool open_zones(struct answering *a, struct slice *rest)
{
	const struct slice first = *rest;
	bool is_good = true;

	*a = (struct answering){ .network = { { 192, 0, 2, 0 }, 4, 24, 0 } };
	while (is_good && a->count < ZONES_MAX && has_zone(*rest))
		is_good = add_zone(a, part_next(rest));
	PROPERTY(catalog_init(&a->catalog, a->images, a->count, &quiet_zone_key));
	settle(a, first);
	return is_good;
}

/* Those that are asked when the input has none; made once. */
static const struct responder *usual_responder(void)
{
	static struct answering usual;

	if (usual.count == 0) {
		PROPERTY(add_zone(&usual, quiet_zone_text));
		PROPERTY(catalog_init(&usual.catalog, usual.images, 1, &quiet_zone_key));
		settle(&usual, quiet_zone_text);
	}
	return &usual.responder;
}

static void check_both(const struct responder *responder, struct slice query)
{
	check(responder, query, VIA_UDP);
	check(responder, query, VIA_TCP);
}

void property_respond(const uint8_t *octets, size_t size)
{
	static struct answering own;
	struct slice rest = { octets, size };

	if (!has_zone(rest)) {
		check_both(usual_responder(), rest);
		return;
	}
	if (open_zones(&own, &rest))
		check_both(&own.responder, rest);
	close_zones(&own);
}
