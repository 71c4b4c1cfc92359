/*
 * loader.c -- the process that reads files and looks after the others.
 *
 * Everything that happens is an event of one poll(): a message from the child
 * that reads zones, a signal, room on a channel to a server, another address
 * or route, or time to look at the files again.
 */
#include "app/loader.h"
#include "app/children.h"
#include "app/fork.h"
#include "app/options.h"
#include "app/signals.h"
#include "app/surroundings.h"
#include "app/zones.h"
#include "base/random.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	LONGEST_WAIT_MS = 60000,
	END_WAIT_MS = 500, /* for children to end, twice at most */
	END_STEP_MS = 5,
};

struct loader {
	const struct loader_setup *setup;
	const struct config *config; /* the setup's, or a newer one */
	struct config newer;         /* read after SIGHUP; empty at first */
	struct files files;
	struct clock clock;
	struct siphash_key zone_key;
	struct siphash_key cookie_secret;
	struct zones zones;
	unsigned server_count;
	bool judged; /* the first round's outcome has been looked at */
	bool networks_changed;
	bool ending;
	enum exit_status status;
	struct child_server servers[CONFIG_MAX_SERVERS];
	struct looker looker;
};

/* ------ servers ------ */

/* What a server has no business with. */
static void close_the_rest(struct loader *l, size_t mine)
{
	size_t per = l->setup->per_server;

	for (size_t i = 0; i < l->server_count; i++) {
		child_close(&l->servers[i]);
		for (size_t k = 0; i != mine && k < per; k++)
			close(l->setup->listeners[i * per + k].fd);
	}
	for (size_t i = 0; i < l->zones.count; i++)
		if (l->zones.at[i].fd >= 0)
			close(l->zones.at[i].fd);
	if (l->zones.round)
		close(l->zones.round_channel);
	if (l->zones.pointers.fd >= 0)
		close(l->zones.pointers.fd);
	if (l->looker.watch >= 0)
		close(l->looker.watch);
	close(l->looker.fd);
	keeper_close(l->setup->keeper);
}

static void become_server(struct loader *l, size_t i, int channel)
{
	size_t per = l->setup->per_server;
	struct server_setup setup = {
		.config = l->config,
		.listeners = l->setup->listeners + i * per,
		.listener_count = per,
		.channel = channel,
		.zone_key = l->zone_key,
		.cookie_secret = l->cookie_secret,
		.counters = l->servers[i].counters,
		.sockets = sockets_system(),
		.clock = l->clock,
		.random = random_system(),
	};

	signals_leave();
	close_the_rest(l, i);
	exit(server_run(&setup));
}

static void start_server(struct loader *l, size_t i)
{
	struct child_server *s = &l->servers[i];
	uint64_t now_ms = clock_now_ms(&l->clock);
	int ends[2];

	if (channel_open(ends) < 0) {
		log_write(LEVEL_ERROR, "server %zu: no channel (errno %d)", i, errno);
		child_delay(s, now_ms);
		return;
	}
	pid_t pid = fork_process();
	if (pid == 0) {
		close(ends[0]);
		become_server(l, i, ends[1]);
	}
	close(ends[1]);
	if (pid < 0) {
		log_write(LEVEL_ERROR, "server %zu: cannot be started (errno %d)", i, errno);
		close(ends[0]);
		child_delay(s, now_ms);
		return;
	}
	child_started(s, pid, ends[0], now_ms);
}

