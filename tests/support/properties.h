/*
 * properties.h -- all properties, each with the form of its input.
 *
 * Where an input has several parts, they are separated by the octet 1C (FS,
 * "file separator"); see support/parts.h.
 */
#ifndef SUPPORT_PROPERTIES_H
#define SUPPORT_PROPERTIES_H

#include "support/property.h"

/* ------ dns ------ */

/*
 * Names: what is read can be printed, read again, written again and compared.
 * The first octet says where the name begins; the whole is also read as text.
 */
property property_name;

/*
 * A message: every part reads within its bounds and ends, and what has been
 * read is the same after it was written with compression and read again.
 */
property property_message;

/*
 * RDATA of every type: wire to text to wire is the same, and so is text to
 * wire to text.  Two octets of type; the rest is taken as RDATA, then as text.
 */
property property_rdata;

/*
 * A message read by our decoder and by that of support/print.h, which was
 * written apart from it: both take it or both refuse it, and both see the same.
 */
property property_differential;

/* ------ zone ------ */

/*
 * Zone text: a zone that is good finds each of its names.  The first part is
 * the file "zone", the next ones are "1", "2" and so on; "other" is always there.
 */
property property_zonefile;

/*
 * A zone of many files, of which some cannot be read, while memory ends: it is the
 * zone that there is when memory does not end, or it is refused, and everything is
 * given back.  The first part is letters, each for a setting, or for a file whose
 * text is the next part:
 *
 *	o  an origin is given, r  the root e  the next file cannot be read; again: for another
 *	c  lint, p  pointers                  reason
 *	s  limits are small                i  a file to be included, named "1", "2", and so on
 *	d  the zone is in a folder         z  the zone file, u  the one above it
 *	f  files of names from here on are H  L  P  hosts, leases, peers
 *	9  a number: that allocation fails, and those behind it; not those after a "-"
 */
property property_layers;

/*
 * Files of names: what is given is a name of the domain with an address.  The
 * first octet chooses the format: 'h' hosts, 'l' leases, 'p' peers, of which no
 * line may be shown.
 */
property property_names;

/* A zone whose text is mended is a zone; and the same one, if neither names nor data changed. */
property property_fix;

/*
 * A damaged image: image_open() refuses it, it breaks a rule of image_sound.h, or
 * all lookups in it are harmless; and what was sealed breaks no rule.  The first
 * part is the zone (none: quiet_zone.h's), then come places (16 bits) and the
 * octets that are written there.
 */
property property_image;

/* ------ serve ------ */

/*
 * A query: the reply fits, has the query's id and question, can be read to its
 * end, and is the same for the same query.  An input that begins with ';' has one to
 * four zones as its first parts; others are asked of support/quiet_zone.h's.  What
 * stands behind ";@" is the zone's origin, and there can be words in that line:
 *
 *	;@example.org. view       view, other   only for clients like this one, or for others
 *	@ 60 SOA ...              minimal  loading  stranger  special
 */
property property_respond;

/*
 * A zone, and questions about it: each record of a reply is held by the zone, or
 * made by a wildcard or a DNAME of it; RRsets are whole; what does not exist is
 * no node.  The first part is the zone (none: quiet_zone.h's), then come questions:
 * how (8 bits), type (16), number of the node (16), labels below it up to a 0.
 */
property property_roundtrip;

/*
 * What an upstream server says: it is taken apart, kept, and the same question is
 * answered with it by a message that leads nobody to private addresses.  The
 * first octet says how it was asked, the rest is the response, to its own question.
 */
property property_response;

/*
 * OPT and cookies: what a reply says is what is read in it, a packed query is the
 * same query, cookies of ours are known as such and no others.  35 octets of
 * secret, address and times, then an OPT: TTL, size, options.
 */
property property_edns_cookie;

/*
 * Questions that are being asked upstream.  A response is taken when id, letters,
 * question and way are right, and changes nothing otherwise; no waiter and no
 * socket is left over.  The input is a program of events: a client asks, or a
 * crowd, a response comes (with its flaws), time passes, something is lost, a
 * server leaves the configuration, a question of ours is asked of us.
 */
property property_forward;

/*
 * The cache against support/cache_model.h.  The first octet chooses its size,
 * its times and how much is in it, the rest is a program of puts, finds, failures, ticks and clears.
 */
property property_cache_ops;

/* ------ net ------ */

/*
 * TCP: messages come out whole and as they were sent, replies arrive as they were
 * committed, limits are kept, and no seat and no descriptor is lost.  The input is
 * a program: somebody connects, sends, ends, reads no more; time passes; a reply is
 * committed.  First for clients of ours (net/tcp), then for upstream servers
 * (net/stream); the third chooses one of them by its first octet.
 */
property property_tcp, property_stream, property_tcp_stream;

/* ------ app ------ */

/*
 * The configuration: what is found has its place in the text, what is accepted is
 * within its limits, and all of it can be freed.  The first part is a file "conf"
 * (and also read as a resolv.conf), the second the command line, an argument a line.
 */
property property_config;

#endif
