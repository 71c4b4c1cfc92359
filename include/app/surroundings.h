/*
 * surroundings.h -- what is around this host: networks that it is attached to,
 * interfaces whose clients have views, upstream servers that files name, and
 * room for ports in the kernel's table.
 *
 * The loader looks, and hands what it saw to the servers as one sealed block
 * of memory, anew whenever something has changed.  The servers open no files.
 */
#ifndef APP_SURROUNDINGS_H
#define APP_SURROUNDINGS_H

#include "app/config.h"
#include "app/sealed.h"
#include "base/clock.h"
#include "net/attached.h"

enum { SURROUNDINGS_NETWORKS = ATTACHED_MAX + CONFIG_MAX_NETWORKS };

/* The block. */
struct surroundings {
	uint32_t network_count;
	uint32_t port_burst, port_rate; /* ports to open at once, and in a second; 0: any number */
	struct views views;             /* interfaces by their numbers */
	struct network networks[SURROUNDINGS_NETWORKS]; /* whose questions are passed on */
	/* The upstream servers of config.forwards[i]. */
	struct surrounding_servers {
		uint32_t count;
		bool names_us; /* this server itself is named as well, and left out */
		struct address at[FORWARD_PER_ROUTE];
	} servers[CONFIG_MAX_FORWARDS];
};

/* A file of upstream servers, as it was last read. */
struct servers_file {
	const char *path; /* the configuration's */
	bool is_known;    /* has been looked at */
	struct file_id id;
	size_t count;
	struct address at[FORWARD_PER_ROUTE];
};

/* The loader's side. */
struct looker {
	const struct config *config;
	const struct listener *listeners; /* of one server, to know our own addresses */
	size_t listener_count;
	const struct files *files;
	const struct clock *clock;
	int watch; /* readable when the networks have changed; -1: nobody tells */
	uint64_t look_ms;
	struct servers_file *list;
	size_t file_count;
	const struct surroundings *now; /* the block, mapped; NULL: none, or no memory for that */
	int fd;                         /* of the block; -1: none */
	uint32_t version;               /* of the block; 0: none */
	bool has_complained;            /* the kernel does not tell about networks */
	bool is_tracked;                /* the kernel's table of connections is in use */
	/* Of config.viewers[i]: is its interface there?  Meanwhile nobody is its client. */
	enum looker_interface {
		INTERFACE_UNKNOWN,
		INTERFACE_HERE,
		INTERFACE_AWAY
	} interfaces[VIEWERS_MAX];
	struct attached attached; /* last: large, and nothing that the configuration says */
};

/* Looks for the first time; needs a looker that is all zero.  False when memory ended. */
MUST_USE bool surroundings_init(struct looker *l, const struct config *config,
				const struct listener *listeners, size_t listener_count,
				const struct files *files, const struct clock *clock);

/* The same for another configuration.  When memory ended nothing but `attached` has changed. */
MUST_USE bool surroundings_replace(struct looker *l, const struct config *config);

/* Looks again when it is time to, or when the networks have changed. */
void surroundings_look(struct looker *l, bool networks_changed);

/* Looks at everything now: on SIGHUP.  False when memory ended: all stays as it was known. */
bool surroundings_look_now(struct looker *l);

/* An upstream server of the configuration that is this server itself; NULL when there is none. */
const struct address *surroundings_find_self(const struct looker *l);

/* A server's view of a block, or NULL.  munmap() by sealed_unmap() of sizeof *it. */
const struct surroundings *surroundings_map(int fd);

#endif
