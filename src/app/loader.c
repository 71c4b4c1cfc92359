/*
 * loader.c -- the process that reads files and looks after the others.
 *
 * Everything that happens is an event of one poll(): a message from the child
 * that reads zones, a signal, room on a channel to a server, or time to look at
 * the files again.
 */
#include "app/loader.h"
#include "app/children.h"
#include "app/load.h"
#include "app/signals.h"
#include "app/watch.h"
#include "base/random.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct loader {
	const struct loader_setup *setup;
	struct files files;
	struct clock clock;
	struct random random;
	struct siphash_key zone_key;
	struct siphash_key cookie_secret;

	struct served_zone *zones; /* by index in the configuration */
	size_t zone_count;
	struct child_server servers[CONFIG_MAX_SERVERS];
	pid_t round;	  /* the child that reads zones; 0: none */
	int round_channel;
	bool first_round; /* has not ended yet */
	uint64_t look_ms; /* when to look at the files again */
	bool ending;
	enum exit_status status;
};

/* ------ servers ------ */

/* What a server has no business with. */
static void close_the_rest(struct loader *l, size_t mine)
{
	size_t per = l->setup->per_server;

	for (size_t i = 0; i < l->setup->config->servers; i++) {
		if (i != mine && l->servers[i].channel >= 0)
			close(l->servers[i].channel);
		for (size_t k = 0; i != mine && k < per; k++)
			close(l->setup->listeners[i * per + k].fd);
	}
	for (size_t i = 0; i < l->zone_count; i++)
		if (l->zones[i].fd >= 0)
			close(l->zones[i].fd);
	if (l->round)
		close(l->round_channel);
}

static void become_server(struct loader *l, size_t i, int channel)
{
	size_t per = l->setup->per_server;
	struct server_setup setup = {
		.config = l->setup->config,
		.listeners = l->setup->listeners + i * per,
		.listener_count = per,
		.channel = channel,
		.zone_key = l->zone_key,
		.cookie_secret = l->cookie_secret,
		.counters = l->servers[i].counters,
		.sockets = sockets_system(),
		.clock = l->clock,
	};

	signals_leave();
	close_the_rest(l, i);
	exit(server_run(&setup));
}

static void start_server(struct loader *l, size_t i)
{
	struct child_server *s = &l->servers[i];
	int ends[2];

	if (channel_open(ends) < 0) {
		log_write(LEVEL_ERROR, "server %zu: no channel (errno %d)", i, errno);
		child_delay(s, clock_now_ms(&l->clock));
		return;
	}
	s->channel = ends[0];
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		s->channel = -1;
		become_server(l, i, ends[1]);
	}
	close(ends[1]);
	if (pid < 0) {
		log_write(LEVEL_ERROR, "server %zu: cannot be started (errno %d)", i, errno);
		close(s->channel);
		s->channel = -1;
		child_delay(s, clock_now_ms(&l->clock));
		return;
	}
	child_started(s, pid, clock_now_ms(&l->clock));
}

static void server_ended(struct loader *l, size_t i, int status)
{
	struct child_server *s = &l->servers[i];

	close(s->channel);
	s->channel = -1;
	s->pid = 0;
	if (l->ending)
		return;
	if (WIFSIGNALED(status))
		log_write(LEVEL_ERROR, "server %zu died by signal %d: started again", i,
			  WTERMSIG(status));
	else
		log_write(LEVEL_ERROR, "server %zu ended with status %d: started again", i,
			  WEXITSTATUS(status));
	if (child_may_start(s, clock_now_ms(&l->clock)))
		start_server(l, i);
}

/* ------ reading ------ */

static void read_zones_in_child(struct loader *l, int channel)
{
	struct load_message end = { .kind = LOAD_END };

	signals_leave();
	for (uint32_t i = 0; i < l->zone_count; i++)
		if (l->zones[i].reading)
			load_zone(&(struct load_job){
				.config = l->setup->config,
				.zone = i,
				.files = &l->files,
				.key = &l->zone_key,
				.told = l->zones[i].findings,
				.channel = channel,
			});
	_exit(channel_send(channel, &end, sizeof end, -1) ? 0 : 1);
}

/* Starts a round for all zones that want it, if none is running. */
static void start_round(struct loader *l)
{
	int ends[2];
	bool any = false;

	if (l->round)
		return;
	for (size_t i = 0; i < l->zone_count; i++) {
		l->zones[i].reading = l->zones[i].dirty;
		any = any || l->zones[i].dirty;
	}
	if (!any || channel_open(ends) < 0)
		return;
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		read_zones_in_child(l, ends[1]);
	}
	close(ends[1]);
	if (pid < 0) {
		log_write(LEVEL_ERROR, "zones cannot be read now (errno %d)", errno);
		close(ends[0]);
		return;
	}
	for (size_t i = 0; i < l->zone_count; i++)
		if (l->zones[i].reading)
			zone_begin_reading(&l->zones[i], clock_wall_s(&l->clock));
	l->round = pid;
	l->round_channel = ends[0];
}

