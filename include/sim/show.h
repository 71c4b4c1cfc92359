/*
 * show.h -- a DNS message as text, one line a record.
 *
 *	NOERROR aa rd                       response code, then flags but QR
 *	an www.example. 300 A 192.0.2.1     answer (ns, ar: the other sections)
 *	opt 1232 do ede=20:"text"           what OPT says
 *
 * RDATA is printed as in a zone file.  A message that cannot be read says so in
 * its last line.
 */
#ifndef SIM_SHOW_H
#define SIM_SHOW_H

#include "base/text.h"

/* Appends all of it; each line but the first begins with `indent`. */
void show_message(struct slice message, const char *indent, struct text *out);

/* "www.example. A", the first question; "?" when there is none that can be read. */
void show_question(struct slice message, struct text *out);

#endif
