#include "support/properties.h"

#include "support/failing_memory.h"
#include "support/finding_place.h"
#include "support/image_sound.h"
#include "support/memory_files.h"
#include "support/parts.h"
#include "zone/diff.h"
#include "zone/fix.h"
#include "zone/lookup.h"
#include "zone/pointers.h"
#include "zone/zonefile.h"

enum { NAMES_FILES = 8, NOW = 1767225600, ROOM = 10, PATH_SIZE = 4096 };

static const struct siphash_key key = { 1, 2 };

/* What an input asks for. */
struct setting {
	struct memory_files memory;
	struct names_file names[NAMES_FILES];
	size_t name_count;
	char paths[MEMORY_FILES_MAX][ROOM];
	unsigned includes;
	bool has_origin, is_root, has_zone, has_upper, wants_lint, wants_pointers, is_small;
	bool in_folder, is_once;
	bool is_below;  /* the zone file and what it includes are in a folder */
	bool has_fault; /* of the allocation: */
	size_t fault;
	unsigned problem; /* of the next file; 0: none */
	bool has_problem; /* one of them has */
};

/* One reading, and what came of it. */
struct outcome {
	uint8_t *octets; /* the image, NULL: refused */
	size_t size;
	struct image z;
	bool failed; /* an allocation did */
};

/* ------ the input ------ */

static void add_file(struct setting *s, const char *path, struct slice text)
{
	const char *const problems[] = { NULL,         "no such file", file_no_memory,
					 file_changes, file_no_answer, file_no_descriptor,
					 file_late };

	if (s->memory.count == MEMORY_FILES_MAX)
		return;
	struct memory_file *f =
		memory_files_add(&s->memory, path, (const char *)text.octets, text.size);
	f->problem = problems[s->problem % (sizeof problems / sizeof problems[0])];
	f->modified_s = NOW - 3 * 86400;
	s->problem = 0;
}

/* A path of the next file: folder, letters and a number, as "names/H3". */
static const char *new_path(struct setting *s, const char *folder, const char *letters,
			    unsigned number)
{
	struct text path = text_init(s->paths[s->memory.count], ROOM);

	text_format(&path, "%s%s%u", folder, letters, number);
	return text_str(&path);
}

/* A folder is one of the names' files, however much is in it. */
static void add_names(struct setting *s, char letter, struct slice text)
{
	enum names_format format = letter == 'H'   ? NAMES_HOSTS
				   : letter == 'L' ? NAMES_LEASES
						   : NAMES_PEERS;

	if (s->memory.count == MEMORY_FILES_MAX)
		return;
	const char letters[] = { letter, '\0' };
	const char *path =
		new_path(s, s->in_folder ? "names/" : "", letters, (unsigned)s->memory.count);
	const char *layer = s->in_folder ? "names" : path;
	bool is_known = s->name_count > 0 && strcmp(s->names[s->name_count - 1].path, layer) == 0;

	add_file(s, path, text);
	if (!is_known && s->name_count < NAMES_FILES)
		s->names[s->name_count++] = (struct names_file){ format, layer };
}

/* Several layers can be made of one input, so the two that are files are there once. */
static void add_layer(struct setting *s, char letter, struct slice text)
{
	bool *has = letter == 'z' ? &s->has_zone : &s->has_upper;

	if (!*has)
		add_file(s, letter == 'u' ? "upper" : s->is_below ? "d/zone" : "zone", text);
	*has = true;
}

static void add_include(struct setting *s, struct slice text)
{
	if (s->memory.count == MEMORY_FILES_MAX)
		return;
	add_file(s, new_path(s, s->is_below ? "d/" : "", "", ++s->includes), text);
}

