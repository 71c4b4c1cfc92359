/*
 * forgery.h -- answers of attackers: like the right one, but for one thing.
 *
 * The id, the letters of the name, the port, the server or the type is wrong; what
 * they would have believed is the address of rules_poison (sim/rules.h).
 */
#ifndef SIM_FORGERY_H
#define SIM_FORGERY_H

#include "sim/sim.h"

/*
 * Appends a line for a script (sim/script.h) that sends such an answer to a packet that
 * was seen; chance decides what is wrong.  False when no packet was seen yet.
 */
bool forgery_put(const struct sim_asked *seen, struct chance *chance, struct text *out);

#endif
