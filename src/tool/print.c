/*
 * print.c -- ten35 print: the zone as it is understood.
 *
 * One record a line, names absolute, everything in canonical order, so that two
 * files with the same records print the same.  Three forms of it:
 *
 *	text   a zone file, the SOA in front; reads back as the same zone
 *	JSON   the same records for programs, in one document
 *	wire   hex of the octets that signatures and digests of the zone are made of:
 *	       canonical form and order, by type, so the SOA stands among the others
 *	       (RFC 4034 §6.2, RFC 8976 §3.3)
 */
#include "dns/rdata.h"
#include "tool/tool.h"
#include "zone/canonical.h"
#include "zone/order.h"
#include "zone/rdata_walk.h"

#include <stdlib.h>

enum {
	/* A record as text: JSON doubles backslashes, and shows RDATA in hex as well. */
	LINE_SIZE = RDATA_MAX_TEXT + 2 * RDATA_MAX_SIZE + 2 * NAME_MAX_TEXT + 256,
	WIRE_SIZE = NAME_MAX_SIZE + 10 + RDATA_MAX_SIZE,
};

struct printer;

/* A record, wherever it comes from. */
struct printed {
	struct name owner;
	const struct rrset *set;
	const struct canonical_record *record;
};

struct form {
	const char *option;
	bool soa_first; /* a reader may need it there (RFC 1035 §5.2) */
	void (*print)(struct printer *p, const struct printed *r, struct text *line);
};

struct printer {
	const struct form *form;
	struct image z;
	struct order order;         /* of its nodes */
	struct canonical canonical; /* of the RRset that is printed */
	const char *before;         /* what JSON has between two records */
	char line[LINE_SIZE];
	char shown[RDATA_MAX_TEXT]; /* RDATA as text, before JSON quotes it */
	uint8_t wire[WIRE_SIZE];
};

/* RDATA in wire form, letters as they are in the zone. */
static struct slice rdata_of(struct printer *p, const struct printed *r)
{
	struct writer w = writer_init(p->wire, sizeof p->wire);
	struct rdata_walk walk = rdata_walk_stored(&p->z, rrtype_find(r->set->type),
						   r->record->item.octets, r->record->item.size);

	rdata_walk_write(&walk, &w);
	return (struct slice){ p->wire, writer_size(&w) };
}

static void print_text(struct printer *p, const struct printed *r, struct text *line)
{
	struct slice rdata = rdata_of(p, r);

	name_print(r->owner, line);
	text_format(line, "\t%u\tIN\t", r->set->ttl);
	rrtype_print(r->set->type, line);
	text_put_char(line, '\t');
	rdata_print(rrtype_find(r->set->type), rdata.octets, rdata.size, line);
	text_put_char(line, '\n');
}

static void print_json(struct printer *p, const struct printed *r, struct text *line)
{
	struct slice rdata = rdata_of(p, r);
	struct text shown = text_init(p->shown, sizeof p->shown);

	text_format(line, "%s{\"owner\":", p->before);
	p->before = ",\n";
	name_print(r->owner, &shown);
	text_put_json(line, p->shown);
	text_format(line, ",\"ttl\":%u,\"class\":\"IN\",\"type\":\"", r->set->ttl);
	rrtype_print(r->set->type, line);
	text_put(line, "\",\"rdata\":");
	shown = text_init(p->shown, sizeof p->shown);
	rdata_print(rrtype_find(r->set->type), rdata.octets, rdata.size, &shown);
	text_put_json(line, p->shown);
	text_put(line, ",\"rdata_hex\":\"");
	text_put_hex(line, rdata.octets, rdata.size);
	text_put(line, "\"}");
}

