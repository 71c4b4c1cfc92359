/*
 * options.h -- options that several kinds of sockets need.
 */
#ifndef NET_OPTIONS_H
#define NET_OPTIONS_H

#include "base/octets.h"

/* setsockopt() of a number; false with errno. */
bool socket_set(int fd, int level, int name, int value);

/*
 * Our messages are small enough for any path, and a path MTU that somebody
 * forged must not make us send fragments that can be replaced: OMIT ignores
 * the path MTU (Linux 3.15, IPv6 and IPv4 alike); before that DONT at least
 * keeps DF off.
 */
void socket_ignore_path_mtu(int fd, bool ip4);

#endif
