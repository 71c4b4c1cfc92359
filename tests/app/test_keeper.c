/*
 * test_keeper.c -- who asks the keeper, and what becomes of answers that are late.
 *
 * The source is taken in whole: the test plays the process at the other end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>

#include "../../src/app/keeper.c"

static const char a_file[] = "/proc/self/status";
static const char *path = a_file;

enum { NOTHING = 9 }; /* no errand */

/* A keeper that answers what it is asked, but for the errands of one kind. */
static pid_t play(struct keeper *k, unsigned silent_at)
{
	struct keeper_question q;
	int ends[2], file;

	*k = (struct keeper){ .channels = { -1, -1 }, .below = files_system() };
	k->paths[k->path_count++] = path;
	assert_int_equal(channel_open(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		for (;;) {
			struct pollfd fd = { .fd = ends[1], .events = POLLIN };

			poll(&fd, 1, -1);
			if (channel_receive(ends[1], &q, sizeof q, &file) <= 0)
				_exit(0);
			if (q.what != silent_at)
				answer(k, ends[1], &q);
		}
	}
	close(ends[1]);
	k->channels[KEEPER_READER] = ends[0];
	k->side = KEEPER_READER;
	return pid;
}

static void end(struct keeper *k, pid_t pid)
{
	int status;

	keeper_close(k);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_path_of_the_list_is_opened_and_looked_at(void **state)
{
	struct keeper k;
	pid_t pid = play(&k, NOTHING);
	struct file_id id = { 0 };
	int file;

	(void)state;
	assert_int_equal(open_kept(&k, NULL, path, &file), THERE);
	assert_true(file >= 0);
	close(file);
	assert_true(kept_identify(&k, path, &id));
	assert_int_not_equal(id.inode, 0);
	assert_int_equal(open_kept(&k, NULL, "/etc/passwd", &file), NOT_THERE);
	/* An $INCLUDE is no business of it. */
	assert_int_equal(open_kept(&k, "/proc/self", path, &file), NOT_THERE);
	assert_int_equal(file, -1);
	assert_int_equal(k.serial, 2);
	end(&k, pid);
}

/* Else its names would be gone until it changes. */
static void a_file_that_was_not_opened_in_time_has_not_been_seen(void **state)
{
	struct keeper k;
	pid_t pid = play(&k, OPEN);
	struct file_text text;
	struct file_id id;
	int file;

	(void)state;
	assert_int_equal(open_kept(&k, NULL, path, &file), LATE);
	assert_ptr_equal(kept_read(&k, NULL, path, 100, &text), file_late);
	assert_false(kept_identify(&k, path, &id));
	end(&k, pid);
}

/* Else it would be read again and again: a folder, say. */
static void a_file_that_cannot_be_opened_has_been_seen(void **state)
{
	struct keeper k;
	struct file_id id;
	int file;

	(void)state;
	path = "/proc/self/fd";
	pid_t pid = play(&k, NOTHING);
	assert_int_equal(open_kept(&k, NULL, path, &file), NOT_THERE);
	assert_true(kept_identify(&k, path, &id));
	end(&k, pid);
	path = a_file;
}

/* It may end between a question and its answer: then the question was never read. */
static void a_keeper_that_ends_at_a_question_is_gone(void **state)
{
	struct keeper k;
	pid_t pid = play(&k, NOTHING);
	struct file_text text;
	int status;

	(void)state;
	kill(pid, SIGSTOP);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	pid_t killer = fork();
	if (killer == 0) {
		poll(NULL, 0, 100); /* by now the question is asked */
		kill(pid, SIGKILL);
		_exit(0);
	}
	assert_ptr_equal(kept_read(&k, NULL, path, 100, &text), file_no_answer);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(waitpid(killer, &status, 0), killer);
	keeper_close(&k);
}

/* What was read stays what it is: nothing changes any more that anybody could see. */
static void without_a_keeper_files_stay_as_they_were_known(void **state)
{
	struct keeper k;
	pid_t pid = play(&k, NOTHING);
	struct file_id before, after;
	struct file_text text;
	int status;

	(void)state;
	assert_true(kept_identify(&k, path, &before));
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(kept_identify(&k, path, &after));
	assert_true(file_id_equal(&before, &after));
	assert_ptr_equal(kept_read(&k, NULL, path, 100, &text), file_no_answer);
	assert_true(k.gone);
	/* Other paths are nobody's but the reader's own. */
	assert_true(kept_identify(&k, "/etc/passwd", &after));
	keeper_close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_of_the_list_is_opened_and_looked_at),
		cmocka_unit_test(a_file_that_cannot_be_opened_has_been_seen),
		cmocka_unit_test(a_keeper_that_ends_at_a_question_is_gone),
		cmocka_unit_test(without_a_keeper_files_stay_as_they_were_known),
		cmocka_unit_test(a_file_that_was_not_opened_in_time_has_not_been_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
