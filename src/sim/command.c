/*
 * command.c -- `ten35 sim`: plays scripts.
 */
#include "sim/command.h"
#include "app/load.h"
#include "base/output.h"
#include "sim/script.h"

#include <stdlib.h>
#include <sys/mman.h>

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

static bool play(const char *path, struct slice text, bool verbose)
{
	struct sim *sim = calloc(1, sizeof *sim);
	struct script *script = calloc(1, sizeof *script);
	struct diag diag = { .report = show_finding };
	bool good = false;

	if (sim && script) {
		sim_init(sim, 1);
		if (verbose)
			sim->listener = show_event;
		script_init(script, sim, &diag);
		good = script_play(script, path, text) && script_finish(script);
		script_free(script);
		sim_free(sim);
	}
	free(script);
	free(sim);
	return good;
}

static bool play_file(const char *path, bool verbose)
{
	struct files files = files_system();
	struct file_text text;
	const char *problem = files.read(files.self, NULL, path, SCRIPT_MAX, &text);

	if (problem) {
		output_put(&output_error, path);
		output_put(&output_error, ": ");
		output_put(&output_error, problem);
		output_put(&output_error, "\n");
		return false;
	}
	bool good = play(path, (struct slice){ text.octets, text.size }, verbose);
	files.release(files.self, &text);
	return good;
}

int sim_command(int argc, char **argv)
{
	bool verbose = false, good = true;
	int count = 0;

	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "-v") == 0) {
			verbose = true;
			continue;
		}
		good &= play_file(argv[i], verbose);
		count++;
	}
	if (count == 0) {
		output_put(&output_error, "usage: ten35 sim [-v] SCRIPT...\n");
		return 2;
	}
	return good ? 0 : 1;
}
