/*
 * include.c -- the files of a zone: the first one, and $INCLUDE.
 *
 * $INCLUDE is a stack of levels, at most ZONEFILE_INCLUDE_DEPTH deep, each
 * with its own origin and last owner (RFC 1035 §5.1: the including file goes
 * on as if nothing had been between).  A file below the zone file's folder is
 * the only thing that can be included (base/files.h).
 */
#include "zone/reading.h"

#include <stdlib.h>

enum { PATH_SIZE = 4096 };

/* The folder of the zone file, into which $INCLUDE may look. */
static void folder_of(const char *path, char folder[PATH_SIZE])
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;

	if (!slash || n >= PATH_SIZE) {
		memcpy(folder, ".", 2);
		return;
	}
	memcpy(folder, path, n);
	folder[n] = '\0';
	if (n == 0)
		memcpy(folder, "/", 2);
}

bool include_start(struct zonefile *zf)
{
	zf->sources.at = calloc(ZONEFILE_MAX_FILES, sizeof *zf->sources.at);
	zf->inputs = calloc(ZONEFILE_MAX_FILES, sizeof *zf->inputs);
	zf->texts = calloc(ZONEFILE_MAX_FILES, sizeof *zf->texts);
	return zf->sources.at && zf->inputs && zf->texts;
}

static const char *read_text(struct zonefile *zf, const char *within, const char *path,
			     size_t limit, bool in_pieces, struct file_text *text)
{
	const struct files *files = zf->files;
	char folder[PATH_SIZE];

	if (within)
		folder_of(within, folder);
	if (!in_pieces || !files->read_pieces)
		return files->read(files->self, within ? folder : NULL, path, limit, text);
	return files->read_pieces(files->self, within ? folder : NULL, path, limit,
				  zf->piece ? zf->piece : ZONEFILE_PIECE, text);
}

/* A text's input stands at the text's own index; what has no text moves behind. */
static void add_input(struct zonefile *zf, size_t i, struct zonefile_input input)
{
	zf->inputs[zf->input_count++] = zf->inputs[i];
	zf->inputs[i] = input;
}

const char *include_source(struct zonefile *zf, const char *within, const char *path, size_t limit,
			   bool in_pieces)
{
	size_t i = zf->sources.count;
	uint32_t base = sources_end(&zf->sources);

	if (zf->input_count == ZONEFILE_MAX_FILES || base >= ZONEFILE_MAX_OCTETS)
		return "too many files in one zone";
	struct zonefile_input input = { .path = strdup(path), .within = within };
	if (!input.path)
		return file_no_memory;
	if (limit > ZONEFILE_MAX_OCTETS - base)
		limit = ZONEFILE_MAX_OCTETS - base;
	const char *problem = read_text(zf, within, path, limit, in_pieces, &zf->texts[i]);
	if (problem) {
		zf->inputs[zf->input_count++] = input;
		return problem;
	}
	input.id = zf->texts[i].id;
	zf->sources.at[i] = (struct source){
		.file = input.path,
		.text = zf->texts[i].octets,
		.size = zf->texts[i].size,
		.base = base,
		.pieces = zf->texts[i].ready ? &zf->texts[i] : NULL,
	};
	add_input(zf, i, input);
	zf->sources.count++;
	return NULL;
}

void zonefile_input_path(const struct zonefile_input *input, struct text *out)
{
	const char *slash = input->within ? strrchr(input->within, '/') : NULL;

	if (slash)
		text_put_octets(out, input->within, (size_t)(slash - input->within) + 1);
	text_put(out, input->path);
}

/* A mark that some editors put in front; RFC 1035 has no place for it. */
static bool has_byte_order_mark(struct reading *r, const struct source *s)
{
	if (s->size < 3 || memcmp(s->text, "\xef\xbb\xbf", 3) != 0)
		return false;
	diag_report(r->zf->diag, SYNTAX_ERROR, (struct spot){ s, s->text, 3 },
		    "save the file as UTF-8 without signature (BOM)",
		    "file starts with a UTF-8 byte order mark");
	return true;
}

/*
 * The lexer reads on at `pos` in the text of the level.  Of one in pieces it is given what ends
 * with a line.
 */
static void start_lexer(struct reading *r, const uint8_t *pos)
{
	const struct source *source = reading_level(r)->source;
	const struct file_text *pieces = source->pieces;

	r->owner_text = (struct slice){ 0 }; /* the same text may be another name here */
	lexer_start(&r->lx, source);
	r->lx.pos = pos;
	if (!pieces || pieces->ready == pieces->size)
		return;
	r->lx.has_more = true;
	for (r->lx.end = source->text + pieces->ready; r->lx.end > pos && r->lx.end[-1] != '\n';)
		r->lx.end--;
}

/* The text of the last owner, out of the way of pieces; size 0: there is none. */
static struct slice keep_owner(struct reading *r)
{
	struct slice kept = { r->owner_room, r->owner_text.size };

	if (kept.size > sizeof r->owner_room)
		kept.size = 0;
	if (kept.size > 0)
		memmove(r->owner_room, r->owner_text.octets, kept.size);
	return kept;
}

