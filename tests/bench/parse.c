/*
 * parse.c -- how fast a zone file becomes records, before anything is done with them.
 *
 *	parse ORIGIN FILE [ROUNDS]
 *
 * Reads the file as a server does, and takes what stores the records out of its way: each
 * entry is cut into words, its owner, TTL, class, type and RDATA are parsed and written in
 * wire form, and then forgotten.  Prints megabytes of text a second of processor time, the
 * best of the rounds, and what part of reading the zone to its image that is.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench/used.h"
#include "zone/zonefile.h"

static bool forgets; /* records are dropped */
static unsigned records;

/* The linker puts these in front of the ones that store (--wrap). */
void __real_builder_node_begin(const struct builder *b, struct name name, struct probe *p);
uint32_t __real_builder_node_end(struct builder *b, struct probe *p);
void __real_builder_add_begin(const struct builder *b, uint16_t type, struct slice rdata,
			      struct builder_rdata *out);
const char *__real_builder_add_end(struct builder *b, uint32_t node, uint32_t ttl,
				   const struct builder_rdata *rdata, uint32_t place);
bool __real_zone_check(struct builder *b, const struct sources *sources, struct diag *d);

void __wrap_builder_node_begin(const struct builder *b, struct name name, struct probe *p)
{
	if (!forgets)
		__real_builder_node_begin(b, name, p);
}

uint32_t __wrap_builder_node_end(struct builder *b, struct probe *p)
{
	return forgets ? b->apex : __real_builder_node_end(b, p);
}

void __wrap_builder_add_begin(const struct builder *b, uint16_t type, struct slice rdata,
			      struct builder_rdata *out)
{
	if (!forgets)
		__real_builder_add_begin(b, type, rdata, out);
	else
		out->octets = rdata;
}

const char *__wrap_builder_add_end(struct builder *b, uint32_t node, uint32_t ttl,
				   const struct builder_rdata *rdata, uint32_t place)
{
	records++;
	return forgets ? NULL : __real_builder_add_end(b, node, ttl, rdata, place);
}

/* There is nothing to check. */
bool __wrap_zone_check(struct builder *b, const struct sources *sources, struct diag *d)
{
	return !forgets && __real_zone_check(b, sources, d);
}

/* Seconds for one reading; *size: octets of text. */
static double read_once(const char *origin, const char *file, size_t *size)
{
	struct files files = files_system();
	struct siphash_key key = { 1, 2 };
	struct diag d = { 0 };
	struct zonefile zf = { .files = &files,
			       .path = file,
			       .origin = origin,
			       .key = &key,
			       .limits = builder_limits_default,
			       .diag = &d };
	size_t image_size;
	double began = used_s();
	uint8_t *image = zonefile_image(&zf, &image_size);

	*size = zf.sources.count ? zf.sources.at[0].size : 0;
	if ((!image && !forgets) || *size == 0) {
		fprintf(stderr, "%s: this is no zone\n", file);
		exit(2);
	}
	zonefile_free(&zf);
	free(image);
	return used_s() - began;
}

int main(int argc, char **argv)
{
	int rounds = argc > 3 ? atoi(argv[3]) : 5;
	double parse_s = 0, whole_s = 0;
	size_t size = 0;

	if (argc < 3 || rounds < 1 || rounds > 1000) {
		fprintf(stderr, "usage: parse ORIGIN FILE [ROUNDS]\n");
		return 2;
	}
	for (int i = 0; i < rounds; i++) {
		double seconds[2];
		for (int k = 0; k < 2; k++) {
			forgets = k == 0;
			records = 0;
			seconds[k] = read_once(argv[1], argv[2], &size);
		}
		parse_s = i == 0 || seconds[0] < parse_s ? seconds[0] : parse_s;
		whole_s = i == 0 || seconds[1] < whole_s ? seconds[1] : whole_s;
	}
	printf("%.0f MB/s, %u records, %.2f of the time to the image\n",
	       (double)size / 1e6 / parse_s, records, parse_s / whole_s);
	return 0;
}
