/*
 * replay.c -- runs a target over files, or those of folders, each against a guard page.
 */
#include "fuzz.h"
#include "support/guard.h"

#include <dirent.h>

enum { MAX_SIZE = 1 << 20 };

static int count;

static bool replay_file(const char *path)
{
	static uint8_t octets[MAX_SIZE];
	FILE *f = fopen(path, "rb");

	if (!f)
		return false;
	size_t size = fread(octets, 1, sizeof octets, f);
	fclose(f);
	LLVMFuzzerTestOneInput(guard_copy(octets, size), size);
	guard_release();
	count++;
	return true;
}

static bool replay(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	bool all = true;

	if (!folder)
		return replay_file(path);
	while ((entry = readdir(folder)) != NULL) {
		char inner[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
		all = replay_file(inner) && all;
	}
	closedir(folder);
	return all;
}

int main(int argc, char **argv)
{
	bool all = true;

	for (int i = 1; i < argc; i++)
		all = replay(argv[i]) && all;
	printf("%d inputs replayed\n", count);
	return !all || count == 0;
}
