/*
 * zonefile.c -- reads a zone, from its first file to its image.
 */
#include "zone/zonefile.h"
#include "zone/pointers.h"
#include "zone/reading.h"
#include "zone/seal.h"

#include <stdlib.h>

/* ------ where it begins ------ */

bool reading_start_zone(struct reading *r, struct name origin)
{
	struct zonefile *zf = r->zf;

	for (unsigned i = 0; i <= r->depth; i++) {
		if (!r->stack[i].origin_known)
			name_copy(&r->stack[i].origin, origin);
		r->stack[i].origin_known = true;
	}
	zf->has_builder = true;
	if (!builder_init(&zf->builder, origin, zf->key, &zf->limits))
		return false;
	zf->builder.wants_pointers = zf->wants_pointers;
	return true;
}

/* The origin that the user gave, if any. */
static bool use_given_origin(struct reading *r)
{
	struct zonefile *zf = r->zf;
	struct level *l = reading_level(r);
	const char *problem;

	if (!zf->origin)
		return true;
	problem = name_parse_absolute(zf->origin, &l->origin);
	if (problem) {
		struct source command = { .file = zonefile_title(zf) };
		diag_report(zf->diag, SYNTAX_ERROR, (struct spot){ &command, NULL, 0 }, NULL,
			    "origin '%s': %s", zf->origin, problem);
		return false;
	}
	l->origin_known = true;
	return reading_start_zone(r, name_view(&l->origin));
}

/* ------ its files ------ */

/* Of the files that are known until now: what is not read yet is left in the open ones. */
void reading_tell_progress(struct reading *r)
{
	const struct sources *s = &r->zf->sources;
	size_t all = 0, left = 0;

	reading_level(r)->pos = r->lx.pos;
	for (size_t i = 0; i < s->count; i++)
		all += s->at[i].size;
	for (unsigned i = 0; i <= r->depth; i++)
		left += (size_t)(r->stack[i].source->text + r->stack[i].source->size -
				 r->stack[i].pos);
	progress_tell(r->zf->progress, r->records, all - left, all);
}

/*
 * Memory ended, which was told as an error; or far more errors than are shown: there is
 * nothing to learn from the rest of a binary file, say.
 */
static bool is_hopeless(const struct reading *r)
{
	unsigned errors = r->zf->diag->errors;

	return errors > 0 && (errors > DIAG_HOPELESS || r->lx.failed ||
			      (r->zf->has_builder && builder_failed(&r->zf->builder)));
}

/* The next entry of a text that is read piece by piece, or as a whole. */
static bool next_entry(struct reading *r)
{
	while (!lexer_next(&r->lx, r->zf->diag)) {
		reading_settle(r); /* the text may move */
		if (is_hopeless(r) || !include_more(r))
			return false;
	}
	return true;
}

static void read_files(struct reading *r)
{
	do {
		while (!is_hopeless(r) && next_entry(r))
			reading_entry(r);
	} while (include_return(r));
	if (r->zf->progress)
		reading_tell_progress(r);
}

/* A zone file from its beginning, as if nothing had been before it. */
static bool read_zone_file(struct reading *r, const char *path)
{
	const struct level start = r->stack[0];
	uint32_t untimed = r->untimed;

	r->has_ttl_directive = false;
	if (!include_first(r, path))
		return false;
	read_files(r);
	if (r->has_ttl_directive)
		r->untimed = untimed;
	r->default_ttl_known = r->last_ttl_known = false;
	r->owner_text = (struct slice){ 0 };
	r->depth = 0;
	r->stack[0] = start;
	return true;
}

static bool read_layers(struct reading *r)
{
	struct zonefile *zf = r->zf;

	if (zf->upper && !read_zone_file(r, zf->upper))
		return false;
	if (zf->path && !read_zone_file(r, zf->path))
		return false;
	return (zf->name_count == 0 || layer_names(r)) && (zf->path || layer_soa(r));
}

/* ------ when the last record is in ------ */

/* What lint will want to know and no record tells. */
static void keep_facts(const struct reading *r)
{
	struct zonefile *zf = r->zf;
	struct lint_facts *facts = &zf->facts;

	*facts = (struct lint_facts){
		.now_s = zf->now_s,
		.ttls_inherited = r->ttls_inherited,
		.untimed = r->untimed,
	};
	for (size_t i = 0; i < zf->sources.count; i++)
		if (zf->sources.at[i].base < zf->builder.names_base &&
		    zf->inputs[i].id.modified_s > facts->modified_s)
			facts->modified_s = zf->inputs[i].id.modified_s;
}

