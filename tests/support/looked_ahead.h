/*
 * looked_ahead.h -- a request answered as one of a batch: what is known of it is made ready
 * before, as if all zones were large.
 */
#ifndef SUPPORT_LOOKED_AHEAD_H
#define SUPPORT_LOOKED_AHEAD_H

#include "serve/ahead.h"

/* The responder must keep replies: who keeps none looks ahead at nothing. */
static inline void prepare_ahead(const struct responder *self, const struct request *req,
				 struct prepared *p)
{
	static struct catalog zones; /* whose key the probe refers to */
	struct responder looking = *self;

	zones = *self->zones;
	zones.largest = AHEAD_IMAGE;
	looking.zones = &zones;
	respond_prepare(&looking, req, p);
	look_ahead(&looking, req, p, 1);
}

static inline enum outcome respond_ahead(const struct responder *self, const struct request *req,
					 uint8_t *out, size_t room, struct response *what)
{
	struct prepared p;

	prepare_ahead(self, req, &p);
	return respond_prepared(self, req, &p, out, room, what);
}

#endif
