/*
 * answer.h -- fills the sections of a reply from the zones (RFC 1034 §4.3.2).
 */
#ifndef SERVE_ANSWER_H
#define SERVE_ANSWER_H

#include "dns/edns.h"
#include "zone/catalog.h"

enum { ANSWER_MAX_CHAIN = 16 /* CNAMEs and DNAMEs followed for one question */ };

enum answer_style {
	STYLE_FULL,    /* NS of the zone and addresses with every answer */
	STYLE_MINIMAL, /* only what was asked for, and what a referral needs */
};

/* What the header and OPT have to say about the sections. */
struct answered {
	unsigned rcode;
	uint16_t flags; /* FLAG_AA, FLAG_TC */
	enum ede ede;
	const char *ede_text;
	bool outside; /* no zone of ours has the question's name: nothing was written */
};

/*
 * Writes answer, authority and additional section for a question of class IN
 * behind the question in m.  Space for OPT has to be kept free by the caller.
 */
struct answered answer_question(const struct catalog *zones, enum answer_style style,
				const struct question *q, struct message *m);

#endif
