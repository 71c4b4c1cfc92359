/*
 * children.c -- a server as the loader knows it.
 */
#include "app/children.h"
#include "dns/message.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	YOUNG_MS = 1000, /* to die within this is a sign that the next one will, too */
	FIRST_WAIT_MS = 50,
	MOST_WAIT_MS = 2000,
};

bool child_init(struct child_server *s, size_t zone_count)
{
	void *counters = mmap(NULL, sizeof *s->counters, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	*s = (struct child_server){ .channel = -1, .old_channel = -1, .zone_count = zone_count };
	s->sent = calloc(zone_count + 1, sizeof *s->sent);
	s->counters = counters;
	return s->sent && counters != MAP_FAILED;
}

void child_started(struct child_server *s, pid_t pid, int channel, uint64_t now_ms)
{
	s->pid = pid;
	s->channel = channel;
	s->started_ms = now_ms;
	s->behind = false;
	s->told_ready = false;
	s->told_loaded = false;
	s->around = 0;
	s->pointers = 0;
	memset(s->sent, 0, s->zone_count * sizeof *s->sent);
}

static void close_channel(int *channel)
{
	if (*channel >= 0)
		close(*channel);
	*channel = -1;
}

bool child_renew(struct child_server *s, size_t zone_count)
{
	uint32_t *sent = calloc(zone_count + 1, sizeof *sent);

	if (!sent)
		return false;
	free(s->sent);
	s->sent = sent;
	s->zone_count = zone_count;
	/* One that was not ready yet has not taken over from anybody. */
	if (s->old_channel >= 0)
		close_channel(&s->channel);
	else
		s->old_channel = s->channel;
	s->channel = -1;
	s->pid = 0;
	return true;
}

void child_ended(struct child_server *s)
{
	close_channel(&s->channel);
	s->pid = 0;
}

void child_close(struct child_server *s)
{
	close_channel(&s->channel);
	close_channel(&s->old_channel);
}

/* False when the channel has no room. */
static bool tell_once(const struct child_server *s, enum server_kind kind, bool *told)
{
	struct server_message m = { .kind = kind };

	*told = *told || channel_send(s->channel, &m, sizeof m, -1);
	return *told;
}

void child_tell_state(struct child_server *s, bool complete)
{
	if (s->old_channel >= 0 && !complete)
		return; /* the old one knows all of the old configuration */
	/* In this order: a client that asks in between would hear that zones are being read. */
	s->behind = (complete && !tell_once(s, SERVER_LOADED, &s->told_loaded)) ||
		    !tell_once(s, SERVER_READY, &s->told_ready);
	if (s->told_ready)
		close_channel(&s->old_channel);
}

void child_delay(struct child_server *s, uint64_t now_ms)
{
	s->wait_ms = s->wait_ms ? s->wait_ms * 2 : FIRST_WAIT_MS;
	if (s->wait_ms > MOST_WAIT_MS)
		s->wait_ms = MOST_WAIT_MS;
	s->start_ms = now_ms + s->wait_ms;
}

bool child_may_start(struct child_server *s, uint64_t now_ms)
{
	if (now_ms - s->started_ms >= YOUNG_MS) {
		s->wait_ms = 0;
		return true;
	}
	child_delay(s, now_ms);
	return false;
}

void child_log_counters(const struct child_server *s, size_t index)
{
	const struct server_counters *c = s->counters;
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{ "udp", c->queries_udp },         { "tcp", c->queries_tcp },
		{ "dropped", c->dropped },         { "truncated", c->truncated },
		{ "from-upstream", c->elsewhere }, { "asked", c->asks },
		{ "packets", c->packets },         { "forged", c->forged },
		{ "looped", c->looped },           { "connections", c->tcp_connections },
		{ "unsent", c->sent_failed },
	};
	char room[512];
	struct text line = text_init(room, sizeof room);

	text_format(&line, "server %zu:", index);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		text_format(&line, " %s ", rows[i].name);
		text_put_u64(&line, rows[i].value);
	}
	for (unsigned i = 0; i < sizeof c->rcodes / sizeof c->rcodes[0]; i++) {
		if (c->rcodes[i] == 0)
			continue;
		if (rcode_text(i))
			text_format(&line, " %s ", rcode_text(i));
		else
			text_format(&line, " RCODE%u ", i);
		text_put_u64(&line, c->rcodes[i]);
	}
	log_write(LEVEL_NOTICE, "%s", room);
	const struct server_message tell = { .kind = SERVER_TELL };
	if (s->channel >= 0 && !channel_send(s->channel, &tell, sizeof tell, -1))
		log_write(LEVEL_DEBUG, "server %zu is too busy to tell more", index);
}