static void server_ended(struct loader *l, size_t i, int status)
{
	struct child_server *s = &l->servers[i];

	child_ended(s);
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

/* False when the channel has no room. */
static bool tell_surroundings(const struct loader *l, struct child_server *s)
{
	struct server_message m = { .kind = SERVER_SURROUNDINGS,
				    .size = sizeof(struct surroundings) };

	if (s->around == l->looker.version)
		return true;
	s->behind = !channel_send(s->channel, &m, sizeof m, l->looker.fd);
	if (!s->behind)
		s->around = l->looker.version;
	return !s->behind;
}

/* The same. */
static bool tell_pointers(const struct loader *l, struct child_server *s)
{
	const struct zones_pointers *p = &l->zones.pointers;
	struct server_message m = { .kind = SERVER_POINTERS, .size = p->size };

	if (s->pointers == p->version)
		return true;
	s->behind = !channel_send(s->channel, &m, sizeof m, p->fd);
	if (!s->behind)
		s->pointers = p->version;
	return !s->behind;
}

/* Sends what the server does not know yet; what finds no room is sent later. */
static void tell_server(const struct loader *l, struct child_server *s)
{
	if (s->channel < 0 || !tell_surroundings(l, s))
		return;
	for (uint32_t i = 0; i < l->zones.count; i++) {
		const struct served_zone *z = &l->zones.at[i];
		struct server_message m = { .kind = SERVER_ZONE, .zone = i, .size = z->size };

		if (s->sent[i] == z->version)
			continue;
		s->behind = !channel_send(s->channel, &m, sizeof m, z->fd);
		if (s->behind)
			return;
		s->sent[i] = z->version;
	}
	if (!tell_pointers(l, s))
		return;
	child_tell_state(s, l->zones.complete);
}

/* ------ the configuration, read again ------ */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* True when nothing differs that is settled once, at the start. */
static bool same_foundation(const struct config *a, const struct config *b)
{
	if (a->port != b->port || a->servers != b->servers || a->listen_count != b->listen_count ||
	    !same_text(a->user, b->user) || a->syslog != b->syslog || a->level != b->level)
		return false;
	for (size_t i = 0; i < a->listen_count; i++)
		if (strcmp(a->listens[i], b->listens[i]) != 0)
			return false;
	return true;
}

/* The keeper has root's right for the files that the start knew, and nobody gets it again. */
static void tell_of_peers(const struct config *start, const struct config *fresh)
{
	for (size_t i = 0; i < fresh->names_count; i++) {
		const struct names_config *n = &fresh->names[i];
		bool is_known = n->format != NAMES_PEERS || access(n->path, R_OK) == 0;

		for (size_t k = 0; k < start->names_count && !is_known; k++)
			is_known = strcmp(start->names[k].path, n->path) == 0;
		if (!is_known)
			log_write(LEVEL_WARNING,
				  "%s: where root alone may read it, names are read from there "
				  "after the next start only",
				  n->path);
	}
}

/* Servers that know the new configuration take over from those that know the old one. */
static bool renew_servers(struct loader *l)
{
	for (size_t i = 0; i < l->server_count; i++)
		if (!child_renew(&l->servers[i], l->zones.count))
			return false;
	for (size_t i = 0; i < l->server_count; i++)
		start_server(l, i);
	return true;
}

static void read_config_again(struct loader *l)
{
	struct diag diag = { .report = load_report };
	struct config fresh;
	enum options_action action =
		options_read(&fresh, l->setup->argc, l->setup->argv, &l->files, &diag);

	if (action == OPTIONS_SERVE && fresh.fingerprint == l->config->fingerprint) {
		config_free(&fresh);
		return;
	}
	if (action != OPTIONS_SERVE || !config_serves(&fresh) ||
	    !zones_replace(&l->zones, &fresh)) {
		log_write(LEVEL_ERROR, "the configuration is not taken over: the old one stays");
		config_free(&fresh);
		return;
	}
	if (!same_foundation(l->config, &fresh))
		log_write(LEVEL_WARNING, "listen, port, servers, user, syslog and verbose change "
					 "at the next start only");
	tell_of_peers(l->setup->config, &fresh);
	config_free(&l->newer);
	l->newer = fresh;
	l->config = &l->newer;
	/* The zones point into the configuration, which has moved. */
	for (size_t i = 0; i < l->zones.count; i++)
		l->zones.at[i].config = &l->newer.zones[i];
	l->zones.config = &l->newer;
	if (!surroundings_replace(&l->looker, l->config) || !renew_servers(l)) {
		log_write(LEVEL_ERROR, "out of memory");
		l->ending = true;
		l->status = EXIT_MEMORY;
	}
}

/* ------ events ------ */

static void reap(struct loader *l)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < l->server_count; i++)
			if (l->servers[i].pid == pid)
				server_ended(l, i, status);
}

static void handle_signals(struct loader *l)
{
	struct signals got = signals_take();

	if (got.end)
		l->ending = true;
	if (got.reload) {
		log_write(LEVEL_NOTICE, "reading everything again");
		if (l->config->has_file)
			read_config_again(l);
		zones_want_all(&l->zones);
		(void)surroundings_look_now(&l->looker);
	}
	if (got.statistics)
		for (size_t i = 0; i < l->server_count; i++)
			child_log_counters(&l->servers[i], i);
	if (got.reopen)
		log_reopen();
	reap(l);
}

/* Milliseconds until something is due. */
static int wait_ms(const struct loader *l)
{
	uint64_t now_ms = clock_now_ms(&l->clock);
	uint64_t until = now_ms + LONGEST_WAIT_MS;

	if (l->config->watch_s && l->zones.look_ms < until)
		until = l->zones.look_ms;
	if (l->config->watch_s && l->looker.look_ms < until)
		until = l->looker.look_ms;
	for (size_t i = 0; i < l->server_count; i++)
		if (l->servers[i].pid == 0 && l->servers[i].start_ms < until)
			until = l->servers[i].start_ms;
	return until > now_ms ? (int)(until - now_ms) : 0;
}

static void wait_for_events(struct loader *l)
{
	struct pollfd fds[2 + CONFIG_MAX_SERVERS];
	nfds_t n = 0;

	fds[n++] = (struct pollfd){
		.fd = l->zones.round ? l->zones.round_channel : -1,
		.events = POLLIN,
	};
	fds[n++] = (struct pollfd){ .fd = l->looker.watch, .events = POLLIN };
	for (size_t i = 0; i < l->server_count; i++)
		fds[n++] = (struct pollfd){
			.fd = l->servers[i].behind ? l->servers[i].channel : -1,
			.events = POLLOUT,
		};
	if (signals_wait(fds, n, wait_ms(l)) <= 0)
		return;
	if (fds[0].revents)
		zones_hear_round(&l->zones);
	l->networks_changed = fds[1].revents != 0;
}

