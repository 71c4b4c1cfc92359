/*
 * answers.c -- what an answer out of a zone costs beside all that the kernel does.
 *
 *	answers ORIGIN ZONE QUERIES [ROUNDS]
 *
 * Loads the zone in this process and answers the queries ("NAME TYPE", a line each, as
 * gen.py writes them), all of them in each round.  Prints nanoseconds of the processor's
 * time a query, the least and the median of the rounds: in full form, minimal, and in full
 * form where replies are kept, as the server does it.  They mean something beside those of
 * another build alone, run in turns with this one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "dns/rrtype.h"
#include "serve/respond.h"
#include "zone/zonefile.h"

enum { REPLIES = 32, QUERIES_MAX = 200000, QUERY_MAX = 300, ROUNDS_MAX = 1000 };

static struct query_octets {
	uint8_t octets[QUERY_MAX];
	size_t size;
} queries[QUERIES_MAX];
static size_t query_count;

static double used_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static void add_query(const char *name, const char *type_text)
{
	struct query_octets *q = &queries[query_count];
	struct name_buf n;
	struct message m;
	uint16_t type;

	if (name_parse((const uint8_t *)name, strlen(name), name_root, &n) ||
	    !rrtype_parse((const uint8_t *)type_text, strlen(type_text), &type))
		return;
	message_init(&m, q->octets, sizeof q->octets);
	put_question(&m, &(struct question){ name_view(&n), type, CLASS_IN });
	message_finish(&m, (uint16_t)query_count++, 0);
	q->size = message_size(&m);
}

static void read_queries(const char *path)
{
	FILE *f = fopen(path, "r");
	char name[300], type[20];

	while (f && query_count < QUERIES_MAX && fscanf(f, "%299s %19s", name, type) == 2)
		add_query(name, type);
	if (f)
		fclose(f);
}

static double round_ns(const struct responder *r)
{
	static uint8_t out[REPLIES][RESPOND_UDP_SIZE];
	static const uint8_t peer[4] = { 192, 0, 2, 9 };
	double began = used_ns();

	for (size_t i = 0; i < query_count; i++) {
		struct request req = { .octets = queries[i].octets,
				       .size = queries[i].size,
				       .via = VIA_UDP,
				       .peer = { peer, sizeof peer } };
		struct response what;

		(void)respond(r, &req, out[i % REPLIES], sizeof out[0], &what);
	}
	return (used_ns() - began) / (double)query_count;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(const char *what, const struct responder *r, size_t rounds)
{
	static double ns[ROUNDS_MAX];

	for (size_t i = 0; i < rounds; i++)
		ns[i] = round_ns(r);
	qsort(ns, rounds, sizeof ns[0], by_value);
	printf("%-8s least %6.1f ns, median %6.1f ns\n", what, ns[0], ns[rounds / 2]);
}

int main(int argc, char **argv)
{
	static const struct siphash_key key = { 1, 2 };
	struct files files = files_system();
	struct diag d = { 0 };
	struct zonefile zf = {
		.files = &files, .key = &key, .diag = &d, .limits = builder_limits_default
	};
	size_t size, rounds = argc > 4 ? strtoul(argv[4], NULL, 10) : 21;
	struct catalog zones;
	struct image z;

	if (argc < 4 || rounds < 1 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: answers ORIGIN ZONE QUERIES [ROUNDS]\n");
		return 2;
	}
	zf.origin = argv[1];
	zf.path = argv[2];
	read_queries(argv[3]);
	uint8_t *image = zonefile_image(&zf, &size);
	if (query_count == 0 || !image || !image_open(&z, image, size) ||
	    !catalog_init(&zones, &z, 1, &key)) {
		fprintf(stderr, "answers: no zone, or no queries\n");
		return 1;
	}
	struct responder r = { .zones = &zones, .style = STYLE_FULL };
	measure("full", &r, rounds);
	r.style = STYLE_MINIMAL;
	measure("minimal", &r, rounds);
	static struct kept kept;
	r.style = STYLE_FULL;
	r.kept = &kept;
	measure("again", &r, rounds);
	catalog_free(&zones);
	free(image);
	zonefile_free(&zf);
	return 0;
}
