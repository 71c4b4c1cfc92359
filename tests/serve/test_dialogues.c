/*
 * test_dialogues.c -- plays every script of tests/dialogues, each a test of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <string.h>

#include "support/dialogue.h"

enum { DIALOGUES = 200 };

static void play(void **state)
{
	dialogue_run(*state);
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
