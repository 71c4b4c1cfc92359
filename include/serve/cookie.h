/*
 * cookie.h -- server cookies (RFC 7873, RFC 9018).
 *
 * A client that shows a cookie of ours proves that it gets what is sent to its
 * address.  We give one to every client that brings a cookie option; nobody is
 * refused for the lack of one.
 */
#ifndef SERVE_COOKIE_H
#define SERVE_COOKIE_H

#include "base/siphash.h"
#include "dns/edns.h"

enum { COOKIE_SIZE = COOKIE_CLIENT_SIZE + COOKIE_SERVER_SIZE };

/*
 * Makes the reply's cookie (RFC 9018 §4): the client's eight octets, then
 *
 *	version 1 | reserved | time in seconds | SipHash-2-4 of all that and
 *	                                         the client's address
 */
void cookie_make(const struct siphash_key *secret, const uint8_t *client, struct slice address,
		 uint32_t now_s, uint8_t out[COOKIE_SIZE]);

/*
 * True when a query's cookie was made by us for this address, not more than an
 * hour ago and not more than five minutes ahead (RFC 9018 §4.3).
 */
bool cookie_is_ours(const struct siphash_key *secret, struct slice cookie, struct slice address,
		    uint32_t now_s);

#endif
