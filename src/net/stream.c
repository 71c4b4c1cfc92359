/*
 * stream.c -- TCP connections to upstream servers, kept and shared.
 *
 * The framing is that of net/connection, seen from the other side: questions
 * go out, answers come in.
 */
#include "net/stream.h"

#include <errno.h>
#include <sys/mman.h>

enum { BUFFERS_SIZE = FRAME_MAX + OUTPUT_SIZE };

void streams_init(struct streams *s, const struct sockets *sockets)
{
	s->sockets = sockets;
}

static struct stream *find(struct streams *s, uint8_t server)
{
	for (unsigned i = 0; i < STREAMS; i++)
		if (s->streams[i].in_use && !s->streams[i].ended && s->streams[i].server == server)
			return &s->streams[i];
	return NULL;
}

/* ------ the end of a connection ------ */

/* The descriptor is closed; the stream stays until its end has been told. */
static void end(struct streams *s, struct stream *t)
{
	s->sockets->close(s->sockets->self, t->connection.fd);
	t->connection.fd = -1;
	t->ended = true;
	s->broken += t->due > 0;
}

void streams_forget(struct streams *s, uint8_t server)
{
	struct stream *t = find(s, server);

	if (t)
		end(s, t);
}

void streams_free(struct streams *s)
{
	for (unsigned i = 0; i < STREAMS; i++)
		if (s->streams[i].in_use && !s->streams[i].ended)
			end(s, &s->streams[i]);
	if (s->buffers)
		munmap(s->buffers, (size_t)STREAMS * BUFFERS_SIZE);
	s->buffers = NULL;
}

/* ------ opening ------ */