/* The first round decides whether there is anything to do here. */
static void judge_first_round(struct loader *l)
{
	size_t good = zones_good(&l->zones);

	l->judged = true;
	if (good == l->zones.count)
		return;
	/* Who was told to ask others has work to do without zones. */
	if (good > 0 || l->config->is_forwarder) {
		log_write(LEVEL_WARNING, "%zu of %zu zones are served; mend the others and save",
			  good, l->zones.count);
		return;
	}
	log_write(LEVEL_ERROR, "no zone could be loaded: nothing to serve");
	l->ending = true;
	l->status = zones_unreadable(&l->zones) ? EXIT_FILE : EXIT_CONFIG;
}

static void turn(struct loader *l)
{
	wait_for_events(l);
	handle_signals(l);
	if (l->zones.complete && !l->judged)
		judge_first_round(l);
	if (l->ending)
		return;
	zones_look(&l->zones);
	surroundings_look(&l->looker, l->networks_changed);
	l->networks_changed = false;
	zones_start_round(&l->zones);
	for (size_t i = 0; i < l->server_count; i++) {
		if (l->servers[i].pid == 0 && clock_now_ms(&l->clock) >= l->servers[i].start_ms)
			start_server(l, i);
		tell_server(l, &l->servers[i]);
	}
}

/* ------ start and end ------ */

static bool make_keys(struct loader *l)
{
	struct random random = random_system();
	uint8_t octets[32];

	if (!random_fill(&random, octets, sizeof octets))
		return false;
	l->zone_key = siphash_key(octets);
	l->cookie_secret = siphash_key(octets + 16);
	return true;
}

/* Each zone's image is a descriptor that is kept. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (prlimit(0, RLIMIT_NOFILE, NULL, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)prlimit(0, RLIMIT_NOFILE, &limit, NULL);
	}
}

static bool make_state(struct loader *l)
{
	l->files = keeper_files(l->setup->keeper);
	l->clock = clock_system();
	l->server_count = l->config->servers;
	for (size_t i = 0; i < l->server_count; i++)
		if (!child_init(&l->servers[i], l->config->zone_count))
			return false;
	if (!zones_init(&l->zones, l->config, &l->files, &l->clock, &l->zone_key))
		return false;
	l->zones.keeper = l->setup->keeper;
	return surroundings_init(&l->looker, l->config, l->setup->listeners, l->setup->per_server,
				 &l->files, &l->clock);
}

/* A server that asks itself would only go round in circles. */
static bool asks_itself(const struct loader *l)
{
	const struct address *self = surroundings_find_self(&l->looker);
	char room[ADDRESS_TEXT_MAX];
	struct text text = text_init(room, sizeof room);

	if (!self)
		return false;
	address_print(self, &text);
	log_write(LEVEL_ERROR, "upstream server %s is this server itself", room);
	return true;
}

static void signal_servers(const struct loader *l, int signal)
{
	for (size_t i = 0; i < l->server_count; i++)
		if (l->servers[i].pid)
			kill(l->servers[i].pid, signal);
}

/* Waits until no child is left, but not for long. */
static bool no_child_is_left(void)
{
	for (int waited = 0; waited < END_WAIT_MS; waited += END_STEP_MS) {
		pid_t pid;

		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (pid < 0 && errno == ECHILD)
			return true;
		poll(NULL, 0, END_STEP_MS);
	}
	return false;
}

static void end_children(struct loader *l)
{
	signal_servers(l, SIGTERM);
	for (size_t i = 0; i < l->server_count; i++)
		child_close(&l->servers[i]);
	zones_stop_round(&l->zones);
	keeper_close(l->setup->keeper);
	if (no_child_is_left())
		return;
	/* Stopped, or stuck: nothing that they have is worth waiting for. */
	signal_servers(l, SIGKILL);
	(void)no_child_is_left();
}

enum exit_status loader_run(const struct loader_setup *setup)
{
	/* All that it needs of it lies on one page. */
	static _Alignas(4096) struct loader l;

	l.setup = setup;
	l.config = setup->config;
	raise_descriptor_limit();
	if (!make_keys(&l)) {
		log_write(LEVEL_ERROR, "no randomness: neither getrandom() nor /dev/urandom");
		return EXIT_OTHER;
	}
	if (!make_state(&l)) {
		log_write(LEVEL_ERROR, "out of memory");
		return EXIT_MEMORY;
	}
	if (asks_itself(&l))
		return EXIT_NETWORK;
	signals_catch();
	for (size_t i = 0; i < l.server_count; i++)
		start_server(&l, i);
	zones_start_round(&l.zones);
	for (size_t i = 0; i < l.server_count; i++)
		tell_server(&l, &l.servers[i]);
	while (!l.ending)
		turn(&l);
	end_children(&l);
	config_free(&l.newer);
	return l.status;
}
