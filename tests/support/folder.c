/*
 * folder.c -- a folder of the real file system for tests of what opens files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/folder.h"

char test_folder[64];

void folder_make(void)
{
	strcpy(test_folder, "/tmp/ten35-test-XXXXXX");
	assert_non_null(mkdtemp(test_folder));
}

const char *folder_path(const char *name)
{
	static char paths[4][256];
	static unsigned next;
	char *path = paths[next++ % 4];

	assert_true(snprintf(path, sizeof paths[0], "%s/%s", test_folder, name) <
		    (int)sizeof paths[0]);
	return path;
}

void folder_write(const char *name, const char *text)
{
	FILE *f = fopen(folder_path(name), "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0 && fclose(f) == 0);
}
