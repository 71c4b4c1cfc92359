#include "support/properties.h"

#include "dns/rdata.h"
#include "support/finding_place.h"
#include "support/memory_files.h"
#include "support/parts.h"
#include "zone/lookup.h"
#include "zone/order.h"
#include "zone/rdata_walk.h"
#include "zone/zonefile.h"

static void check_finding(void *self, const struct finding *f)
{
	const struct memory_files *m = self;
	bool found = false;

	PROPERTY(finding_fits(f));
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->at[i].path, f->file) == 0) {
			found = true;
			PROPERTY(finding_is_in(f, (struct slice){ (const uint8_t *)m->at[i].text,
								  m->at[i].size }));
		}
	PROPERTY(found || f->line == 0);
}

/* The RDATA of each record is what others can read. */
static uint32_t check_records(const struct image *z, const struct node *n)
{
	static uint8_t wire[RDATA_MAX_SIZE];
	const struct rrset *set = node_rrsets(n);
	uint32_t count = 0;

	for (unsigned i = 0; i < n->rrsets; i++, set = rrset_next(set)) {
		const struct rrtype *type = rrtype_find(set->type);
		struct item_walk items = item_walk(set);

		while (item_next(&items)) {
			struct writer w = writer_init(wire, sizeof wire);
			struct rdata_walk walk =
				rdata_walk_stored(z, type, items.item.octets, items.item.size);
			rdata_walk_write(&walk, &w);
			PROPERTY(!w.full && rdata_is_valid(type, wire, writer_size(&w)));
			count++;
		}
	}
	return count;
}

/* RFC 4034 §6.1: all nodes, each behind those that come before it. */
static void check_order(const struct image *z)
{
	struct name_buf last = { .size = 0 }, name;
	struct order order;
	const struct node *n;

	PROPERTY(order_make(&order, z) && order.count == z->header->node_count);
	for (uint32_t at = 0; (n = order_node(&order, at)) != NULL; at++, last = name) {
		node_name(z, n, &name);
		PROPERTY(last.size == 0 || name_compare(name_view(&last), name_view(&name)) < 0);
	}
	order_free(&order);
}

/* Each node is found by its own name or lies below a cut, and stands behind its parent. */
static void check_image(const struct image *z)
{
	uint32_t nodes = 0, records = 0;
	struct name_buf name;

	for (const struct node *n = image_apex(z); n; n = node_next(z, n), nodes++) {
		struct probe p;

		node_name(z, n, &name);
		PROPERTY(n->parent < image_offset(z, n));
		probe_init(&p, &z->header->key, name_view(&name));
		struct match m = zone_lookup(z, &p);
		PROPERTY(m.node == n || m.found == FOUND_CUT || m.found == FOUND_DNAME);
		records += check_records(z, n);
	}
	PROPERTY(nodes == z->header->node_count && records == z->header->record_count);
}

static void add_files(struct memory_files *m, struct slice rest)
{
	static const char other[] = "inc 60 A 192.0.2.1\n sub TXT x\n";
	static const char *const paths[] = { "zone", "1", "2", "3", "4", "5", "6", "7" };

	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		struct slice part = part_next(&rest);
		memory_files_add(m, paths[i], (const char *)part.octets, part.size);
		if (rest.size == 0)
			break;
	}
	memory_files_add(m, "other", other, sizeof other - 1);
}

void property_zonefile(const uint8_t *octets, size_t size)
{
	const struct siphash_key key = { 1, 2 };
	struct memory_files memory = { .count = 0 };
	struct files files = memory_files(&memory);
	struct diag diag = { .report = check_finding, .self = &memory };
	struct zonefile zf = { .files = &files,
			       .path = "zone",
			       .origin = zone_origin((struct slice){ octets, size }, "example."),
			       .now_s = 1767225600,
			       .key = &key,
			       .diag = &diag,
			       .wants_lint = true,
			       .wants_pointers = true,
			       .limits = { 100000, 1 << 24 } };
	struct image z;
	size_t image_size;

	add_files(&memory, (struct slice){ octets, size });
	uint8_t *image = zonefile_image(&zf, &image_size);
	PROPERTY((image != NULL) == (diag.errors == 0));
	if (image) {
		PROPERTY(image_open(&z, image, image_size));
		check_image(&z);
		check_order(&z);
	}
	free(image);
	zonefile_free(&zf);
	PROPERTY(memory.open == 0);
}