/* Marks in the text will be looked for while the zone is sealed, and nothing can be told then. */
static void recall_marks(struct zonefile *zf)
{
	for (size_t i = 0; pointers_expected(&zf->builder) > 0 && i < zf->sources.count; i++) {
		const struct source *s = &zf->sources.at[i];

		if (source_is_there(s))
			continue;
		zf->is_changing = true;
		diag_report(zf->diag, (struct kind){ SEVERITY_ERROR, "unreadable" },
			    (struct spot){ s, NULL, 0 }, NULL, "cannot be read again");
	}
}

static bool finish(struct reading *r)
{
	struct zonefile *zf = r->zf;

	if (!zf->has_builder && zf->diag->errors == 0)
		diag_report(zf->diag, (struct kind){ SEVERITY_ERROR, "no-soa" },
			    (struct spot){ &zf->sources.at[0], zf->sources.at[0].text, 1 },
			    "a zone begins with its start of authority: "
			    "@ SOA ns1 hostmaster ( 1 3h 1h 1w 1d )",
			    "no SOA record");
	if (zf->diag->errors > 0)
		return false;
	builder_complete(&zf->builder);
	if (!zone_check(&zf->builder, &zf->sources, zf->diag) ||
	    !seal_fits(&zf->builder, &zf->sources, zf->diag))
		return false;
	keep_facts(r);
	recall_marks(zf);
	if (zf->wants_lint && zf->diag->errors == 0)
		zonefile_lint(zf);
	return zf->diag->errors == 0;
}

/* ------ the whole way ------ */

/* What fails without any other reason failed because memory ended. */
static void report_memory(struct zonefile *zf)
{
	struct source whole = { .file = zonefile_title(zf) };

	if (zf->diag->errors == 0)
		diag_report(zf->diag, (struct kind){ SEVERITY_ERROR, "memory" },
			    (struct spot){ &whole, NULL, 0 }, NULL, "out of memory");
}

bool zonefile_read(struct zonefile *zf)
{
	struct reading *r = calloc(1, sizeof *r);
	bool good = false;

	if (r) {
		r->zf = zf;
		r->taken = r->pending;
		if (zf->progress)
			progress_start(zf->progress, zonefile_title(zf));
		if (include_start(zf) && use_given_origin(r) && read_layers(r))
			good = finish(r);
		lexer_free(&r->lx);
		free(r);
	}
	if (!good)
		report_memory(zf);
	return good;
}

static void release_text(struct zonefile *zf, size_t i)
{
	struct file_text *text = &zf->texts[i];

	if (text->octets && zf->sources.at[i].is_secret)
		explicit_bzero(text->octets, text->size);
	if (text->octets)
		zf->files->release(zf->files->self, text);
	*text = (struct file_text){ 0 };
}

void zonefile_lint(struct zonefile *zf)
{
	zone_lint(&zf->builder, &zf->sources, &zf->facts, zf->diag, zf->fixes);
}

void zonefile_free(struct zonefile *zf)
{
	for (size_t i = 0; i < zf->sources.count; i++)
		release_text(zf, i);
	for (size_t i = 0; i < zf->input_count; i++)
		free(zf->inputs[i].path);
	free(zf->sources.at);
	free(zf->inputs);
	free(zf->texts);
	if (zf->has_builder)
		builder_free(&zf->builder);
	zf->sources = (struct sources){ 0 };
	zf->inputs = NULL;
	zf->texts = NULL;
	zf->input_count = 0;
	zf->has_builder = false;
}

uint8_t *zonefile_image(struct zonefile *zf, size_t *size)
{
	uint8_t *out = NULL;

	if (zonefile_read(zf) && (out = calloc(1, seal_room(&zf->builder))) != NULL) {
		struct seal_output to = seal_in_memory(out);

		*size = seal_zone(&zf->builder, &zf->sources, &to);
		if (*size == 0) {
			free(out);
			out = NULL;
		}
	}
	if (zf->progress)
		progress_erase(zf->progress);
	if (!out)
		report_memory(zf);
	return out;
}
