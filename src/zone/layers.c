/*
 * layers.c -- the files that make a zone together: what goes before what, and
 * names with addresses as records.
 */
#include "zone/reading.h"

#include <stdlib.h>

/* RFC 6303 §3: of the SOA of a zone that has no file. */
enum {
	MADE_SERIAL = 1, /* for ever: nobody keeps a copy of such a zone */
	MADE_TTL = 300,
	MADE_REFRESH = 3600,
	MADE_RETRY = 1200,
	MADE_EXPIRE = 604800,
	MADE_MINIMUM = 60, /* a name that is not there yet may be in a moment */
	MADE_NUMBERS = 20, /* octets of serial and times */
};

/* ------ what goes before what ------ */

/*
 * A file of names is silent where there is an alias or an address of the same
 * family.  What a client of DHCP calls itself is a claim: it gives no address,
 * of whatever family, to a name that somebody wrote down with one.
 */
static bool is_silenced(const struct reading *r, const struct builder_record *earlier,
			uint16_t type)
{
	bool is_claim = r->layer >= r->claims && earlier->place < r->claims;

	return earlier->type == type || earlier->type == TYPE_CNAME ||
	       (is_claim && (earlier->type == TYPE_A || earlier->type == TYPE_AAAA));
}

/*
 * Records of a node stand in the order of their places, so those of earlier
 * layers come first.  A file of names adds to what is there; any other file is
 * silent about a name that an earlier one has, or at the apex about a type.
 */
bool layer_covers(const struct reading *r, uint32_t node, uint16_t type)
{
	const struct builder *b = &r->zf->builder;
	bool is_names = r->layer >= b->names_base;
	const struct builder_record *record = builder_first(b, node);

	for (; record && record->place < r->layer; record = builder_after(b, record))
		if (is_names ? is_silenced(r, record, type)
			     : record->type == type || node != b->apex)
			return true;
	return false;
}

/* ------ names with addresses ------ */

/*
 * A name below a DNAME is somewhere else (RFC 6672 §2.4): no file of names can
 * change that.  At a delegation and below it an address leads to the name server
 * of somebody else (RFC 1034 §4.2.1), which nobody can claim to be.
 */
static bool is_elsewhere(const struct builder *b, const struct named_address *n)
{
	unsigned missing, cut = n->is_claimed ? NODE_CUT : 0;
	const struct builder_node *at = builder_node_at(b, builder_closest(b, n->owner, &missing));
	unsigned flags = cut | (missing ? NODE_DNAME : 0);

	while (at->parent && !(at->flags & flags)) {
		at = builder_node_at(b, at->parent);
		flags = cut | NODE_DNAME;
	}
	return at->flags & flags;
}

/* Nobody means more; an RRset that fits into no message would cost us the whole zone. */
static bool is_full(const struct builder *b, uint32_t node, uint16_t type)
{
	const struct builder_record *record;
	unsigned count = 0;

	for (uint32_t at = builder_node_at(b, node)->first; at; at = record->next) {
		record = builder_record_at(b, at);
		count += record->type == type;
	}
	return count >= NAMES_ADDRESSES_MAX;
}

static void add_address(void *self, const struct named_address *n)
{
	struct reading *r = self;
	struct builder *b = &r->zf->builder;
	const struct source *s = reading_level(r)->source;
	uint32_t place = s->base + (uint32_t)(n->at - s->text);
	uint16_t type = n->address.size == 4 ? TYPE_A : TYPE_AAAA;

	if (!name_is_within(n->owner, name_view(&b->origin)) || is_elsewhere(b, n))
		return;
	uint32_t node = builder_node(b, n->owner);
	if (node && (layer_covers(r, node, type) || is_full(b, node, type)))
		return;
	const char *problem = builder_add(b, node, type, n->ttl, n->address, place);
	if (problem)
		diag_report(r->zf->diag, (struct kind){ SEVERITY_ERROR, "memory" },
			    (struct spot){ s, n->at, 1 }, NULL, "%s", problem);
}

static const char no_names[] = "no names from there: ";

/*
 * A file that is not there yet is looked for, and missed by nobody but its owner.
 * What only this moment is to blame for takes no names away: the old zone stays.
 */
static void report(struct reading *r, const char *path, const char *what, const char *problem)
{
	struct source file = { .file = path };
	bool is_passing = problem == file_no_memory || problem == file_no_descriptor ||
			  problem == file_changes || problem == file_no_answer ||
			  problem == file_late;

	diag_report(r->zf->diag,
		    (struct kind){ is_passing ? SEVERITY_ERROR : SEVERITY_WARNING, "unreadable" },
		    (struct spot){ &file, NULL, 0 }, NULL, "%s%s", what, problem);
}

