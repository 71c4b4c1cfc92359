/*
 * script.h -- plays what is written down: who asks whom, what is said, and what
 * has to be heard.
 *
 * One line is one event; indented lines belong to the line above.  What does not
 * come about as it is written is an error with its place, as in any other text of
 * ours.  docs/simulator.md tells the language.
 */
#ifndef SIM_SCRIPT_H
#define SIM_SCRIPT_H

#include "base/diag.h"
#include "base/word.h"
#include "sim/sim.h"

enum {
	SCRIPT_WORDS = 256,
	SCRIPT_LABELS = 32,
	SCRIPT_PACKET = 1024,
	SCRIPT_CONFIG = 65536,
	SCRIPT_ENTRY = 1 << 20, /* octets of the indented lines of one entry */
};

/* What an upstream server was sent. */
struct script_packet {
	struct address from, to;
	bool tcp;
	size_t size; /* 0: nothing */
	uint8_t octets[SCRIPT_PACKET];
};

struct script_label {
	char text[32];
	struct script_packet packet;
};

/* A server that the script sets up: directives collect until something happens. */
struct script_server {
	struct host *host;
	struct text config;
	bool has_root;  /* it was told whom to ask for everything */
	bool is_behind; /* the server runs with an older configuration */
	char room[SCRIPT_CONFIG];
};

/* One line with its words. */
struct script_line {
	struct slice whole;
	struct words words;
	struct word room[SCRIPT_WORDS];
};

struct script {
	struct sim *sim;
	struct diag *diag;
	struct source source; /* the text that is being played */
	struct slice rest;    /* of it */
	struct script_line line;
	struct script_server *servers[SIM_HOSTS];
	size_t server_count, server;              /* the one that directives are for */
	struct address ups[SIM_PEERS + 1];        /* upstream servers by number, from 1 */
	struct script_packet last[SIM_PEERS + 1]; /* what each was sent last */
	size_t up_count;
	struct script_label labels[SCRIPT_LABELS];
	size_t label_count;
};

/* Nothing set up yet.  Needs: *s is zero; keeps both. */
void script_init(struct script *s, struct sim *sim, struct diag *diag);
void script_free(struct script *s);

/*
 * Plays a text, after what was played before.  False at the first line that does
 * not come about, or when a rule is broken (sim/rules.h): that is in the diag.
 */
MUST_USE bool script_play(struct script *s, const char *path, struct slice text);

/* The end of a scripted run: nothing may be left that nobody looked at. */
MUST_USE bool script_finish(struct script *s);

#endif
