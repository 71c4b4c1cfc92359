/*
 * answering.h -- an answer in the making, seen from inside: for
 * src/serve/answer*.c only.
 *
 *	answer.c            the loop: where is this name, and what is next?
 *	answer_zone.c       a name that a zone of ours has
 *	answer_referral.c   a name that a zone of ours has delegated
 *	answer_elsewhere.c  a name that none has
 *	answer_pointer.c    the name of an address that a zone holds
 */
#ifndef SERVE_ANSWERING_H
#define SERVE_ANSWERING_H

#include "dns/rrtype.h"
#include "serve/answer.h"
#include "serve/record.h"

enum { MAX_EXTRAS = 8 /* RRsets whose names get their addresses added */ };

/* What one look at a zone has led to. */
enum step { STEP_DONE, STEP_FOLLOW };

struct answer {
	const struct answer_source *source;
	const struct question *q;
	struct message *m;
	struct answered out;

	struct probe *probe;       /* of the name looked for now */
	struct owner owner;        /* the same in the message */
	const struct image *z;     /* the zone that has it */
	const struct rrset *given; /* what was asked for, when it is in the answer section */
	unsigned chain;            /* aliases followed so far */
	bool is_public;            /* one of them was anybody's to make */
	struct {
		const struct rrset *alias;
		struct name owner;
	} seen[ANSWER_MAX_CHAIN];
	/* Targets that no image holds; the message's compression borrows them to the end. */
	struct name_buf made[ANSWER_MAX_CHAIN + 1];

	struct {
		const struct image *z;
		const struct rrset *set;
	} extras[MAX_EXTRAS];
	unsigned extra_count;
};

/* Looks for the current name in the zone a->z. */
enum step look_in_zone(struct answer *a);

/*
 * Answers the name of an address that our zones hold, and of what begins such
 * an address: true.  The place has no record for it: a zone that lacks the
 * name, or no zone at all.
 */
bool look_for_pointer(struct answer *a, const struct place *place);

/* Looks for it where it is answered, which is no zone. */
enum step look_elsewhere(struct answer *a, const struct place *place);

/* RFC 1034 §4.3.2 step 3b: the name lies in a delegated zone, and we know who knows. */
void put_referral(struct answer *a, const struct node *cut, unsigned depth);

/*
 * An ancestor of the name looked for, with so many labels.  Where the name
 * stands in the message in full (the question does), so does its ancestor.
 */
struct owner ancestor(const struct answer *a, unsigned depth);

/* A name that RDATA refers to: the first reference of an item whose type adds addresses. */
const struct stored_name *item_target(const struct image *z, const struct rrset *set,
				      struct slice item);

/* Addresses of a name that is in the zone; false when one does not fit. */
bool put_addresses(struct answer *a, const struct image *z, const struct stored_name *name);

/* RFC 2308 §2: the SOA of the zone a->z, for a "no". */
void put_soa(struct answer *a);

/* Adds the addresses of names in what has been written: the last step. */
void put_extras(struct answer *a);

/* RFC 4035 §3.1.4.1: DS is the parent's, also where the child is served here. */
static inline bool is_parents(const struct answer *a)
{
	return a->q->type == TYPE_DS && a->probe->labels > 0;
}

/* Has this alias answered for this name before?  Then the chain is a loop. */
bool was_seen(const struct answer *a, const struct rrset *alias);

/* Goes on with another name; needs a chain that may still grow. */
enum step follow(struct answer *a, const struct rrset *alias, struct name target);

/* Ends the answer with SERVFAIL and a reason. */
enum step give_up(struct answer *a, enum ede ede, const char *text);

#endif