bool include_more(struct reading *r)
{
	const struct source *source = reading_level(r)->source;

	if (!r->lx.has_more)
		return false;
	struct slice owner = keep_owner(r);
	const char *problem = file_text_more(source->pieces, r->lx.pos);
	r->zf->is_changing = problem == file_changes;
	if (problem) {
		diag_report(r->zf->diag, (struct kind){ SEVERITY_ERROR, "unreadable" },
			    (struct spot){ source, NULL, 0 }, NULL, "cannot read on: %s", problem);
		return false;
	}
	start_lexer(r, r->lx.pos);
	r->owner_text = owner;
	return true;
}

bool include_first(struct reading *r, const char *path)
{
	struct zonefile *zf = r->zf;
	const char *problem = include_source(zf, NULL, path, ZONEFILE_MAX_OCTETS, true);

	if (problem) {
		struct source nothing = { .file = path };
		diag_report(zf->diag, (struct kind){ SEVERITY_ERROR, "unreadable" },
			    (struct spot){ &nothing, NULL, 0 }, NULL, "cannot read: %s", problem);
		return false;
	}
	const struct source *first = &zf->sources.at[zf->sources.count - 1];
	r->layer = first->base;
	reading_level(r)->source = first;
	start_lexer(r, first->text);
	return !has_byte_order_mark(r, first);
}

/* Is this file being read already, at a lower level? */
static bool is_open(const struct reading *r, const struct zonefile_input *file)
{
	for (unsigned i = 0; i <= r->depth; i++) {
		const struct zonefile_input *open =
			&r->zf->inputs[r->stack[i].source - r->zf->sources.at];
		if (file_id_is_same(&open->id, &file->id))
			return true;
	}
	return false;
}

/* "a -> b -> a", for the message about a cycle. */
static void report_cycle(struct reading *r, const struct word *at, const char *path)
{
	char chain[DIAG_MESSAGE_SIZE];
	struct text text = text_init(chain, sizeof chain);

	for (unsigned i = 0; i <= r->depth; i++)
		text_format(&text, "%s -> ", r->stack[i].source->file);
	text_put(&text, path);
	diag_report(r->zf->diag, SYNTAX_ERROR,
		    (struct spot){ reading_level(r)->source, at->at, at->size }, NULL,
		    "$INCLUDE cycle: %s", chain);
}

static void enter(struct reading *r, const struct source *source, const struct name_buf *origin)
{
	const struct level *from = reading_level(r);
	struct level *to = &r->stack[r->depth + 1];

	*to = *from;
	to->source = source;
	if (origin) {
		to->origin = *origin;
		to->origin_known = true;
	}
	r->depth++;
	start_lexer(r, source->text);
}

/* A file name as it stands; one with control characters would play tricks in messages. */
static bool take_path(struct words *w, const struct word *file, char path[PATH_SIZE])
{
	if (file->size == 0)
		return words_fail_at(w, file, "missing file name after $INCLUDE");
	if (file->size >= PATH_SIZE)
		return words_fail_at(w, file, "file name too long:");
	for (uint32_t i = 0; i < file->size; i++)
		if (file->at[i] < 0x20 || file->at[i] == 0x7f)
			return words_fail_at(w, file, "control character in file name");
	memcpy(path, file->at, file->size);
	path[file->size] = '\0';
	return true;
}

/* The words of an entry live in the lexer, which goes on with another text: copy first. */
void include_directive(struct reading *r, struct words *w)
{
	char path[PATH_SIZE];
	struct name_buf origin;
	const struct word *file = words_take(w, "missing file name after $INCLUDE");
	const struct word *domain = file && words_left(w) ? w->next++ : NULL;

	if (!file)
		return;
	if (words_left(w)) {
		words_fail_at(w, w->next, "unexpected text after $INCLUDE");
		return;
	}
	if (domain && !reading_name(r, domain, &origin))
		return;
	if (r->depth == ZONEFILE_INCLUDE_DEPTH) {
		reading_error(r, file, NULL, "$INCLUDE nested deeper than 8");
		return;
	}
	if (!take_path(w, file, path))
		return;
	const char *problem =
		include_source(r->zf, r->stack[0].source->file, path, ZONEFILE_MAX_OCTETS, true);
	if (problem) {
		diag_report(r->zf->diag, (struct kind){ SEVERITY_ERROR, "unreadable" },
			    (struct spot){ reading_level(r)->source, file->at, file->size }, NULL,
			    "cannot include: %s", problem);
		return;
	}
	size_t newest = r->zf->sources.count - 1;
	if (is_open(r, &r->zf->inputs[newest])) {
		report_cycle(r, file, path);
		return;
	}
	if (has_byte_order_mark(r, &r->zf->sources.at[newest]))
		return;
	reading_level(r)->pos = r->lx.pos;
	enter(r, &r->zf->sources.at[newest], domain ? &origin : NULL);
}

bool include_return(struct reading *r)
{
	if (r->depth == 0)
		return false;
	r->depth--;
	start_lexer(r, reading_level(r)->pos);
	return true;
}
