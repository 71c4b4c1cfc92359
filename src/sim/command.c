/*
 * command.c -- `ten35 sim`: plays scripts, and storms by chance.
 */
#include "sim/command.h"
#include "app/load.h"
#include "base/output.h"
#include "sim/fnv.h"
#include "sim/storm.h"

#include <stdlib.h>

enum { SCRIPT_MAX = 4 << 20 };

static void show_event(void *self, uint64_t at_ms, const char *line)
{
	char room[16384];
	struct text text = text_init(room, sizeof room);
	uint64_t ms = at_ms - SIM_START_MS;

	(void)self;
	text_format(&text, "%6u.%03u  %s\n", (unsigned)(ms / 1000), (unsigned)(ms % 1000), line);
	output_put(&output_standard, room);
}

static void show_finding(void *self, const struct finding *f)
{
	static char room[1 << 18];
	struct text text = text_init(room, sizeof room);

	(void)self;
	finding_print(f, output_is_coloured(&output_error) ? FORM_COLOURED : FORM_PLAIN, &text);
	output_put(&output_error, room);
}

/* One simulation: memory, and what is printed. */
struct run {
	struct sim *sim;
	struct script *script;
	struct diag diag;
};

static bool begin(struct run *r, bool verbose)
{
	*r = (struct run){ .diag = { .report = show_finding } };
	r->sim = calloc(1, sizeof *r->sim);
	r->script = calloc(1, sizeof *r->script);
	if (!r->sim || !r->script) {
		output_put(&output_error, "ten35: out of memory\n");
		return false;
	}
	sim_init(r->sim, 1);
	if (verbose)
		r->sim->listener = show_event;
	script_init(r->script, r->sim, &r->diag);
	return true;
}

static void end(struct run *r)
{
	if (r->script)
		script_free(r->script);
	if (r->sim)
		sim_free(r->sim);
	free(r->script);
	free(r->sim);
}

/* ------ scripts ------ */

static bool play_file(const char *path, bool verbose)
{
	struct files files = files_system();
	struct file_text text;
	struct run r;
	const char *problem = files.read(files.self, NULL, path, SCRIPT_MAX, &text);

	if (problem) {
		char room[LOG_LINE_MAX];
		struct text line = text_init(room, sizeof room);

		text_format(&line, "%s: %s\n", path, problem);
		output_put(&output_error, room);
		return false;
	}
	bool good = begin(&r, verbose) &&
		    script_play(r.script, path, (struct slice){ text.octets, text.size }) &&
		    script_finish(r.script);
	end(&r);
	files.release(files.self, &text);
	return good;
}

/* ------ storms ------ */

struct weather {
	uint32_t first, last; /* seeds */
	unsigned steps;
	uint64_t queries, replies, ms, trace;
};

static void show_script(const struct storm *storm, uint32_t seed)
{
	char room[128];
	struct text line = text_init(room, sizeof room);

	text_format(&line, "; storm %u\n", seed);
	output_put(&output_standard, room);
	output_put_octets(&output_standard, storm->lines, storm->size);
}

static bool play_storm(struct weather *w, uint32_t seed, bool verbose)
{
	struct storm storm = { .script = NULL };
	struct run r;
	uint8_t octets[8];
	bool good = begin(&r, verbose);

	if (good) {
		storm = storm_init(r.script, chance_seed(seed), NULL);
		good = storm_play(&storm, w->steps);
		w->queries += r.sim->rules.queries;
		w->replies += r.sim->rules.replies;
		w->ms += r.sim->net.now_ms - SIM_START_MS;
		store_u32(octets, (uint32_t)(r.sim->trace >> 32));
		store_u32(octets + 4, (uint32_t)r.sim->trace);
		w->trace = fnv(w->trace, octets, sizeof octets);
	}
	if (!good)
		show_script(&storm, seed);
	storm_free(&storm);
	end(&r);
	return good;
}

static bool play_storms(struct weather *w, bool verbose)
{
	char room[256];
	struct text line = text_init(room, sizeof room);

	for (uint32_t seed = w->first; seed <= w->last; seed++)
		if (!play_storm(w, seed, verbose))
			return false;
	text_format(&line,
		    "%u storms of %u steps: %u queries, %u replies, %u hours, trace %08x%08x\n",
		    (unsigned)(w->last - w->first + 1), w->steps, (unsigned)w->queries,
		    (unsigned)w->replies, (unsigned)(w->ms / 3600000), (unsigned)(w->trace >> 32),
		    (unsigned)w->trace);
	output_put(&output_standard, room);
	return true;
}

/* "7" or "1-1000" */
static bool read_seeds(struct weather *w, const char *text)
{
	uint64_t first, last;

	if (!text_take_number(&text, 10, UINT32_MAX - 1, &first))
		return false;
	last = first;
	if (*text == '-') {
		text++;
		if (!text_take_number(&text, 10, UINT32_MAX - 1, &last))
			return false;
	}
	w->first = (uint32_t)first;
	w->last = (uint32_t)last;
	return *text == '\0' && first <= last;
}

static bool read_steps(struct weather *w, const char *text)
{
	uint64_t steps;

	if (!text_take_number(&text, 10, STORM_STEPS_MAX, &steps) || *text)
		return false;
	w->steps = (unsigned)steps;
	return true;
}

static int usage(void)
{
	output_put(&output_error, "usage: ten35 sim [-v] SCRIPT...\n"
				  "       ten35 sim [-v] [--steps N] --storms SEED[-SEED]\n");
	return 2;
}

int sim_command(int argc, char **argv)
{
	struct weather w = { .steps = STORM_STEPS };
	bool verbose = false, good = true, has_storms = false;
	int count = 0;

	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "-v") == 0) {
			verbose = true;
		} else if (strcmp(argv[i], "--steps") == 0 && i + 1 < argc) {
			if (!read_steps(&w, argv[++i]))
				return usage();
		} else if (strcmp(argv[i], "--storms") == 0 && i + 1 < argc) {
			if (!read_seeds(&w, argv[++i]))
				return usage();
			has_storms = true;
		} else if (argv[i][0] == '-') {
			return usage();
		} else {
			good &= play_file(argv[i], verbose);
			count++;
		}
	}
	if (count == 0 && !has_storms)
		return usage();
	if (has_storms)
		good &= play_storms(&w, verbose);
	return good ? 0 : 1;
}
