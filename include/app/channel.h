/*
 * channel.h -- messages between our processes, with a file that goes along.
 *
 * A pair of connected sockets that keep the borders of messages.  Neither side
 * ever waits: what does not fit is tried again when the socket has room.
 */
#ifndef APP_CHANNEL_H
#define APP_CHANNEL_H

#include <sys/types.h>

#include "base/octets.h"

enum { CHANNEL_MAX = 8192 /* octets of a message */ };

/* Makes both ends; -1 with errno. */
MUST_USE int channel_open(int ends[2]);

/* Sends a message and, if file >= 0, that descriptor.  False with errno (EAGAIN: no room). */
MUST_USE bool channel_send(int channel, const void *octets, size_t n, int file);

/*
 * The next message: its size, 0 at the end (the other side is gone), -1 with
 * errno.  *file is the descriptor that came with it, or -1; the caller owns it.
 */
ssize_t channel_receive(int channel, void *octets, size_t room, int *file);

#endif
