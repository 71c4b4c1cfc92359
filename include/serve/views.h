/*
 * views.h -- who sees what: clients that get another version of a zone.
 *
 * A view is a set of clients, by the interface that their packets come in by
 * or by their addresses.  A client can belong to several; of each zone it gets
 * the first version that is for one of its views, else the one for everybody
 * (zone/catalog.h).
 */
#ifndef SERVE_VIEWS_H
#define SERVE_VIEWS_H

#include "serve/access.h"

enum {
	VIEWERS_MAX = 128,            /* interfaces and networks that somebody names */
	VIEWS_ROWS = 2 * VIEWERS_MAX, /* an interface has a row for each family */
};

/* Some clients, and the view that they have: 1 to VIEWS_MAX. */
struct viewer {
	struct network network;
	uint32_t view;
};

struct views {
	uint32_t count;
	struct viewer at[VIEWS_ROWS];
};

/*
 * The views of a client, as bits (view_has() of zone/image.h).  An interface
 * that is not known (0) is none that somebody named.
 */
uint32_t views_of(const struct views *v, struct slice address, uint32_t interface);

#endif
