/*
 * print.c -- ten35 print: the zone as it is understood.
 *
 * One record a line, names absolute and in canonical order, so that two files
 * with the same records print the same text, and the text reads back as the
 * same zone.
 */
#include "dns/rdata.h"
#include "tool/tool.h"
#include "zone/rdata_walk.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINE_MAX_SIZE = 4 * 65536 + 4096 }; /* RDATA with every octet as \DDD */

struct printer {
	struct image z;
	char *line;     /* LINE_MAX_SIZE */
	uint8_t *rdata; /* RDATA_MAX_SIZE */
};

static void print_rrset(const struct printer *p, struct name owner, const struct rrset *set)
{
	struct item_walk walk = item_walk(set);

	while (item_next(&walk)) {
		struct text line = text_init(p->line, LINE_MAX_SIZE);
		struct writer w = writer_init(p->rdata, RDATA_MAX_SIZE);
		struct rdata_walk rdata = rdata_walk_stored(&p->z, rrtype_find(set->type),
							    walk.item.octets, walk.item.size);

		rdata_walk_write(&rdata, &w);

		name_print(owner, &line);
		text_format(&line, "\t%u\tIN\t", set->ttl);
		rrtype_print(set->type, &line);
		text_put_char(&line, '\t');
		rdata_print(rrtype_find(set->type), p->rdata, writer_size(&w), &line);
		puts(p->line);
	}
}

/* The SOA comes first: a reader may need it there (RFC 1035 §5.2). */
static void print_zone(const struct printer *p)
{
	const struct rrset *soa = image_at(&p->z, p->z.header->soa);

	print_rrset(p, image_origin(&p->z), soa);
	for (const struct node *n = image_apex(&p->z); n; n = node_next(&p->z, n)) {
		const struct rrset *set = node_rrsets(n);
		struct name_buf owner;

		node_name(&p->z, n, &owner);
		for (unsigned i = 0; i < n->rrsets; i++, set = rrset_next(set))
			if (set != soa)
				print_rrset(p, name_view(&owner), set);
	}
}

int tool_print(int argc, char **argv)
{
	enum finding_form form = tool_form();
	struct diag d = { .report = tool_report, .self = &form };
	struct zonefile zf;
	struct printer p = { .line = malloc(LINE_MAX_SIZE), .rdata = malloc(RDATA_MAX_SIZE) };
	int status = 1;

	if (argc != 1 || argv[0][0] == '-') {
		status = tool_usage(argc, argv, "usage: ten35 print [ORIGIN=]ZONEFILE\n", 1);
	} else if (p.line && p.rdata) {
		uint8_t *image = tool_read(&zf, argv[0], &d, &p.z);
		if (image)
			print_zone(&p);
		status = image && fflush(stdout) == 0 ? 0 : 1;
		free(image);
		zonefile_free(&zf);
	} else {
		fputs("out of memory\n", stderr);
	}
	free(p.line);
	free(p.rdata);
	return status;
}
