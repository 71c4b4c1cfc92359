/*
 * answer.h -- fills the sections of a reply (RFC 1034 §4.3.2): from the zones,
 * and for names that no zone has from what upstream servers have said.
 */
#ifndef SERVE_ANSWER_H
#define SERVE_ANSWER_H

#include "dns/edns.h"
#include "serve/elsewhere.h"
#include "serve/kept.h"
#include "zone/catalog.h"
#include "zone/pointers.h"

enum { ANSWER_MAX_CHAIN = 16 /* CNAMEs and DNAMEs followed for one question */ };

enum answer_style {
	STYLE_FULL,    /* NS of the zone and addresses with every answer */
	STYLE_MINIMAL, /* only what was asked for, and what a referral needs */
};

/* Where answers come from. */
struct answer_source {
	const struct catalog *zones;
	enum answer_style style;
	const struct routes
		*routes; /* where names are answered; NULL: in zones only, and nobody is asked */
	struct elsewhere *elsewhere;     /* NULL: nobody else is asked for this client */
	const struct pointers *pointers; /* NULL: none */
	bool is_friend;                  /* the client may have more than zones say */
	uint32_t views;                  /* that the client belongs to (zone/image.h) */
	struct kept *kept;               /* referrals that were given before; NULL: none */
	/* Room for one.  Ready for the question's name, by the key of zones, if it has its octets. */
	struct probe *probe;
};

enum answer_lack {
	LACK_NOTHING,
	LACK_ZONE,   /* no zone of ours has the question's name, and nobody is to be asked */
	LACK_ANSWER, /* elsewhere->wanted has to be asked upstream; what was written is of no use */
	LACK_FRESH,  /* all is there, but elsewhere->wanted will soon be over: ask it anew */
};

/* What the header and OPT have to say about the sections. */
struct answered {
	unsigned rcode;
	uint16_t flags; /* FLAG_AA, FLAG_TC, FLAG_AD */
	enum ede ede;
	const char *ede_text;
	enum answer_lack lack;
	bool is_local; /* everything came from zones */
};

/*
 * Writes answer, authority and additional section for a question of class IN
 * behind the question in m.  Space for OPT has to be kept free by the caller.
 */
struct answered answer_question(const struct answer_source *source, const struct question *q,
				struct message *m);

/* What the referral of a delegation is kept under (serve/kept.h): the place of its node. */
void referral_key(struct kept_key *key, const void *node);

#endif
