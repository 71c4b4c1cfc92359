/*
 * ttl.h -- times to live as text: seconds, or numbers with units.
 *
 * "3600", "1h", "1w2d3h4m5s" (BIND's notation, which every server reads);
 * units in any case, in any order, and more than once.  "1h30" is refused:
 * some read 30 seconds there, people mean minutes.
 */
#ifndef DNS_TTL_H
#define DNS_TTL_H

#include "base/octets.h"

#define TTL_MAX 2147483647u /* RFC 2181 §8: 31 bits */

/*
 * True and *ttl set when the whole text is a time of at most 2^32-1 seconds
 * that begins with a digit.  *problem says what is wrong otherwise.
 */
MUST_USE bool ttl_parse(const uint8_t *text, size_t size, uint32_t *ttl, const char **problem);

#endif
