/*
 * storm.h -- everything at once, by chance: clients, strangers and attackers, a
 * network that loses and doubles, upstream servers that fail, calls that fail,
 * clocks that jump, zones that change.
 *
 * Chance only writes lines; the player of scripts (sim/script.h) does what they
 * say.  So what a storm did can be played again from its lines, and a seed or a
 * fuzzer's octets become a script that a person can read and shorten.
 *
 * When it is over all faults end, and ten seconds later every name is answered
 * as if nothing had been.
 */
#ifndef SIM_STORM_H
#define SIM_STORM_H

#include "sim/script.h"

enum { STORM_STEPS = 200, STORM_STEPS_MAX = 20000 };

struct storm {
	struct script *script;
	struct chance chance;
	const struct host_memory *memory; /* NULL: it does not end */
	unsigned version;                 /* of the zone, as the script last wrote it */
	/* All lines, to be played again. */
	char *lines;
	size_t size, room;
};

/* A storm that chance decides; `memory` is kept, and may be NULL. */
struct storm storm_init(struct script *script, struct chance chance,
			const struct host_memory *memory);

/*
 * Plays a storm of so many steps, or until the chances are over.  False when a rule
 * was broken, or service did not come back: that is in the script's diag, and
 * storm->lines[0..size) play it again.  storm_free() is needed in both cases.
 */
MUST_USE bool storm_play(struct storm *storm, unsigned steps);
void storm_free(struct storm *storm);

#endif
