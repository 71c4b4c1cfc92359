#include "support/quiet_zone.h"

#include <stdlib.h>

#include "support/memory_files.h"
#include "support/property.h"
#include "zone/zonefile.h"

static const char fixed_text[] =
	"$TTL 60\n@ SOA ns h 1 2 3 4 5\n NS ns\n NS ns.sub\nns A 192.0.2.1\n"
	"a CNAME b\nb CNAME c.sub\n*.w CNAME x.w\nx.y.z TXT t\n"
	"sub NS ns.sub\nns.sub A 192.0.2.2\nd DNAME e\n*.e MX 10 ns\n"
	"big TXT ( \"0123456789\" )\nloop CNAME pool\npool CNAME loop\n";

const struct slice quiet_zone_text = { (const uint8_t *)fixed_text, sizeof fixed_text - 1 };

const struct siphash_key quiet_zone_key = { 3, 4 };

bool quiet_zone_open(struct quiet_zone *q, const char *origin, struct slice text)
{
	struct memory_files memory = { .count = 0 };
	struct files files = memory_files(&memory);
	struct diag diag = { .report = NULL };
	struct zonefile zf = { .files = &files,
			       .path = "zone",
			       .origin = origin,
			       .key = &quiet_zone_key,
			       .diag = &diag,
			       .wants_pointers = true,
			       .limits = { 100000, 1 << 24 } };

	memory_files_add(&memory, "zone", (const char *)text.octets, text.size);
	uint8_t *octets = zonefile_image(&zf, &q->size);
	zonefile_free(&zf);
	if (!octets)
		return false;
	q->octets = realloc(octets, q->size);
	PROPERTY(image_open(&q->z, q->octets, q->size));
	PROPERTY(catalog_init(&q->catalog, &q->z, 1, &quiet_zone_key));
	q->responder = (struct responder){ .zones = &q->catalog, .identity = { "v", "s" } };
	return true;
}

void quiet_zone_free(struct quiet_zone *q)
{
	catalog_free(&q->catalog);
	free(q->octets);
}