static void take_letter(struct setting *s, char letter, struct slice *rest)
{
	switch (letter) {
	case 'o':
		s->has_origin = true;
		break;
	case 'r':
		s->has_origin = s->is_root = true;
		break;
	case 'd':
		s->is_below = s->is_below || !s->has_zone;
		break;
	case 'c':
		s->wants_lint = true;
		break;
	case 'p':
		s->wants_pointers = true;
		break;
	case 's':
		s->is_small = true;
		break;
	case 'f':
		s->in_folder = true;
		break;
	case '-':
		s->is_once = true;
		break;
	case 'e':
		s->problem++;
		s->has_problem = true;
		break;
	case 'i':
		add_include(s, part_next(rest));
		break;
	case 'z':
	case 'u':
		add_layer(s, letter, part_next(rest));
		break;
	case 'H':
	case 'L':
	case 'P':
		add_names(s, letter, part_next(rest));
		break;
	default:
		if (letter >= '0' && letter <= '9' && s->fault < 1000) {
			s->has_fault = true;
			s->fault = s->fault * 10 + (size_t)(letter - '0');
		}
	}
}

static void take_input(struct setting *s, struct slice input)
{
	struct slice letters = part_next(&input);

	for (size_t i = 0; i < letters.size; i++)
		take_letter(s, (char)letters.octets[i], &input);
	/* What zonefile.h wants of those who call. */
	s->has_zone = s->has_zone || s->name_count == 0;
	s->has_origin = s->has_origin || s->name_count > 0 || s->has_upper;
}

/* ------ reading ------ */

static void check_finding(void *self, const struct finding *f)
{
	(void)self;
	PROPERTY(finding_fits(f));
}

static bool may_change(void *self, const struct source *source)
{
	(void)self;
	return source->size % 8 != 0; /* of a file that is read by others as well, say */
}

static void draw(const char *line)
{
	PROPERTY(strlen(line) < PROGRESS_LINE_SIZE);
}

/* Time enough passes between two looks for a line to be drawn. */
static uint64_t slow_clock(void *self)
{
	static uint64_t now_ms;

	(void)self;
	return now_ms += PROGRESS_FIRST_MS;
}

static void read_layers(struct setting *s, struct zonefile *zf, struct outcome *o)
{
	struct fixes fixes = { .may_change = may_change };
	size_t count;

	zf->fixes = zf->wants_lint ? &fixes : NULL;
	o->octets = zonefile_image(zf, &o->size);
	o->failed = memory_recovers();
	PROPERTY(fixes_settle(&fixes) || fixes.failed);
	for (size_t i = 0; i < zf->sources.count; i++)
		(void)fixes_of(&fixes, &zf->sources.at[i], &count);
	fixes_free(&fixes);
	for (size_t i = 0; i < zf->input_count; i++) {
		char room[2 * PATH_SIZE];
		struct text path = text_init(room, sizeof room);

		zonefile_input_path(&zf->inputs[i], &path);
		PROPERTY(!path.full && path.used > 0);
	}
	zonefile_free(zf);
	PROPERTY(s->memory.open == 0);
}

/* Reads the zone; memory may end, and be missed by nobody. */
static struct outcome read_zone(struct setting *s, bool with_layers, bool with_fault)
{
	struct files files = memory_files(&s->memory);
	struct diag diag = { .report = check_finding };
	struct progress progress = { .clock = { .now_ms = slow_clock }, .draw = draw };
	struct outcome o = { .octets = NULL };
	size_t before = memory_blocks();
	struct zonefile zf = {
		.files = &files,
		.path = !s->has_zone  ? NULL
			: s->is_below ? "d/zone"
				      : "zone",
		.upper = with_layers && s->has_upper ? "upper" : NULL,
		.names = s->names,
		.name_count = with_layers ? s->name_count : 0,
		.now_s = NOW,
		.origin = s->is_root      ? "."
			  : s->has_origin ? "example."
					  : NULL,
		.key = &key,
		.limits = s->is_small ? (struct builder_limits){ 8, 2048 }
				      : (struct builder_limits){ 100000, 1 << 24 },
		.diag = &diag,
		.wants_lint = s->wants_lint,
		.wants_pointers = s->wants_pointers,
		.progress = &progress,
	};

