/*
 * listener.h -- opens the sockets on which queries arrive.
 *
 * Done before privileges are dropped, by whoever will hold the sockets for
 * good; a server only borrows them.  Each is told, for each datagram, by which
 * interface it came (IP_PKTINFO); a wildcard socket learns in the same way which
 * address was asked, and sends that back with the reply, so that it leaves from
 * there.  One socket for each address is cheaper: its replies need no control data.
 * At a loopback address nothing need be told, for there is one interface that leads there.
 */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include "net/sockets.h"

/* As many as tell each address of a busy router; each is a line of the poll set. */
#define LISTENERS_MAX 64

/*
 * How several servers come to one address, each with a socket of its own among
 * which the kernel spreads the clients (SO_REUSEPORT).  The first is opened
 * without that option and only then gets it: a port that another program
 * holds, a second ten35 included, is noticed instead of quietly shared.
 */
enum listener_share { LISTENER_ALONE, LISTENER_FIRST, LISTENER_NEXT };

struct listener {
	int fd;
	struct address local; /* with the port that the kernel chose, if it was 0 */
	bool wildcard;        /* hears all local addresses of its family */
	bool absent;          /* no interface has the address yet; it works once one has */
	uint32_t loopback;    /* of a loopback address: index of its interface, else 0 */
	enum transport transport;
};

/* What went wrong in opening: the step in words, and errno. */
struct listener_problem {
	const char *step; /* "bind", "listen" ... a constant */
	int error;
};

/*
 * Opens, binds and, for TCP, listens.  The socket is non-blocking and closed
 * on exec.  False with *why set, and nothing left open, when a step that
 * matters failed.  Steps that only make things better fail silently.
 */
MUST_USE bool listener_open(struct listener *l, enum transport transport, const struct address *at,
			    enum listener_share share, struct listener_problem *why);

void listener_close(struct listener *l);

#endif
