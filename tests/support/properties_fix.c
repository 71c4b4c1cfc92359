#include "support/properties.h"

#include "support/memory_files.h"
#include "support/parts.h"
#include "zone/diff.h"
#include "zone/fix.h"
#include "zone/zonefile.h"

enum { ROUNDS = 8 };

static bool data_change, is_syntax;

static void note(void *self, const struct finding *f)
{
	(void)self;
	is_syntax = is_syntax || strcmp(f->id, "syntax") == 0;
	data_change = data_change || strcmp(f->id, "missing-dot") == 0 ||
		      strcmp(f->id, "soa-mail") == 0 || strcmp(f->id, "txt-spf") == 0;
}

static bool may_change(void *self, const struct source *source)
{
	(void)self;
	return strcmp(source->file, "zone") == 0;
}

static void ignore(void *self, const struct difference *d)
{
	(void)self, (void)d;
}

/* Changed hunk by hunk, with what stands between them, the text is the same. */
static void check_hunks(const struct source *s, const struct edit *edits, size_t count,
			struct slice whole)
{
	uint8_t *room = malloc(whole.size + 1);
	struct writer out = writer_init(room, whole.size);
	const uint8_t *at = s->text;

	PROPERTY(room);
	while (count > 0) {
		struct hunk h = fix_next(s, &edits, &count);

		PROPERTY(h.was.text >= at && h.count > 0);
		put_octets(&out, at, (size_t)(h.was.text - at));
		fix_apply(&h.was, h.edits, h.count, &out);
		at = h.was.text + h.was.size;
	}
	put_octets(&out, at, (size_t)(s->text + s->size - at));
	PROPERTY(!out.full && writer_size(&out) == whole.size);
	PROPERTY(memcmp(room, whole.octets, whole.size) == 0);
	free(room);
}

struct text_of_zone {
	uint8_t *octets;
	size_t size;
};

/* Reads a zone, and makes its text anew.  NULL: it has errors. */
static uint8_t *read_zone(struct text_of_zone *text, const char *origin, struct fixes *f,
			  struct image *z)
{
	static const char other[] = "inc 60 A 192.0.2.1\n sub TXT x\ninc 9 A 192.0.2.1\n";
	const struct siphash_key key = { 1, 2 };
	struct memory_files memory = { .count = 0 };
	struct files files = memory_files(&memory);
	struct diag diag = { .report = note, .limit = UINT32_MAX };
	struct zonefile zf = { .files = &files,
			       .path = "zone",
			       .origin = origin,
			       .now_s = 1767225600,
			       .key = &key,
			       .diag = &diag,
			       .wants_lint = true,
			       .fixes = f,
			       .limits = { 100000, 1 << 24 } };
	size_t size, count;

	memory_files_add(&memory, "zone", (const char *)text->octets, text->size);
	memory_files_add(&memory, "other", other, sizeof other - 1);
	uint8_t *image = zonefile_image(&zf, &size);
	if (image) {
		PROPERTY(image_open(z, image, size) && fixes_settle(f));
		const struct edit *edits = fixes_of(f, &zf.sources.at[0], &count);
		struct writer out = writer_init(malloc(fix_room(text->size, count) + 1),
						fix_room(text->size, count));
		PROPERTY(count == f->count);
		fix_apply(&zf.sources.at[0], edits, count, &out);
		PROPERTY(!out.full);
		check_hunks(&zf.sources.at[0], edits, count,
			    (struct slice){ out.base, writer_size(&out) });
		free(text->octets);
		*text = (struct text_of_zone){ out.base, writer_size(&out) };
	}
	zonefile_free(&zf);
	return image;
}

void property_fix(const uint8_t *octets, size_t size)
{
	static struct zone_diff d;
	struct text_of_zone text = { malloc(size + 1), size };
	const char *origin = zone_origin((struct slice){ octets, size }, "ex.org.");
	uint8_t *was = NULL;
	struct image z_was, z;
	size_t edits = 1;

	memcpy(text.octets, octets, size);
	data_change = false;
	for (unsigned round = 0; edits > 0; round++) {
		struct fixes f = { .may_change = may_change };

		is_syntax = false;
		uint8_t *image = read_zone(&text, origin, &f, &z);
		edits = f.count;
		fixes_free(&f);
		PROPERTY(round <= ROUNDS && (round == 0 || image || !is_syntax));
		d = (struct zone_diff){ .report = ignore };
		PROPERTY(!was || !image || zone_diff(&d, &z_was, &z));
		PROPERTY(data_change || zone_diff_is_empty(&d));
		free(was);
		was = image;
		z_was = z;
		if (!image)
			break;
	}
	free(was);
	free(text.octets);
}
