/*
 * What a broken promise does: it says which one, and the process ends.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/assert.h"

/* What a process says that breaks a promise, and how it ends; it has no stderr when told so. */
static const char *last_words(bool has_stderr, void (*on_abort)(int), int *how)
{
	static char text[256];
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0) {
		struct rlimit no_core = { 0, 0 };

		setrlimit(RLIMIT_CORE, &no_core);
		signal(SIGABRT, on_abort); /* not cmocka's handler */
		dup2(ends[1], STDERR_FILENO);
		if (!has_stderr)
			close(STDERR_FILENO);
		assert_failed("a.c:1: x\n");
	}
	close(ends[1]);
	size_t used = 0;
	ssize_t n;
	while ((n = read(ends[0], text + used, sizeof text - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(child, how, 0), child);
	return text;
}

static void a_broken_promise_is_named_and_ends_the_process(void **state)
{
	int how;

	(void)state;
	assert_string_equal(last_words(true, SIG_DFL, &how), "broken: a.c:1: x\n");
	assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGABRT);
}

static void also_where_nobody_hears_it(void **state)
{
	int how;

	(void)state;
	assert_string_equal(last_words(false, SIG_DFL, &how), "");
	assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGABRT);
}

static void and_where_the_signal_is_ignored(void **state)
{
	int how;

	(void)state;
	assert_string_equal(last_words(true, SIG_IGN, &how), "broken: a.c:1: x\n");
	assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 128 + SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_broken_promise_is_named_and_ends_the_process),
		cmocka_unit_test(also_where_nobody_hears_it),
		cmocka_unit_test(and_where_the_signal_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