static bool map_buffers(struct streams *s)
{
	if (s->buffers)
		return true;
	void *at = mmap(NULL, (size_t)STREAMS * BUFFERS_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (at == MAP_FAILED)
		return false;
	s->buffers = at;
	return true;
}

/* A free one; else the one that has been idle for longest is ended, to be free in the next turn. */
static struct stream *free_stream(struct streams *s)
{
	struct stream *idle = NULL;

	for (unsigned i = 0; i < STREAMS; i++) {
		struct stream *t = &s->streams[i];

		if (!t->in_use)
			return t;
		if (!t->ended && t->due == 0 && (!idle || t->moved_ms < idle->moved_ms))
			idle = t;
	}
	if (idle) {
		end(s, idle);
		idle->in_use = false; /* nobody waits for it */
	}
	return idle;
}

static struct stream *open_stream(struct streams *s, uint8_t server, const struct address *peer,
				  uint64_t now_ms)
{
	struct stream *t = map_buffers(s) ? free_stream(s) : NULL;

	if (!t)
		return NULL;
	int fd = s->sockets->dial(s->sockets->self, TRANSPORT_TCP, peer, 0);
	if (fd < 0)
		return NULL;
	uint8_t *buffers = s->buffers + (size_t)(t - s->streams) * BUFFERS_SIZE;
	*t = (struct stream){
		.in_use = true,
		.server = server,
		.moved_ms = now_ms,
		.connection = {
			.serial = 1,
			.fd = fd,
			.in = buffers,
			.out = buffers + FRAME_MAX,
			.peer = *peer,
		},
	};
	s->opened++;
	return t;
}

enum stream_outcome streams_send(struct streams *s, uint8_t server, const struct address *peer,
				 const uint8_t *octets, size_t n, uint64_t now_ms)
{
	struct stream *t = find(s, server);

	if (!t && !(t = open_stream(s, server, peer, now_ms)))
		return STREAM_NONE;
	uint8_t *room = connection_room(&t->connection);
	if (!room)
		return STREAM_FULL;
	memcpy(room, octets, n);
	connection_put(&t->connection, n, now_ms);
	if (t->due++ == 0)
		t->moved_ms = now_ms;
	return STREAM_TAKEN;
}

/* ------ a turn ------ */

static bool has_output(const struct stream *t)
{
	return connection_phase(&t->connection) == PHASE_OUTPUT;
}

static uint64_t deadline(const struct stream *t)
{
	if (!t->connected)
		return t->moved_ms + STREAM_CONNECT_MS;
	return t->moved_ms + (t->due > 0 ? STREAM_ANSWER_MS : STREAM_IDLE_MS);
}

size_t streams_poll_fds(struct streams *s, struct pollfd *fds, size_t max)
{
	size_t n = 0;

	for (unsigned i = 0; i < STREAMS && n < max; i++) {
		const struct stream *t = &s->streams[i];
		short out = !t->connected || t->connection.blocked ? POLLOUT : 0;
		short in = connection_wants_input(&t->connection) ? POLLIN : 0;

		if (!t->in_use || t->ended)
			continue;
		s->polled[n] = (uint8_t)i;
		fds[n++] = (struct pollfd){ .fd = t->connection.fd, .events = (short)(in | out) };
	}
	return n;
}

int streams_timeout_ms(const struct streams *s, uint64_t now_ms)
{
	uint64_t first = UINT64_MAX;

	for (unsigned i = 0; i < STREAMS; i++) {
		const struct stream *t = &s->streams[i];
		uint64_t end_ms = t->ended ? now_ms : deadline(t);

		if (t->in_use && end_ms < first)
			first = end_ms;
	}
	if (first == UINT64_MAX)
		return -1;
	return first > now_ms ? (int)(first - now_ms) : 0;
}

static void serve(struct streams *s, struct stream *t, short events, uint64_t now_ms)
{
	if (events & (POLLIN | POLLOUT))
		t->moved_ms = now_ms;
	if (events & POLLOUT && !(events & POLLERR)) {
		t->connected = true;
		t->connection.blocked = false; /* streams_flush() writes */
	}
	if (events & POLLERR || (events & POLLHUP && !(events & POLLIN)) ||
	    (events & POLLIN && connection_wants_input(&t->connection) &&
	     !connection_read(&t->connection, s->sockets, now_ms)))
		end(s, t);
}

void streams_turn(struct streams *s, const struct pollfd *fds, size_t n, uint64_t now_ms)
{
	s->at = 0;
	for (size_t i = 0; i < n; i++) {
		struct stream *t = &s->streams[s->polled[i]];

		if (t->in_use && !t->ended && fds[i].revents)
			serve(s, t, fds[i].revents, now_ms);
	}
	for (unsigned i = 0; i < STREAMS; i++) {
		struct stream *t = &s->streams[i];

		if (!t->in_use || t->ended || now_ms < deadline(t))
			continue;
		t->timed_out = true;
		end(s, t);
	}
}

/* The next answer of one connection; when it has none, perhaps its end. */
static bool next_of(struct streams *s, struct stream *t, struct stream_event *out, uint64_t now_ms)
{
	struct connection *c = &t->connection;

	*out = (struct stream_event){ .server = t->server };
	if (connection_next(c, &out->message, now_ms)) {
		connection_answered(c, now_ms);
		t->proven = true;
		t->due -= t->due > 0;
		t->moved_ms = now_ms;
		return true;
	}
	/* The peer said good-bye, or something that is no DNS. */
	if (!t->ended && (c->ended || c->closing))
		end(s, t);
	if (!t->ended)
		return false;
	out->ended = true;
	out->again = t->proven && !t->timed_out;
	out->silent = t->connected && t->timed_out;
	t->in_use = false;
	return true;
}

bool streams_next(struct streams *s, struct stream_event *out, uint64_t now_ms)
{
	for (; s->at < STREAMS; s->at++)
		if (s->streams[s->at].in_use && next_of(s, &s->streams[s->at], out, now_ms))
			return true;
	return false;
}

void streams_flush(struct streams *s, uint64_t now_ms)
{
	for (unsigned i = 0; i < STREAMS; i++) {
		struct stream *t = &s->streams[i];

		if (!t->in_use || t->ended || !t->connected || t->connection.blocked ||
		    !has_output(t))
			continue;
		if (!connection_write(&t->connection, s->sockets, now_ms))
			end(s, t);
	}
}