static void log_loaded(const struct load_message *m, const char *what)
{
	log_write(LEVEL_NOTICE, "zone %s %s: %u records, serial %u, %u ms", m->origin, what,
		  m->records, m->serial, m->elapsed_ms);
}

/* From now on the zone is what this image says. */
static void keep_image(struct served_zone *z, const struct load_message *m, int file)
{
	if (z->fd >= 0)
		close(z->fd);
	z->fd = file;
	z->size = m->size;
	z->hash = m->hash;
	z->version++;
}

static void take_zone(struct loader *l, const struct load_message *m, int file)
{
	struct served_zone *z = &l->zones[m->zone];

	if (z->good && z->hash == m->hash) {
		log_write(z->findings ? LEVEL_NOTICE : LEVEL_INFO,
			  "zone %s: read again, nothing has changed", m->origin);
		close(file);
		return;
	}
	log_loaded(m, z->good ? "reloaded" : "loaded");
	keep_image(z, m, file);
	z->good = true;
}

/* What was served stays; where nothing was, a stand-in says so to those who ask. */
static void refuse_zone(struct loader *l, const struct load_message *m, int file)
{
	struct served_zone *z = &l->zones[m->zone];

	if (z->good) {
		if (m->findings != z->findings)
			log_write(LEVEL_WARNING,
				  "%s: the zone that was loaded before is still served",
				  z->config->file);
		if (file >= 0)
			close(file);
	} else if (file >= 0) {
		keep_image(z, m, file);
	}
}

/* The first round decides whether there is anything to do here. */
static void end_first_round(struct loader *l)
{
	size_t loaded = 0;

	l->first_round = false;
	for (size_t i = 0; i < l->zone_count; i++)
		loaded += l->zones[i].good;
	if (loaded == l->zone_count)
		return;
	if (loaded > 0) {
		log_write(LEVEL_WARNING, "%zu of %zu zones are served; mend the others and save",
			  loaded, l->zone_count);
		return;
	}
	log_write(LEVEL_ERROR, "no zone could be loaded: nothing to serve");
	l->ending = true;
	l->status = EXIT_CONFIG;
}

/* Zones that were to be read and of which nothing was heard. */
static void end_round(struct loader *l)
{
	close(l->round_channel);
	l->round = 0;
	for (size_t i = 0; i < l->zone_count; i++) {
		if (!l->zones[i].reading)
			continue;
		log_write(LEVEL_ERROR, "%s: reading was cut short", l->zones[i].config->file);
		zone_end_reading(&l->zones[i], clock_now_ms(&l->clock));
	}
	if (l->first_round)
		end_first_round(l);
}

static void take_message(struct loader *l, const struct load_message *m, const char *path, int file)
{
	struct served_zone *z = &l->zones[m->zone];

	if (m->kind == LOAD_INPUT) {
		zone_add_input(z, path, &m->id);
		return;
	}
	zone_end_reading(z, clock_now_ms(&l->clock));
	if (m->kind == LOAD_ZONE && file >= 0)
		take_zone(l, m, file);
	else
		refuse_zone(l, m, file);
	z->findings = m->findings;
}

/* Everything that the reading child has to say for now. */
static void hear_round(struct loader *l)
{
	static union {
		struct load_message m;
		char octets[CHANNEL_MAX];
	} in;
	ssize_t n;
	int file;

	while ((n = channel_receive(l->round_channel, &in, sizeof in - 1, &file)) > 0) {
		in.octets[n] = '\0';
		if (in.m.kind != LOAD_END && in.m.zone < l->zone_count)
			take_message(l, &in.m, in.octets + sizeof in.m, file);
	}
	if (n == 0 || (n < 0 && errno != EAGAIN))
		end_round(l);
}

/* ------ servers hear of zones ------ */

static void tell_server(struct loader *l, struct child_server *s)
{
	if (s->channel < 0)
		return;
	for (uint32_t i = 0; i < l->zone_count; i++) {
		const struct served_zone *z = &l->zones[i];
		struct server_message m = { .kind = SERVER_ZONE, .zone = i, .size = z->size };

		if (s->sent[i] == z->version)
			continue;
		if (!channel_send(s->channel, &m, sizeof m, z->fd)) {
			s->behind = true;
			return;
		}
		s->sent[i] = z->version;
	}
	s->behind = false;
	if (!l->first_round && !s->told_loaded) {
		struct server_message m = { .kind = SERVER_LOADED };
		s->told_loaded = channel_send(s->channel, &m, sizeof m, -1);
	}
}

/* ------ events ------ */

static void reap(struct loader *l)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < l->setup->config->servers; i++)
			if (l->servers[i].pid == pid)
				server_ended(l, i, status);
}

