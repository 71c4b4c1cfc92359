/*
 * owner.h -- who holds a port that we wanted.
 *
 * For one sentence at start ("dnsmasq (process 1234) has it") and nothing
 * else.  Reads /proc, so it works on Linux, and only tells of processes that
 * we may look into: all of them as root, our own otherwise.
 */
#ifndef NET_OWNER_H
#define NET_OWNER_H

#include "net/listener.h"

/* The longest: a name of 15 characters, each escaped, and the number of a process. */
#define OWNER_TEXT_MAX 96

/*
 * Appends "dnsmasq (process 1234)" for a process that keeps us from listening
 * at this address and port; false, with nothing appended, when none is found.
 */
bool owner_find(enum transport transport, const struct address *at, struct text *t);

#endif
