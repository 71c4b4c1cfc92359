/*
 * The log: levels, lines, what becomes of those that nobody reads, the limit on
 * repeated complaints, and the line that is drawn on a terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"

static int saved_stderr, pipe_ends[2];
static char got[1 << 18];

/* From here on stderr is a pipe that nobody reads until got_lines(). */
static void begin(enum log_level level)
{
	assert_int_equal(pipe2(pipe_ends, O_NONBLOCK), 0);
	fflush(stderr);
	saved_stderr = dup(STDERR_FILENO);
	dup2(pipe_ends[1], STDERR_FILENO);
	close(pipe_ends[1]);
	log_open(LOG_TO_STDERR, level);
}

static const char *lines_so_far(void)
{
	size_t used = 0;
	ssize_t n;

	while ((n = read(pipe_ends[0], got + used, sizeof got - 1 - used)) > 0)
		used += (size_t)n;
	got[used] = '\0';
	return got;
}

static const char *end(void)
{
	const char *lines = lines_so_far();

	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	close(pipe_ends[0]);
	return lines;
}

static void lines_up_to_the_level_are_written(void **state)
{
	static const char *const lines[] = { "ten35: error 1\n", "ten35: warning 2\n",
					     "ten35: notice 3\n", "ten35: info 4\n",
					     "ten35: debug 5\n" };
	(void)state;
	unsetenv("JOURNAL_STREAM");
	for (enum log_level level = LEVEL_ERROR; level <= LEVEL_DEBUG; level++) {
		char expect[200] = "";

		begin(level);
		log_write(LEVEL_ERROR, "error %d", 1);
		log_write(LEVEL_WARNING, "warning %d", 2);
		log_write(LEVEL_NOTICE, "notice %d", 3);
		log_write(LEVEL_INFO, "info %d", 4);
		log_write(LEVEL_DEBUG, "debug %d", 5);
		for (enum log_level l = LEVEL_ERROR; l <= level; l++)
			strcat(expect, lines[l]);
		const char *is = end();
		assert_string_equal(is, expect);
	}
}

/* sd-daemon's prefix: the severities of RFC 5424 section 6.2.1. */
static void the_journal_gets_priorities(void **state)
{
	(void)state;
	setenv("JOURNAL_STREAM", "8:1", 1);
	begin(LEVEL_DEBUG);
	log_write(LEVEL_ERROR, "e");
	log_write(LEVEL_WARNING, "w");
	log_write(LEVEL_NOTICE, "n");
	log_write(LEVEL_INFO, "i");
	log_write(LEVEL_DEBUG, "d");
	log_text(LEVEL_ERROR, "a\nb\n");
	const char *is = end();
	unsetenv("JOURNAL_STREAM");
	assert_string_equal(is, "<3>ten35: e\n<4>ten35: w\n<5>ten35: n\n<6>ten35: i\n<7>ten35: d\n"
				"<3>a\n<3>b\n");
}

static void a_text_of_several_lines_is_written_as_it_is(void **state)
{
	static const struct {
		const char *name, *text, *expect;
	} cases[] = {
		{ "two lines", "z:1:2: error: x\n    1 | y\n", "z:1:2: error: x\n    1 | y\n" },
		{ "without a line's end at the end", "a\nb", "a\nb\n" },
		{ "an empty line stays", "a\n\nb\n", "a\n\nb\n" },
		{ "nothing is nothing", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin(LEVEL_NOTICE);
		log_text(LEVEL_NOTICE, cases[i].text);
		log_text(LEVEL_INFO, "not this");
		const char *is = end();
		if (strcmp(is, cases[i].expect) != 0)
			fail_msg("%s: %s", cases[i].name, is);
	}
}

static void a_long_line_is_cut_and_still_a_line(void **state)
{
	static char text[5000];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	begin(LEVEL_NOTICE);
	log_write(LEVEL_NOTICE, "%s", text);
	log_text(LEVEL_NOTICE, text);
	log_write(LEVEL_NOTICE, "next");
	const char *is = end();
	size_t first = strcspn(is, "\n"), second = strcspn(is + first + 1, "\n");
	assert_in_range(first, 1000, LOG_LINE_MAX + 64);
	assert_in_range(second, 1000, LOG_LINE_MAX + 64);
	assert_string_equal(is + first + second + 2, "ten35: next\n");
}

/* The pipe is full and nobody reads: the test would stand still if a write waited. */
static void lost_lines_cost_no_time_and_are_told_of(void **state)
{
	enum { LINES = 20000 };
	unsigned written = 0, lost = 0;

	(void)state;
	begin(LEVEL_NOTICE);
	fcntl(STDERR_FILENO, F_SETFL, 0); /* a write to it would block */
	for (unsigned i = 0; i < LINES; i++)
		log_write(LEVEL_NOTICE, "line %u and some more octets to fill the pipe", i);
	for (const char *p = lines_so_far(); *p; p = strchr(p, '\n') + 1) {
		assert_true(strncmp(p, "ten35: line ", 12) == 0); /* whole lines only */
		written++;
	}
	assert_in_range(written, 1, LINES - 1);
	log_write(LEVEL_NOTICE, "room again");
	log_write(LEVEL_NOTICE, "and nothing lost since");
	const char *is = end();
	assert_int_equal(sscanf(is, "ten35: %u log lines lost\n", &lost), 1);
	assert_int_equal(written + lost, LINES);
	is = strchr(is, '\n') + 1;
	assert_string_equal(is, "ten35: room again\nten35: and nothing lost since\n");
}

static void nobody_at_the_other_end_is_no_harm(void **state)
{
	(void)state;
	int closed = dup(STDERR_FILENO);
	close(STDERR_FILENO);
	log_open(LOG_TO_STDERR, LEVEL_NOTICE);
	log_write(LEVEL_ERROR, "to nobody");
	log_text(LEVEL_ERROR, "to\nnobody\n");
	dup2(closed, STDERR_FILENO);
	close(closed);
	begin(LEVEL_NOTICE);
	log_write(LEVEL_NOTICE, "x");
	assert_string_equal(end(), "ten35: 3 log lines lost\nten35: x\n");
}

static void a_complaint_is_let_through_once_in_an_interval(void **state)
{
	static const struct {
		uint64_t now_ms;
		bool allowed;
		unsigned suppressed;
	} steps[] = {
		{ 0, true, 0 },      { 0, false, 0 },    { 9999, false, 0 }, { 10000, true, 2 },
		{ 10001, false, 0 }, { 50000, true, 1 }, { 60000, true, 0 }, { 60000, false, 0 },
	};
	struct log_limit limit = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		unsigned suppressed = 99;

		if (log_allowed(&limit, steps[i].now_ms, 10000, &suppressed) != steps[i].allowed)
			fail_msg("step %zu", i);
		if (steps[i].allowed)
			assert_int_equal(suppressed, steps[i].suppressed);
	}
}

