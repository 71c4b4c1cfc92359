/*
 * fuzz_script.c -- a script of the simulator (docs/simulator.md), whatever it says, is
 * played to its end or refused, and the same is sent when it is played again.
 *
 * The scripts of tests/dialogues are its corpus: the whole server from there on.
 */
#include "fuzz.h"
#include "sim/script.h"

#include <sys/mman.h>

/* Zeroed, and without a cost for what is not touched. */
static void *get(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	PROPERTY(at != MAP_FAILED);
	return at;
}

static uint64_t trace_of(struct slice text, bool *is_good)
{
	struct sim *sim = get(sizeof *sim);
	struct script *script = get(sizeof *script);
	struct diag diag = { .errors = 0 };

	sim_init(sim, 1);
	script_init(script, sim, &diag);
	*is_good = script_play(script, "script", text) && script_finish(script);
	uint64_t trace = sim->trace;
	script_free(script);
	sim_free(sim);
	munmap(script, sizeof *script);
	munmap(sim, sizeof *sim);
	return trace;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	const struct slice text = { octets, size };
	bool first, second;
	uint64_t trace = trace_of(text, &first);

	PROPERTY(trace_of(text, &second) == trace && second == first);
	return 0;
}
