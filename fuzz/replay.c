/*
 * replay.c -- runs a target over the files of a folder, each against a guard page.
 */
#include "fuzz.h"
#include "support/guard.h"

#include <dirent.h>

enum { MAX_SIZE = 1 << 20 };

static int replay(const char *path)
{
	static uint8_t octets[MAX_SIZE];
	FILE *f = fopen(path, "rb");

	if (!f)
		return 1;
	size_t size = fread(octets, 1, sizeof octets, f);
	fclose(f);
	LLVMFuzzerTestOneInput(guard_copy(octets, size), size);
	guard_release();
	return 0;
}

int main(int argc, char **argv)
{
	DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
	struct dirent *entry;
	int count = 0, failed = 0;

	if (!folder)
		return 2;
	while ((entry = readdir(folder)) != NULL) {
		char path[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
		failed += replay(path);
		count++;
	}
	closedir(folder);
	printf("%d inputs replayed\n", count);
	return failed || count == 0;
}
