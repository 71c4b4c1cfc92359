/*
 * surroundings_world.h -- who looks at files and networks, and a server that sees the block.
 *
 * Files and clock are made up.  The kernel is asked for its networks at the
 * start; then what it said is replaced by networks of a test's own.
 */
#ifndef TESTS_APP_SURROUNDINGS_WORLD_H
#define TESTS_APP_SURROUNDINGS_WORLD_H

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/surroundings.h"
#include "config_reading.h"

enum { LISTENERS = 2 };

struct world {
	struct memory_files memory;
	struct files files;
	struct clock clock;
	uint64_t now;
	struct config config, newer;
	struct listener listeners[LISTENERS];
	struct looker l;
	const struct surroundings *seen; /* the block as a server has it */
	uint32_t seen_version;
};

static inline uint64_t world_now(void *self)
{
	return ((struct world *)self)->now;
}

static inline void configure(struct config *c, const char *text)
{
	*c = *good(text);
	assert_true(config_complete(c));
}

/* Maps the block of now. */
static inline const struct surroundings *see(struct world *w)
{
	if (w->seen)
		sealed_unmap(w->seen, sizeof *w->seen);
	w->seen = surroundings_map(w->l.fd);
	assert_non_null(w->seen);
	w->seen_version = w->l.version;
	return w->seen;
}

/* Whatever addresses this host has, no upstream server is itself: for who asks the kernel again. */
static inline void serve_at_another_port(struct world *w)
{
	for (size_t i = 0; i < LISTENERS; i++)
		w->listeners[i].local.port = 5300;
}

/* Networks of the test's own, from now on. */
static inline void set_networks(struct world *w, const struct attached_network *at, size_t n)
{
	w->l.attached.count = n;
	if (n > 0)
		memcpy(w->l.attached.at, at, n * sizeof *at);
	if (w->l.watch >= 0)
		close(w->l.watch);
	w->l.watch = open("/dev/null", O_RDONLY); /* the kernel would tell: it is not asked */
	assert_true(w->l.watch >= 0);
}

static inline struct world *world_of(const char *text)
{
	struct world *w = calloc(1, sizeof *w);

	log_open(LOG_TO_STDERR, LEVEL_ERROR);
	w->files = memory_files(&w->memory);
	w->clock = (struct clock){ .now_ms = world_now, .self = w };
	w->now = 1000000;
	assert_null(address_parse(&w->listeners[0].local, "0.0.0.0", 53));
	assert_null(address_parse(&w->listeners[1].local, "2001:db8::53", 53));
	w->listeners[0].wildcard = true;
	configure(&w->config, text);
	return w;
}

static inline void start(struct world *w)
{
	assert_true(surroundings_init(&w->l, &w->config, w->listeners, LISTENERS, &w->files,
				      &w->clock));
	assert_int_equal(w->l.version, 1);
	set_networks(w, NULL, 0);
	w->now += w->config.watch_s * 1000u;
	surroundings_look(&w->l, false);
	see(w);
}

static inline void end(struct world *w)
{
	assert_int_equal(w->memory.open, 0);
	if (w->seen)
		sealed_unmap(w->seen, sizeof *w->seen);
	close(w->l.fd);
	close(w->l.watch);
	free(w->l.list);
	if (w->l.now)
		sealed_unmap(w->l.now, sizeof *w->l.now);
	config_free(&w->config);
	config_free(&w->newer);
	free(w);
}

/* Looks when it is time to; the servers of one `forward` line afterwards. */
static inline const char *servers_after(struct world *w, size_t forward)
{
	static char room[FORWARD_PER_ROUTE * ADDRESS_TEXT_MAX];
	struct text out = text_init(room, sizeof room);

	w->now += w->l.config->watch_s * 1000u;
	surroundings_look(&w->l, false);
	const struct surrounding_servers *s = &see(w)->servers[forward];
	assert_true(s->count <= FORWARD_PER_ROUTE);
	for (uint32_t i = 0; i < s->count; i++) {
		text_put(&out, i > 0 ? " " : "");
		address_print(&s->at[i], &out);
	}
	return text_str(&out);
}

/* Looks when it is time to; is there another block?  How full the kernel's table is changes, too. */
static inline bool has_changed(struct world *w)
{
	uint32_t before = w->seen_version, burst = w->seen->port_burst, rate = w->seen->port_rate;

	w->now += w->l.config->watch_s * 1000u;
	surroundings_look(&w->l, false);
	see(w);
	return w->l.version != before && w->seen->port_burst == burst && w->seen->port_rate == rate;
}

static inline void rewrite(struct memory_file *f, const char *text)
{
	f->text = text;
	f->size = strlen(text);
	f->inode += 100; /* as an editor does it: another file by the same name */
}

#endif
