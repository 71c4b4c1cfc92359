/*
 * log_reading.h -- what the log says while something is done.
 */
#ifndef TESTS_APP_LOG_READING_H
#define TESTS_APP_LOG_READING_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

static int log_kept = -1; /* standard error, meanwhile a file of ours */

static inline void log_begin(void)
{
	FILE *file = tmpfile();

	assert_non_null(file);
	fflush(stderr);
	log_kept = dup(STDERR_FILENO);
	assert_true(log_kept >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
	fclose(file);
	log_open(LOG_TO_STDERR, LEVEL_NOTICE);
}

/* All lines since log_begin(), each without "ten35: ". */
static inline const char *log_end(void)
{
	static char lines[64 * 1024], raw[64 * 1024];
	size_t used = 0;
	ssize_t n = pread(STDERR_FILENO, raw, sizeof raw - 1, 0);

	assert_true(n >= 0 && (size_t)n < sizeof raw - 1);
	assert_true(dup2(log_kept, STDERR_FILENO) >= 0);
	close(log_kept);
	raw[n] = '\0';
	for (char *line = raw, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		line += strncmp(line, "ten35: ", 7) == 0 ? 7 : 0;
		memcpy(lines + used, line, (size_t)(end - line) + 1);
		used += (size_t)(end - line) + 1;
	}
	lines[used] = '\0';
	return lines;
}

#endif