static void read_names(struct reading *r, enum names_format format, const char *path)
{
	struct zonefile *zf = r->zf;
	const char *problem = include_source(zf, NULL, path, NAMES_MAX_OCTETS, false);

	if (problem) {
		report(r, path, no_names, problem);
		return;
	}
	struct source *source = &zf->sources.at[zf->sources.count - 1];
	source->is_secret = names_are_secret(format, (struct slice){ source->text, source->size });
	struct names_reading names = {
		.source = source,
		.domain = name_view(&zf->builder.origin),
		.now_s = zf->now_s,
		.diag = zf->diag,
		.add = add_address,
		.self = r,
	};
	reading_level(r)->source = names.source;
	names_read(&names, format);
	if (names.expires_s && (zf->expires_s == 0 || names.expires_s < zf->expires_s))
		zf->expires_s = names.expires_s;
}

/* All files of a folder; the folder itself is an input as well, to be watched. */
static void read_folder(struct reading *r, const struct names_file *names,
			const struct file_list *list)
{
	struct zonefile *zf = r->zf;

	if (zf->input_count < ZONEFILE_MAX_FILES) {
		struct zonefile_input *folder = &zf->inputs[zf->input_count];

		folder->path = strdup(names->path);
		if (folder->path)
			zf->input_count++;
		else
			report(r, names->path, no_names, file_no_memory);
		(void)zf->files->identify(zf->files->self, names->path, &folder->id);
	}
	if (list->is_cut)
		report(r, names->path, "", "more than 128 files: the rest is passed over");
	for (size_t i = 0; i < list->count; i++) {
		char room[4096];
		struct text path = text_init(room, sizeof room);

		text_format(&path, "%s/%s", names->path, list->names[i]);
		if (!path.full)
			read_names(r, names->format, room);
	}
}

/* Each line of the configuration is a layer: what a folder has lies side by side. */
static bool read_layer(struct reading *r, const struct names_file *names)
{
	struct zonefile *zf = r->zf;
	struct file_list *list = zf->files->list ? malloc(sizeof *list) : NULL;

	if (!list && zf->files->list)
		return false;
	if (list && zf->files->list(zf->files->self, names->path, list))
		read_folder(r, names, list);
	else
		read_names(r, names->format, names->path);
	free(list);
	return true;
}

/* Those that are leases, or those that are not, in their order. */
static bool read_names_of(struct reading *r, bool leases)
{
	struct zonefile *zf = r->zf;

	for (size_t i = 0; i < zf->name_count; i++) {
		if ((zf->names[i].format == NAMES_LEASES) != leases)
			continue;
		r->layer = sources_end(&zf->sources);
		if (!read_layer(r, &zf->names[i]))
			return false;
	}
	return true;
}

/* What people wrote comes before what clients claim. */
bool layer_names(struct reading *r)
{
	struct zonefile *zf = r->zf;

	if (!zf->has_builder)
		return true; /* no zone, which is told by others */
	zf->builder.names_base = sources_end(&zf->sources);
	r->claims = UINT32_MAX;
	if (!read_names_of(r, false))
		return false;
	r->claims = sources_end(&zf->sources);
	return read_names_of(r, true);
}

/* ------ a zone without a file ------ */

/* A file for some clients may have brought one. */
bool layer_soa(struct reading *r)
{
	static const uint8_t nobody[] = "\6nobody\7invalid";
	struct zonefile *zf = r->zf;
	struct builder *b = &zf->builder;
	uint8_t rdata[2 * NAME_MAX_SIZE + MADE_NUMBERS];
	struct writer w = writer_init(rdata, sizeof rdata);

	if (layer_covers(r, b->apex, TYPE_SOA))
		return true;
	put_name(&w, name_view(&b->origin));
	put_octets(&w, nobody, sizeof nobody);
	put_u32(&w, MADE_SERIAL);
	put_u32(&w, MADE_REFRESH);
	put_u32(&w, MADE_RETRY);
	put_u32(&w, MADE_EXPIRE);
	put_u32(&w, MADE_MINIMUM);
	/* Messages about it lead to the first file, or to a text that is empty. */
	if (zf->sources.count == 0)
		zf->sources.at[zf->sources.count++] =
			(struct source){ .file = zf->origin, .text = (const uint8_t *)"\n" };
	return builder_add(b, b->apex, TYPE_SOA, MADE_TTL, (struct slice){ rdata, writer_size(&w) },
			   0) == NULL;
}
