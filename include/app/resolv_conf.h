/*
 * resolv_conf.h -- upstream servers from a file like /etc/resolv.conf.
 *
 * Lines "nameserver ADDRESS" count, as resolv.conf(5) has them; a port may
 * stand behind the address ("9.9.9.9#53").  Everything else is passed over:
 * the file is not ours, and others write into it what they like.
 */
#ifndef APP_RESOLV_CONF_H
#define APP_RESOLV_CONF_H

#include "net/address.h"

/* The addresses in a text, at most `most`, each once; how many. */
size_t resolv_conf_parse(struct slice text, struct address *out, size_t most);

#endif
