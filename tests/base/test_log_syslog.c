/*
 * The log to syslog: which lines go there, and what becomes of them without it.
 *
 * The source is taken in whole, with the calls replaced that would reach the
 * syslog of this machine.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

enum { FIRST = 200 /* descriptors of sockets */ };

static struct {
	bool has_sockets, listens;
	unsigned opened, closed;
	int connected; /* the socket that syslogd listens to; -1: none */
	char heard[1024];
} syslogd;

static int seam_socket(int domain, int type, int protocol)
{
	assert_true(domain == AF_UNIX && (type & SOCK_NONBLOCK) && protocol == 0);
	if (!syslogd.has_sockets)
		return -1;
	return FIRST + (int)syslogd.opened++;
}

static int seam_connect(int fd, const struct sockaddr *at, socklen_t size)
{
	assert_int_equal(size, sizeof(struct sockaddr_un));
	assert_string_equal(((const struct sockaddr_un *)at)->sun_path, "/dev/log");
	if (!syslogd.listens)
		return -1;
	syslogd.connected = fd;
	return 0;
}

static ssize_t seam_send(int fd, const void *line, size_t n, int flags)
{
	assert_int_equal(flags, MSG_NOSIGNAL);
	if (fd < 0 || fd != syslogd.connected)
		return -1;
	strncat(syslogd.heard, line, n);
	strcat(syslogd.heard, "\n");
	return (ssize_t)n;
}

static int seam_close(int fd)
{
	assert_in_range(fd, FIRST, FIRST + syslogd.opened - 1);
	syslogd.closed++;
	return 0;
}

#define socket  seam_socket
#define connect seam_connect
#define send    seam_send
#define close   seam_close
#include "../../src/base/log.c"
#undef socket
#undef connect
#undef send
#undef close

static int saved_stderr, ends[2];

static int begin(void **state)
{
	(void)state;
	memset(&syslogd, 0, sizeof syslogd);
	syslogd.has_sockets = syslogd.listens = true;
	syslogd.connected = logger.syslog = -1;
	unsetenv("JOURNAL_STREAM");
	if (pipe2(ends, O_NONBLOCK) != 0)
		return -1;
	fflush(stderr);
	saved_stderr = dup(STDERR_FILENO);
	return dup2(ends[1], STDERR_FILENO) < 0;
}

static const char *on_stderr(void)
{
	static char got[1024];
	ssize_t n = read(ends[0], got, sizeof got - 1);

	got[n > 0 ? n : 0] = '\0';
	return got;
}

static int end(void **state)
{
	(void)state;
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	close(ends[0]);
	close(ends[1]);
	return 0;
}

/* RFC 5424 section 6.2.1: the facility "daemon" is 3, the severities are 3 to 7. */
static void a_line_goes_to_syslog_with_its_priority_and_process(void **state)
{
	char expect[128];

	(void)state;
	log_open(LOG_TO_SYSLOG, LEVEL_DEBUG);
	log_write(LEVEL_ERROR, "no %s", "zone");
	log_write(LEVEL_DEBUG, "x");
	snprintf(expect, sizeof expect, "<27>ten35[%d]: no zone\n<31>ten35[%d]: x\n", (int)getpid(),
		 (int)getpid());
	assert_string_equal(syslogd.heard, expect);
	assert_string_equal(on_stderr(), "");
}

static void a_syslogd_that_was_started_anew_is_found(void **state)
{
	(void)state;
	log_open(LOG_TO_SYSLOG, LEVEL_NOTICE);
	syslogd.connected = -1; /* the one that we were connected with is gone */
	log_write(LEVEL_NOTICE, "x");
	assert_non_null(strstr(syslogd.heard, ": x\n"));
	assert_string_equal(on_stderr(), "");
	assert_int_equal(syslogd.opened - syslogd.closed, 1);
}

static void without_a_syslogd_lines_go_to_stderr(void **state)
{
	(void)state;
	syslogd.listens = false;
	log_open(LOG_TO_SYSLOG, LEVEL_NOTICE);
	log_write(LEVEL_NOTICE, "x");
	assert_string_equal(on_stderr(), "ten35: x\n");
	assert_int_equal(syslogd.opened, syslogd.closed);
	syslogd.has_sockets = false;
	log_write(LEVEL_NOTICE, "y");
	assert_string_equal(on_stderr(), "ten35: y\n");
	assert_string_equal(syslogd.heard, "");
}

static void syslog_opened_twice_is_one_socket(void **state)
{
	(void)state;
	log_open(LOG_TO_SYSLOG, LEVEL_NOTICE);
	log_reopen();
	assert_int_equal(syslogd.opened, 2);
	assert_int_equal(syslogd.closed, 1);
	log_write(LEVEL_NOTICE, "x");
	assert_non_null(strstr(syslogd.heard, ": x\n"));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		CASE(a_line_goes_to_syslog_with_its_priority_and_process),
		CASE(a_syslogd_that_was_started_anew_is_found),
		CASE(without_a_syslogd_lines_go_to_stderr),
		CASE(syslog_opened_twice_is_one_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