/* ------ on a terminal ------ */

/* From here on stderr is a terminal of so many columns, 0: of unknown width. */
static void begin_on_terminal(const char *name, unsigned short columns, enum log_target target)
{
	struct winsize size = { .ws_row = 24, .ws_col = columns };
	int ours = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);

	assert_true(ours >= 0 && grantpt(ours) == 0 && unlockpt(ours) == 0);
	pipe_ends[0] = ours;
	int theirs = open(ptsname(ours), O_RDWR | O_NOCTTY);
	assert_int_equal(ioctl(theirs, TIOCSWINSZ, &size), 0);
	fflush(stderr);
	saved_stderr = dup(STDERR_FILENO);
	dup2(theirs, STDERR_FILENO);
	close(theirs);
	setenv("TERM", name, 1);
	log_open(target, LEVEL_NOTICE);
}

static void a_line_is_drawn_anew_on_a_terminal(void **state)
{
	(void)state;
	begin_on_terminal("xterm", 20, LOG_TO_STDERR);
	log_draw("half");
	log_draw("all");
	log_draw("");
	assert_string_equal(end(), "half\033[K\rall\033[K\r\033[K\r");
}

/* The next one begins where the drawn line stands, and what is left of that is erased. */
static void a_line_of_the_log_takes_the_place_of_a_drawn_one(void **state)
{
	(void)state;
	begin_on_terminal("xterm", 80, LOG_TO_STDERR);
	log_draw("a long line of progress");
	log_write(LEVEL_NOTICE, "x");
	log_text(LEVEL_NOTICE, "y\nz\n");
	assert_string_equal(end(), "a long line of progress\033[K\r\033[Kten35: x\r\n"
				   "\033[Ky\r\n\033[Kz\r\n");
}

static void a_drawn_line_stays_in_its_row(void **state)
{
	char hundred[101] = "";

	(void)state;
	memset(hundred, 'x', 100);
	begin_on_terminal("xterm", 40, LOG_TO_STDERR);
	log_draw(hundred);
	assert_int_equal(strcspn(end(), "\033"), 39);
	begin_on_terminal("xterm", 0, LOG_TO_STDERR);
	log_draw(hundred);
	assert_int_equal(strcspn(end(), "\033"), 79);
}

static void nothing_is_drawn_elsewhere(void **state)
{
	(void)state;
	setenv("TERM", "xterm", 1);
	begin(LEVEL_NOTICE);
	log_draw("x");
	log_draw("");
	log_write(LEVEL_NOTICE, "in a pipe");
	assert_string_equal(end(), "ten35: in a pipe\n");
	begin_on_terminal("dumb", 80, LOG_TO_STDERR);
	log_draw("x");
	log_draw("");
	log_write(LEVEL_NOTICE, "dumb");
	assert_string_equal(end(), "ten35: dumb\r\n");
	begin_on_terminal("xterm", 80, LOG_TO_SYSLOG);
	log_draw("x");
	log_draw("");
	assert_string_equal(end(), "");
	log_open(LOG_TO_STDERR, LEVEL_NOTICE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_up_to_the_level_are_written),
		cmocka_unit_test(the_journal_gets_priorities),
		cmocka_unit_test(a_text_of_several_lines_is_written_as_it_is),
		cmocka_unit_test(a_long_line_is_cut_and_still_a_line),
		cmocka_unit_test(lost_lines_cost_no_time_and_are_told_of),
		cmocka_unit_test(nobody_at_the_other_end_is_no_harm),
		cmocka_unit_test(a_complaint_is_let_through_once_in_an_interval),
		cmocka_unit_test(a_line_is_drawn_anew_on_a_terminal),
		cmocka_unit_test(a_line_of_the_log_takes_the_place_of_a_drawn_one),
		cmocka_unit_test(a_drawn_line_stays_in_its_row),
		cmocka_unit_test(nothing_is_drawn_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
