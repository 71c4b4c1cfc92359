/*
 * fuzz_server.c -- the whole server: octets decide who asks what, what upstream
 * servers and attackers say, when time passes, which calls and allocations fail,
 * and when the zone changes.  The rules of sim/rules.h hold after each step, and
 * service comes back when it is over.
 */
#include "fuzz.h"
#include "sim/storm.h"
#include "support/failing_memory.h"

#include <sys/mman.h>

enum { STEPS = 100 };

static const struct host_memory memory = { memory_fails_once_at, memory_recovers };

static void show(void *self, const struct finding *f)
{
	char room[DIAG_FINDING_SIZE];
	struct text text = text_init(room, sizeof room);

	(void)self;
	finding_print(f, FORM_PLAIN, &text);
	fputs(room, stderr);
}

/* Zeroed, and without a cost for what is not touched. */
static void *get(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	PROPERTY(at != MAP_FAILED);
	return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	struct sim *sim = get(sizeof *sim);
	struct script *script = get(sizeof *script);
	struct diag diag = { .report = show };

	sim_init(sim, 1);
	script_init(script, sim, &diag);
	struct storm storm =
		storm_init(script, chance_octets((struct slice){ octets, size }), &memory);
	bool ends_well = storm_play(&storm, STEPS);
	if (!ends_well) /* ten35 sim plays this again */
		fwrite(storm.lines, 1, storm.size, stderr);
	PROPERTY(ends_well);
	storm_free(&storm);
	script_free(script);
	sim_free(sim);
	munmap(script, sizeof *script);
	munmap(sim, sizeof *sim);
	return 0;
}
