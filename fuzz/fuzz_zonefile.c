/*
 * fuzz_zonefile.c -- zone text: a zone that is good finds each of its names.
 *
 * The text may include itself, and a second file that is always there.
 */
#include "fuzz.h"
#include "support/memory_files.h"
#include "zone/lookup.h"
#include "zone/zonefile.h"

static void ignore(void *self, const struct finding *f)
{
	char room[DIAG_FINDING_SIZE];
	struct text text = text_init(room, sizeof room);

	(void)self;
	finding_print(f, FORM_PLAIN, &text);
	PROPERTY(!text.full || f->hint || f->text.size > 0);
}

/* Walking the nodes in order, each is found by its own name or lies below a cut. */
static void check_image(const struct image *z)
{
	struct name_buf last = { .size = 0 }, name;
	uint32_t count = 0;

	for (const struct node *n = image_apex(z); n; n = node_next(z, n), last = name, count++) {
		struct probe p;

		node_name(z, n, &name);
		PROPERTY(last.size == 0 || name_compare(name_view(&last), name_view(&name)) < 0);
		probe_init(&p, &z->header->key, name_view(&name));
		struct match m = zone_lookup(z, &p);
		PROPERTY(m.node == n || m.found == FOUND_CUT || m.found == FOUND_DNAME);
	}
	PROPERTY(count == z->header->node_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	static const char other[] = "inc 60 A 192.0.2.1\n sub TXT x\n";
	const struct siphash_key key = { 1, 2 };
	struct memory_files memory = { .count = 0 };
	struct diag diag = { .report = ignore };
	struct zonefile zf = {
		.path = "zone", .origin = "example.", .key = &key, .diag = &diag, .wants_lint = true
	};
	struct image z;
	size_t image_size;

	memory_files_add(&memory, "zone", (const char *)octets, size);
	memory_files_add(&memory, "other", other, sizeof other - 1);
	struct files files = memory_files(&memory);
	zf.files = &files;
	zf.limits = (struct builder_limits){ .records = 100000, .octets = 1 << 24 };
	uint8_t *image = zonefile_image(&zf, &image_size);
	if (image) {
		PROPERTY(diag.errors == 0 && image_open(&z, image, image_size));
		check_image(&z);
	}
	free(image);
	zonefile_free(&zf);
	PROPERTY(memory.open == 0);
	return 0;
}
