/*
 * lint_cost.c -- what looking for more than errors adds to reading a zone.
 *
 *	lint_cost ORIGIN FILE [ROUNDS]
 *
 * Reads the zone to its image, and takes the processor time of zone_lint() out of
 * the whole: both are measured in one and the same run, so what disturbs the
 * machine disturbs both.  Prints the median of the ratios with lint to without.
 * Status 1 when lint costs a fifth or more.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench/used.h"
#include "zone/lint.h"
#include "zone/zonefile.h"

enum { ROUNDS_MAX = 1000 };

static double lint_s; /* of this round */

/* The linker puts the one in front of the other (--wrap). */
void __real_zone_lint(const struct builder *b, const struct sources *sources,
		      const struct lint_facts *facts, struct diag *d, struct fixes *fixes);

void __wrap_zone_lint(const struct builder *b, const struct sources *sources,
		      const struct lint_facts *facts, struct diag *d, struct fixes *fixes)
{
	double began = used_s();

	__real_zone_lint(b, sources, facts, d, fixes);
	lint_s = used_s() - began;
}

static double ratio_of(const char *origin, const char *file)
{
	struct files files = files_system();
	struct siphash_key key = { 1, 2 };
	struct diag d = { 0 };
	struct zonefile zf = { .files = &files,
			       .path = file,
			       .origin = origin,
			       .key = &key,
			       .limits = builder_limits_default,
			       .diag = &d,
			       .now_s = 1,
			       .wants_lint = true,
			       .wants_pointers = true };
	size_t size;
	double began = used_s();
	uint8_t *image = zonefile_image(&zf, &size);
	double whole_s = used_s() - began;

	if (!image) {
		fprintf(stderr, "%s: this is no zone\n", file);
		exit(2);
	}
	zonefile_free(&zf);
	free(image);
	return whole_s / (whole_s - lint_s);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	static double ratios[ROUNDS_MAX];
	int rounds = argc > 3 ? atoi(argv[3]) : 9;

	if (argc < 3 || rounds < 1 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: lint_cost ORIGIN FILE [ROUNDS]\n");
		return 2;
	}
	for (int i = 0; i < rounds; i++)
		ratios[i] = ratio_of(argv[1], argv[2]);
	qsort(ratios, (size_t)rounds, sizeof ratios[0], compare);
	double median = ratios[rounds / 2];
	printf("%.2f times the processor time of reading without lint (%.2f to %.2f)\n", median,
	       ratios[0], ratios[rounds - 1]);
	return median < 1.2 ? 0 : 1;
}
