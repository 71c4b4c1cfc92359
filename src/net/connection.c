/*
 * connection.c -- one TCP connection: its buffers and the framing of RFC 7766.
 *
 * Both buffers are plain, not rings: a message is handed out and written in
 * place, in one piece.  What is left over moves to the front before it would
 * not fit; that is part of one message on the way in, and happens at most
 * once in OUTPUT_STOP - OUTPUT_START octets on the way out.
 */
#include "net/connection.h"
#include "base/assert.h"

#include <errno.h>

static size_t in_size(const struct connection *c)
{
	return c->in_end - c->in_start;
}

static size_t out_size(const struct connection *c)
{
	return c->out_end - c->out_start;
}

/* The length that stands in front of the next message.  Needs: two octets are there. */
static size_t announced(const struct connection *c)
{
	return (size_t)(c->in[c->in_start] << 8 | c->in[c->in_start + 1]);
}

static bool has_whole_message(const struct connection *c)
{
	return in_size(c) >= 2 && in_size(c) >= 2 + announced(c);
}

enum phase connection_phase(const struct connection *c)
{
	if (out_size(c))
		return PHASE_OUTPUT;
	if (c->unanswered)
		return PHASE_ANSWER;
	if (in_size(c) || !c->spoke)
		return PHASE_MESSAGE;
	return PHASE_IDLE;
}

uint64_t connection_waits_since(const struct connection *c)
{
	return out_size(c) ? c->moved_ms : c->heard_ms;
}

bool connection_is_idle(const struct connection *c)
{
	return !in_size(c) && !out_size(c) && !c->unanswered;
}

/* ------ in ------ */

bool connection_has_message(const struct connection *c)
{
	return !c->closing && !c->stopped && c->unanswered < UNANSWERED_MAX && has_whole_message(c);
}

bool connection_wants_input(const struct connection *c)
{
	return !c->ended && !c->closing && !c->stopped && c->unanswered < UNANSWERED_MAX &&
	       !has_whole_message(c);
}

/* What was read is no DNS; the rest of the stream has no meaning without a length. */
static void give_up_input(struct connection *c)
{
	c->closing = true;
	c->in_start = c->in_end = 0;
}

bool connection_next(struct connection *c, struct slice *message, uint64_t now_ms)
{
	if (!c->closing && in_size(c) >= 2 && announced(c) < FRAME_MIN)
		give_up_input(c);
	if (!connection_has_message(c))
		return false;
	message->size = announced(c);
	message->octets = c->in + c->in_start + 2;
	c->in_start += 2 + message->size;
	c->unanswered++;
	c->spoke = true;
	c->heard_ms = now_ms;
	return true;
}

/* Moves the part of a message to the front; returns how much more is worth asking for. */
static size_t make_room_in(struct connection *c)
{
	size_t have = in_size(c);
	size_t want = have >= 2 ? 2 + announced(c) : 0;

	if (c->in_start && have)
		memmove(c->in, c->in + c->in_start, have);
	c->in_start = 0;
	c->in_end = have;
	return (want > READ_SIZE ? want : READ_SIZE) - have;
}

bool connection_read(struct connection *c, const struct sockets *s, uint64_t now_ms)
{
	size_t room = make_room_in(c);
	ssize_t n = s->read(s->self, c->fd, c->in + c->in_end, room);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0) {
		/* RFC 7766 §6.2.4 lets a client half-close; its answers are still due. */
		c->ended = true;
		return true;
	}
	if (!c->in_end && c->spoke)
		c->heard_ms = now_ms;
	c->in_end += (size_t)n;
	if (c->in_end > c->in_most)
		c->in_most = c->in_end;
	return true;
}

/* ------ out ------ */

uint8_t *connection_room(struct connection *c)
{
	if (out_size(c) >= OUTPUT_STOP)
		return NULL;
	if (c->out_end > OUTPUT_SIZE - FRAME_MAX) {
		memmove(c->out, c->out + c->out_start, out_size(c));
		c->out_end -= c->out_start;
		c->out_start = 0;
	}
	return c->out + c->out_end + 2;
}

void connection_put(struct connection *c, size_t size, uint64_t now_ms)
{
	assert(size <= FRAME_MAX - 2 && c->out_end + 2 + size <= OUTPUT_SIZE);
	if (!out_size(c))
		c->moved_ms = now_ms;
	store_u16(c->out + c->out_end, (uint16_t)size);
	c->out_end += 2 + size;
	if (c->out_end > c->out_most)
		c->out_most = c->out_end;
	if (out_size(c) >= OUTPUT_STOP)
		c->stopped = true;
}

void connection_answered(struct connection *c, uint64_t now_ms)
{
	assert(c->unanswered);
	c->unanswered--;
	c->heard_ms = now_ms;
}

bool connection_write(struct connection *c, const struct sockets *s, uint64_t now_ms)
{
	ssize_t n = s->write(s->self, c->fd, c->out + c->out_start, out_size(c));

	if (n < 0) {
		c->blocked = errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM;
		return c->blocked || errno == EINTR;
	}
	c->moved_ms = now_ms;
	c->out_start += (size_t)n;
	c->blocked = out_size(c) != 0;
	if (!c->blocked) {
		c->out_start = c->out_end = 0;
		c->heard_ms = now_ms; /* from here on the peer is the one to move */
	}
	if (out_size(c) <= OUTPUT_START)
		c->stopped = false;
	return true;
}

bool connection_is_finished(const struct connection *c)
{
	/* The end is only read when no whole message is left, so none is forgotten. */
	return (c->ended || c->closing) && !out_size(c) && !c->unanswered;
}