	if (with_fault)
		s->is_once ? memory_fails_once_at(s->fault) : memory_fails_at(s->fault);
	read_layers(s, &zf, &o);
	PROPERTY((o.octets != NULL) == (diag.errors == 0));
	PROPERTY(memory_blocks() == before + (o.octets != NULL));
	if (o.octets) {
		PROPERTY(image_open(&o.z, o.octets, o.size));
		const char *problem = image_unsound(&o.z, &key);
		if (problem)
			fprintf(stderr, "%s\n", problem);
		PROPERTY(!problem);
	}
	return o;
}

/* ------ what two zones have to do with each other ------ */

static void print_difference(void *self, const struct difference *d)
{
	static char room[4 * RDATA_MAX_SIZE + 2 * DIAG_FINDING_SIZE];
	struct text text = text_init(room, sizeof room);

	(void)self;
	difference_print(d, &text);
	PROPERTY(!text.full && text.used > 0);
}

/*
 * Files of names add addresses to names that have none of the family, and no alias;
 * self is the zone without them.
 */
static void check_named(void *self, const struct difference *d)
{
	const struct image *z = self;
	struct probe p;

	print_difference(NULL, d);
	probe_init(&p, &key, d->owner);
	struct match m = zone_lookup(z, &p);
	PROPERTY(d->change == CHANGE_ADDED && (d->type == TYPE_A || d->type == TYPE_AAAA));
	PROPERTY(m.found != FOUND_DNAME);
	PROPERTY(m.found != FOUND_NODE ||
		 (!node_find(m.node, d->type) && !node_find(m.node, TYPE_CNAME)));
}

/* What one has more is what the other has less. */
static void compare(struct outcome *a, const struct outcome *b, bool has_upper)
{
	static struct zone_diff there, back;

	back = (struct zone_diff){ .report = print_difference };
	there = (struct zone_diff){ .report = has_upper ? print_difference : check_named,
				    .self = &a->z };
	PROPERTY(zone_diff(&there, &a->z, &b->z));
	PROPERTY(zone_diff(&back, &b->z, &a->z));
	PROPERTY(there.count[CHANGE_ADDED] == back.count[CHANGE_REMOVED]);
	PROPERTY(there.count[CHANGE_REMOVED] == back.count[CHANGE_ADDED]);
	PROPERTY(there.count[CHANGE_TTL] == back.count[CHANGE_TTL]);
}

/* Names of addresses, out of two versions of a zone. */
static void name_addresses(const struct outcome *a, const struct outcome *b)
{
	const struct image zones[] = { a->z, b->z };
	size_t room = pointers_room(zones, 2);
	uint8_t *block = calloc(1, room + 1);
	struct pointers p;

	PROPERTY(block);
	if (room > 0) {
		size_t size = pointers_make(zones, 2, block);
		PROPERTY(size <= room && pointers_open(&p, block, size));
	}
	free(block);
}

void property_layers(const uint8_t *octets, size_t size)
{
	static struct setting s;

	s = (struct setting){ .problem = 0 };
	take_input(&s, (struct slice){ octets, size });
	struct outcome whole = read_zone(&s, true, false);
	if (s.has_fault) {
		struct outcome less = read_zone(&s, true, true);

		PROPERTY(less.failed || (less.octets != NULL) == (whole.octets != NULL));
		PROPERTY(!less.octets || (whole.octets && less.size == whole.size &&
					  memcmp(less.octets, whole.octets, whole.size) == 0));
		free(less.octets);
	}
	if (s.has_zone) {
		struct outcome alone = read_zone(&s, false, false);

		/* No file of names costs a zone, whatever is in it. */
		PROPERTY(whole.octets || !alone.octets || s.has_upper || s.has_problem ||
			 s.is_small);
		if (alone.octets && whole.octets) {
			compare(&alone, &whole, s.has_upper);
			name_addresses(&alone, &whole);
		}
		free(alone.octets);
	}
	free(whole.octets);
}