static void log_statistics(const struct loader *l)
{
	for (size_t i = 0; i < l->setup->config->servers; i++)
		child_log_counters(&l->servers[i], i);
}

static void read_all_again(struct loader *l)
{
	log_write(LEVEL_NOTICE, "reading all zones again");
	for (size_t i = 0; i < l->zone_count; i++) {
		l->zones[i].dirty = true;
		l->zones[i].findings = 0; /* who asks is told all again */
	}
}

static void handle_signals(struct loader *l)
{
	struct signals got = signals_take();

	if (got.end)
		l->ending = true;
	if (got.reload)
		read_all_again(l);
	if (got.statistics)
		log_statistics(l);
	if (got.reopen)
		log_reopen();
	reap(l);
}

/* Milliseconds until something is due, at most a minute. */
static int wait_ms(const struct loader *l, uint64_t now_ms)
{
	uint64_t until = now_ms + 60000;

	if (l->setup->config->watch_s && l->look_ms < until)
		until = l->look_ms;
	for (size_t i = 0; i < l->setup->config->servers; i++)
		if (l->servers[i].pid == 0 && l->servers[i].start_ms < until)
			until = l->servers[i].start_ms;
	return until > now_ms ? (int)(until - now_ms) : 0;
}

static void look_at_files(struct loader *l, uint64_t now_ms)
{
	if (l->setup->config->watch_s == 0 || now_ms < l->look_ms)
		return;
	l->look_ms = now_ms + l->setup->config->watch_s * 1000u;
	for (size_t i = 0; i < l->zone_count; i++)
		if (zone_has_changed(&l->zones[i], &l->files, now_ms))
			l->zones[i].dirty = true;
}

static void wait_for_events(struct loader *l)
{
	struct pollfd fds[1 + CONFIG_MAX_SERVERS];
	nfds_t n = 0;

	fds[n++] = (struct pollfd){ .fd = l->round ? l->round_channel : -1, .events = POLLIN };
	for (size_t i = 0; i < l->setup->config->servers; i++)
		fds[n++] = (struct pollfd){
			.fd = l->servers[i].behind ? l->servers[i].channel : -1,
			.events = POLLOUT,
		};
	if (signals_wait(fds, n, wait_ms(l, clock_now_ms(&l->clock))) > 0 && fds[0].revents)
		hear_round(l);
}

static void turn(struct loader *l)
{
	wait_for_events(l);
	handle_signals(l);
	uint64_t now_ms = clock_now_ms(&l->clock);
	look_at_files(l, now_ms);
	start_round(l);
	for (size_t i = 0; i < l->setup->config->servers; i++) {
		if (l->servers[i].pid == 0 && now_ms >= l->servers[i].start_ms && !l->ending)
			start_server(l, i);
		tell_server(l, &l->servers[i]);
	}
}

/* ------ start and end ------ */

static bool make_keys(struct loader *l)
{
	uint8_t octets[32];

	if (!random_fill(&l->random, octets, sizeof octets))
		return false;
	l->zone_key = siphash_key(octets);
	l->cookie_secret = siphash_key(octets + 16);
	return true;
}

/* Each zone's image is a descriptor that is kept. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static bool make_state(struct loader *l)
{
	const struct config *c = l->setup->config;

	l->zone_count = c->zone_count;
	l->zones = calloc(c->zone_count, sizeof *l->zones);
	for (size_t i = 0; l->zones && i < c->zone_count; i++)
		l->zones[i] = (struct served_zone){ .config = &c->zones[i], .fd = -1, .dirty = true };
	for (size_t i = 0; i < c->servers; i++)
		if (!child_init(&l->servers[i], c->zone_count))
			return false;
	return l->zones != NULL;
}

static void end_children(struct loader *l)
{
	l->ending = true;
	for (size_t i = 0; i < l->setup->config->servers; i++)
		if (l->servers[i].pid)
			kill(l->servers[i].pid, SIGTERM);
	if (l->round)
		kill(l->round, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

enum exit_status loader_run(const struct loader_setup *setup)
{
	static struct loader l;

	l.setup = setup;
	l.files = files_system();
	l.clock = clock_system();
	l.random = random_system();
	l.first_round = true;
	raise_descriptor_limit();
	if (!make_keys(&l)) {
		log_write(LEVEL_ERROR, "no randomness: neither getrandom() nor /dev/urandom");
		return EXIT_OTHER;
	}
	if (!make_state(&l)) {
		log_write(LEVEL_ERROR, "out of memory");
		return EXIT_MEMORY;
	}
	signals_catch();
	for (size_t i = 0; i < setup->config->servers; i++)
		start_server(&l, i);
	start_round(&l);
	while (!l.ending)
		turn(&l);
	end_children(&l);
	return l.status;
}
