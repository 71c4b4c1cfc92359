/*
 * sim.h -- servers, their clients and their upstream servers, in one process and
 * on a clock of its own: what takes hours outside takes a moment here, and the
 * same seed gives the same octets at the same times, on every machine.
 *
 * Hosts run real servers.  Everything else is the outside: what arrives there
 * waits as mail until somebody looks at it, unless a peer answers by itself.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "sim/rules.h"

enum {
	SIM_HOSTS = 8,
	SIM_PEERS = 64,
	SIM_MAIL = 8192,       /* messages that wait; more are forgotten */
	SIM_ASKED = 8,         /* packets to upstream servers that are remembered */
	SIM_TURNS = 16,        /* of one host at one moment, when its calls fail ... */
	SIM_TURNS_MAX = 10000, /* ... and when not: more is a loop without an end */
	SIM_START_MS = 1000000,
	SIM_WALL_S = 1790000000, /* the time of day at the beginning: in September 2026 */
};

/* A message that arrived outside. */
struct sim_mail {
	struct address from, to;
	bool tcp;
	uint16_t stream;
	size_t size;
	uint8_t *octets;
};

/* How somebody outside behaves by itself. */
enum sim_manners {
	MANNERS_NONE,   /* its mail waits */
	MANNERS_HONEST, /* answers every question: sim/peer.h */
	MANNERS_CUT,    /* the same, but TC by UDP */
	MANNERS_LYING,  /* the same, and more than was asked */
	MANNERS_BROKEN, /* SERVFAIL */
	MANNERS_SILENT, /* throws everything away */
};

enum sim_tcp {
	TCP_WORKS,
	TCP_REFUSED, /* nobody listens */
	TCP_SILENT,  /* no answer at all */
};

struct sim_peer {
	struct address at;
	enum sim_manners manners;
	enum sim_tcp tcp;
};

/* A packet that a server sent to an upstream server: what attackers would like to see. */
struct sim_asked {
	struct address from, to;
	size_t size;
	uint8_t octets[FORWARD_PACKET_MAX];
};

/* Is told every event, as a line of text; see sim_tell(). */
typedef void sim_listener(void *self, uint64_t at_ms, const char *line);

struct sim {
	struct net net;
	struct rules rules;
	struct host *hosts[SIM_HOSTS];
	size_t host_count;
	struct sim_peer peers[SIM_PEERS];
	size_t peer_count;
	struct sim_mail mail[SIM_MAIL];
	size_t mail_count;
	struct sim_asked asked[SIM_ASKED]; /* the newest, in a ring */
	uint64_t asked_ever;
	uint64_t trace; /* all that arrived anywhere, as one number */
	uint64_t seed;
	char last_error[512]; /* that a server logged */
	sim_listener *listener;
	void *listener_self;
	void (*inspect)(void *self, struct slice reply); /* sees all replies; or NULL */
	void *inspect_self;
};

/*
 * An empty world.  Needs: *s is zero.  Until sim_free() the log goes to the listener,
 * so there is one at a time.
 */
void sim_init(struct sim *s, uint64_t seed);
void sim_free(struct sim *s);

/* Another host; NULL when there are too many or memory ended. */
struct host *sim_add_host(struct sim *s, const struct address *ip4, const struct address *ip6);

struct host *sim_find_host(struct sim *s, const struct address *a);

/* The peer with this address, made when it is new; NULL when there are too many. */
struct sim_peer *sim_peer(struct sim *s, const struct address *at);

/* Lets time pass until then, and everything happen that happens meanwhile. */
void sim_run(struct sim *s, uint64_t until_ms);

/* Everything that happens at this moment. */
void sim_settle(struct sim *s);

/* Somebody outside sends a message; by TCP over the stream there is, or a new one. */
void sim_send(struct sim *s, const struct address *from, const struct address *to, bool tcp,
	      struct slice message);

/* The same, over a stream without a length in front: any octets. */
void sim_send_octets(struct sim *s, const struct address *from, const struct address *to,
		     struct slice octets);

/* Somebody outside leaves a stream; false when there is none. */
bool sim_hang_up(struct sim *s, const struct address *from, const struct address *to, bool reset);

/* The news for `to` that nobody is at `from`. */
void sim_unreachable(struct sim *s, const struct address *from, const struct address *to);

/* Throws a message away; those behind it move up. */
void sim_drop_mail(struct sim *s, size_t i);

/* The rule that was broken, or NULL. */
static inline const char *sim_broken(const struct sim *s)
{
	return s->rules.broken;
}

#endif
