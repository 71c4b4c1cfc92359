/*
 * compose.h -- DNS messages from words: what a script's clients ask and its
 * upstream servers say.
 *
 *	query     NAME TYPE [CLASS], then any of
 *	          edns[=SIZE] do version=N nsid cookie=HEX option=CODE:HEX
 *	          norec aa tc ra z ad cd opcode=N id=N
 *	response  RCODE, then any of  aa tc ra ad cd ede=N  and what is odd:
 *	          id+1 id-1 lowercase noquestion asked=NAME/TYPE query cut=N
 *	record    SECTION OWNER TTL TYPE RDATA, or hex:... as RDATA
 *	          many OWNER TTL N: so many addresses in the answer section
 */
#ifndef SIM_COMPOSE_H
#define SIM_COMPOSE_H

#include "base/word.h"
#include "dns/message.h"

/* What the words of a query say besides. */
struct compose_query {
	uint16_t id;
	bool tcp; /* the word "tcp" is for the caller */
};

/*
 * Makes a query of words; those that it does not know stay in in->problem.
 * The size, 0 when something is wrong.
 */
size_t compose_query(struct words *in, struct compose_query *what, uint8_t *out, size_t room);

/* A response under construction: begin, records, end. */
struct compose_response {
	struct message m;
	/* The message borrows its names: those that it still knows, and room for one more. */
	struct name_buf owners[COMPRESS_ENTRIES + 1];
	uint8_t owner_count;
	uint16_t id, flags;
	unsigned rcode;
	int ede;    /* -1: none */
	long cut;   /* octets that are left of it; -1: all */
	bool twice; /* for the caller: it is sent two times */
	bool has_opt;
};

/* Begins the response to a query.  False with in->problem. */
MUST_USE bool compose_begin(struct compose_response *c, struct slice query, struct words *in,
			    uint8_t *out, size_t room);

/* Adds what a line says.  False with in->problem. */
MUST_USE bool compose_record(struct compose_response *c, struct words *in);

/* The size of it all. */
size_t compose_end(struct compose_response *c);

#endif
