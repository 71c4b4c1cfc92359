/*
 * connection.h -- one TCP connection: its buffers and the framing of RFC 7766.
 *
 *     +--+--+----------------------------+--+--+-------------
 *     | length |  message, length octets | length | message ...   RFC 1035 §4.2.2
 *     +--+--+----------------------------+--+--+-------------
 *
 * Octets come in as the stream pleases, split anywhere; whole messages are
 * handed out one by one and the answers put into one output buffer, so that
 * what came in one segment leaves in one write.  No time limits and no table
 * here: net/tcp has them.
 */
#ifndef NET_CONNECTION_H
#define NET_CONNECTION_H

#include "net/sockets.h"

/* What two octets can announce, and they. */
#define FRAME_MAX (2 + 65535)

/* A message without the 12 octets of a header is none (RFC 1035 §4.1.1). */
#define FRAME_MIN 12

/*
 * A read asks for this much unless a longer message is announced, so one page
 * is resident for a normal client, and one read brings at most 215 queries.
 */
#define READ_SIZE 4096

/*
 * With OUTPUT_STOP unsent no more is read, until it has shrunk to OUTPUT_START:
 * a peer that never reads costs that and one message.  The step between the
 * two saves us from moving the rest for each answer.
 */
#define OUTPUT_STOP  65536
#define OUTPUT_START 32768
#define OUTPUT_SIZE  (OUTPUT_STOP + FRAME_MAX)

/* Messages handed out and not yet answered; beyond it the client has to wait. */
#define UNANSWERED_MAX 16

struct connection {
	uint64_t serial; /* never the same twice; 0 = the seat is free */
	int fd;
	bool ended;   /* the peer sends no more */
	bool closing; /* we read no more: what it sent is no DNS */
	bool stopped; /* too much output waits */
	bool blocked; /* the kernel takes no more output for now */
	bool spoke;   /* a whole message has come in */
	unsigned unanswered;
	uint8_t *in, *out; /* FRAME_MAX and OUTPUT_SIZE octets; keeps them */
	size_t in_start, in_end, in_most;
	size_t out_start, out_end, out_most;
	uint64_t accepted_ms;
	uint64_t
		heard_ms; /* accept, the last message, the first octet of one, or all output gone */
	uint64_t moved_ms; /* the output began to wait, or the peer took some of it */
	struct address peer, local;
	uint32_t interface;
};

/* What a connection waits for; each has a limit of its own. */
enum phase {
	PHASE_IDLE,    /* the peer, which owes us nothing */
	PHASE_MESSAGE, /* the rest of a message, or the very first one */
	PHASE_ANSWER,  /* us */
	PHASE_OUTPUT,  /* the peer, which has to read */
};

enum phase connection_phase(const struct connection *c);

/* Since when it is in that phase without any progress. */
uint64_t connection_waits_since(const struct connection *c);

/* True when nothing is on the way in either direction, so that closing it hurts nobody. */
bool connection_is_idle(const struct connection *c);

/* The next whole message; false when there is none, or when answers have to leave first. */
bool connection_next(struct connection *c, struct slice *message, uint64_t now_ms);

/* True when connection_next() would give one. */
bool connection_has_message(const struct connection *c);

/* True when more octets are wanted. */
bool connection_wants_input(const struct connection *c);

/* Reads once; false when the connection is broken and to be closed. */
MUST_USE bool connection_read(struct connection *c, const struct sockets *s, uint64_t now_ms);

/* Writes once what there is; false when the connection is broken. */
MUST_USE bool connection_write(struct connection *c, const struct sockets *s, uint64_t now_ms);

/* 65535 octets for one message, or NULL when so much waits already that it has to wait too. */
uint8_t *connection_room(struct connection *c);

/* The message written to that room has `size` octets. */
void connection_put(struct connection *c, size_t size, uint64_t now_ms);

/* A message that was handed out is done with, answered or not. */
void connection_answered(struct connection *c, uint64_t now_ms);

/* Nothing more can happen: all is answered and sent, and the peer or we have ended it. */
bool connection_is_finished(const struct connection *c);

#endif
