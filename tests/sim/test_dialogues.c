/*
 * test_dialogues.c -- plays every script of tests/dialogues, each a test of its own.
 *
 * Whatever a server says in them is also read by a second reader of messages,
 * written apart from the program's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "sim/script.h"
#include "support/print.h"

enum { DIALOGUES = 200, SCRIPT_MAX = 1 << 20 };

static char said[1 << 17];

static void hear(void *self, const struct finding *f)
{
	struct text text = text_init(said, sizeof said);

	(void)self;
	finding_print(f, FORM_PLAIN, &text);
}

static void inspect(void *self, struct slice reply)
{
	const struct printed *p = print_reply(reply.octets, reply.size);

	(void)self;
	if (p->problem)
		fail_msg("a reply that cannot be read: %s\n%s", p->problem, p->text);
}

static void play(void **state)
{
	struct sim *sim = calloc(1, sizeof *sim);
	struct script *script = calloc(1, sizeof *script);
	struct diag diag = { .report = hear };
	struct files files = files_system();
	struct file_text text;

	assert_true(sim && script);
	assert_null(files.read(files.self, NULL, *state, SCRIPT_MAX, &text));
	sim_init(sim, 1);
	sim->inspect = inspect;
	script_init(script, sim, &diag);
	if (!script_play(script, *state, (struct slice){ text.octets, text.size }) ||
	    !script_finish(script))
		fail_msg("%s", said);
	script_free(script);
	sim_free(sim);
	files.release(files.self, &text);
	free(script);
	free(sim);
}

int main(int argc, char **argv)
{
	static struct CMUnitTest tests[DIALOGUES];
	size_t count = 0;
	glob_t found;

	if (glob(TEN35_SOURCE "/tests/dialogues/*.dialogue", 0, NULL, &found) != 0)
		return 1;
	for (size_t i = 0; i < found.gl_pathc && count < DIALOGUES; i++)
		if (argc < 2 || strstr(found.gl_pathv[i], argv[1]))
			tests[count++] = (struct CMUnitTest){
				.name = strrchr(found.gl_pathv[i], '/') + 1,
				.test_func = play,
				.initial_state = found.gl_pathv[i],
			};
	int failed = _cmocka_run_group_tests("dialogues", tests, count, NULL, NULL);
	globfree(&found);
	return failed || count == 0;
}