static void print_wire(struct printer *p, const struct printed *r, struct text *line)
{
	struct writer w = writer_init(p->wire, sizeof p->wire);

	put_name(&w, r->owner);
	octets_fold(p->wire, p->wire, r->owner.size);
	put_u16(&w, r->set->type);
	put_u16(&w, CLASS_IN);
	put_u32(&w, r->set->ttl);
	put_u16(&w, (uint16_t)r->record->rdata.size);
	put_octets(&w, r->record->rdata.octets, r->record->rdata.size);
	text_put_hex(line, p->wire, writer_size(&w));
	text_put_char(line, '\n');
}

static const struct form forms[] = {
	{ "", true, print_text },
	{ "--json", true, print_json },
	{ "--wire", false, print_wire },
};

static const struct form *find_form(const char *option)
{
	for (size_t i = 1; i < sizeof forms / sizeof forms[0]; i++)
		if (strcmp(option, forms[i].option) == 0)
			return &forms[i];
	return NULL;
}

static void print_rrset(struct printer *p, struct name owner, const struct rrset *set)
{
	canonical_sort(&p->canonical, &p->z, set);
	for (unsigned i = 0; i < set->count; i++) {
		struct printed r = { owner, set, canonical_at(&p->canonical, i) };
		struct text line = text_init(p->line, sizeof p->line);

		p->form->print(p, &r, &line);
		output_put(&output_standard, p->line);
	}
}

static void print_records(struct printer *p)
{
	const struct rrset *soa = p->form->soa_first ? image_at(&p->z, p->z.header->soa) : NULL;

	if (soa)
		print_rrset(p, image_origin(&p->z), soa);
	const struct node *n;
	for (uint32_t at = 0; (n = order_node(&p->order, at)) != NULL; at++) {
		const struct rrset *set = node_rrsets(n);
		struct name_buf owner;

		node_name(&p->z, n, &owner);
		for (unsigned i = 0; i < n->rrsets; i++, set = rrset_next(set))
			if (set != soa)
				print_rrset(p, name_view(&owner), set);
	}
}

static void print_zone(struct printer *p)
{
	struct text line = text_init(p->line, sizeof p->line);
	struct text origin = text_init(p->shown, sizeof p->shown);

	if (p->form->print != print_json) {
		print_records(p);
		return;
	}
	name_print(image_origin(&p->z), &origin);
	text_put(&line, "{\"origin\":");
	text_put_json(&line, p->shown);
	text_format(&line, ",\"serial\":%u,\"records\":[\n", p->z.header->serial);
	output_put(&output_standard, p->line);
	p->before = "";
	print_records(p);
	output_put(&output_standard, "\n]}\n");
}

static int print_file(struct printer *p, char *argument)
{
	enum finding_form form = tool_form();
	struct diag d = { .report = tool_report, .self = &form };
	struct zonefile zf;
	uint8_t *image = tool_read(&zf, argument, &d, &p->z);
	bool is_ordered = image && order_make(&p->order, &p->z);

	if (is_ordered)
		print_zone(p);
	else if (image)
		output_put(&output_error, "out of memory\n");
	order_free(&p->order);
	free(image);
	zonefile_free(&zf);
	return is_ordered && output_flush(&output_standard) ? 0 : 1;
}

static const char usage[] = "usage: ten35 print [--json | --wire] [ORIGIN=]ZONEFILE\n"
			    "  --json  one JSON document: origin, serial, records\n"
			    "  --wire  hex of each record, canonical (RFC 4034, section 6)\n";

int tool_print(int argc, char **argv)
{
	const struct form *form = argc == 2 ? find_form(argv[0]) : &forms[0];
	struct printer *p;
	int status = 1;

	argv += argc == 2 && form;
	argc -= argc == 2 && form;
	if (argc != 1 || argv[0][0] == '-')
		return tool_usage(argc, argv, usage, 1);
	p = calloc(1, sizeof *p);
	if (p) {
		p->form = form;
		status = print_file(p, argv[0]);
	} else {
		output_put(&output_error, "out of memory\n");
	}
	free(p);
	return status;
}
