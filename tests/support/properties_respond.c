#include "support/properties.h"

#include "support/parts.h"
#include "support/quiet_zone.h"
#include "support/reply.h"

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

	return respond(responder, &req, to, via == VIA_UDP ? RESPOND_UDP_SIZE : RESPOND_MAX_SIZE,
		       what);
}

static void check(const struct responder *responder, struct slice query, enum via via)
{
	struct response what, second;
	enum outcome outcome = ask(responder, query, via, out, &what);

	PROPERTY(outcome == OUTCOME_REPLY || outcome == OUTCOME_DROP);
	PROPERTY(ask(responder, query, via, again, &second) == outcome);
	if (outcome == OUTCOME_DROP)
		return;
	PROPERTY(what.size >= HEADER_SIZE && what.size <= RESPOND_MAX_SIZE);
	PROPERTY(via == VIA_TCP || what.size <= edns_limit(&what.query.edns));
	PROPERTY(what.size == second.size && memcmp(out, again, what.size) == 0);
	struct header h = reply_read((struct slice){ out, what.size }, query, NULL, NULL);
	PROPERTY(!(h.flags & FLAG_TC) == !what.truncated);
	PROPERTY((h.flags & RCODE_MASK) == (what.rcode & RCODE_MASK));
}

void property_respond(const uint8_t *octets, size_t size)
{
	struct slice rest = { octets, size };
	struct quiet_zone own;
	bool has_zone = size > 0 && octets[0] == ';' && memchr(octets, PART_SEPARATOR, size);

	if (has_zone && !quiet_zone_open(&own, part_next(&rest)))
		return;
	struct quiet_zone *zone = has_zone ? &own : quiet_zone_fixed();
	quiet_zone_name_addresses(zone);
	check(&zone->responder, rest, VIA_UDP);
	check(&zone->responder, rest, VIA_TCP);
	if (has_zone)
		quiet_zone_free(&own);
}
