/*
 * routes.h -- where a name is answered: a zone of ours, here, or upstream.
 *
 *	1. the zone with the longest origin, unless a route has a longer domain
 *	2. the route with the longest domain, the root's not counted
 *	3. the special-use names (serve/special.h)
 *	4. the root's route: everything else
 *	5. nowhere
 *
 * A route is a domain and the upstream servers that are asked for the names
 * in it; serve/forward.h keeps these under the route's number.
 */
#ifndef SERVE_ROUTES_H
#define SERVE_ROUTES_H

#include "base/pool.h"
#include "serve/special.h"
#include "zone/catalog.h"

enum {
	ROUTES_MAX = 1024,
	ROUTE_NONE = UINT16_MAX, /* instead of a number */
};

struct routes {
	struct siphash_key key; /* that probes are made with */
	struct pool rows;       /* struct route_row: domains, ours and special ones */
	struct table by_domain; /* hash of the domain -> row */
	unsigned max_labels[3]; /* of rows, by who wants them */
	uint16_t count;         /* routes that have servers */
	uint16_t root;          /* number of the root's route, or ROUTE_NONE */
	bool root_is_empty;     /* it has no servers: its names are answered nowhere */
};

/* Knows the special-use names and nothing else.  False when memory ended. */
MUST_USE bool routes_init(struct routes *r, const struct siphash_key *key);
void routes_free(struct routes *r);

/*
 * The number of the domain's route, which is added if it is new; ROUTE_NONE
 * when there are too many or memory ended.
 */
uint16_t routes_add(struct routes *r, struct name domain);

/* Names of this domain are answered here: there are none.  False when memory ended. */
MUST_USE bool routes_block(struct routes *r, struct name domain);

/*
 * Names of this domain may have private addresses though they are asked by the
 * root's route (serve/private.h).  False when memory ended.
 */
MUST_USE bool routes_trust(struct routes *r, struct name domain);

enum place_kind {
	PLACE_NOWHERE,
	PLACE_ZONE,
	PLACE_SPECIAL,
	PLACE_UPSTREAM,
};

struct place {
	enum place_kind kind;
	const struct image *zone;      /* PLACE_ZONE */
	const struct special *special; /* PLACE_SPECIAL */
	uint16_t route;                /* PLACE_UPSTREAM */
	unsigned depth;                /* labels of the origin or domain that decided it */
};

/* Where the name of the probe is answered for a client of these views. */
struct place routes_find(const struct routes *r, const struct catalog *zones, struct probe *p,
			 uint32_t views);

/*
 * The same as if there were no zones, looking at domains of at most `depth`
 * labels: for what a zone leaves to others, and for the side of the parent.
 */
struct place routes_find_beyond(const struct routes *r, struct probe *p, unsigned depth);

/*
 * May the name, which is answered upstream at this place, have private
 * addresses?  It may when its domain was configured: with a route of its own,
 * or by routes_trust().
 */
bool routes_is_trusted(const struct routes *r, struct probe *p, const struct place *place);

#endif
