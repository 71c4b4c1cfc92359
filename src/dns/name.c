/*
 * name.c -- domain names: views, comparison, text and wire form.
 *
 * RFC 1035 §4.1.4 lets a name on the wire end in a pointer to an earlier
 * place of the message:
 *
 *	  0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15
 *	+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 *	| 1  1|                OFFSET                   |
 *	+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 *
 * We follow a pointer only when it leads to before the labels that it ends.
 * Offsets then fall with every hop, so the walk ends by itself.
 */
#include "dns/name.h"

enum {
	LABEL_TYPE = 0xc0,
	LABEL_POINTER = 0xc0,
	POINTER_OFFSET = 0x3fff, /* what is left of its two octets */
	MESSAGE_HEADER_SIZE = 12,
};

static const uint8_t root_octets[1] = { 0 };
const struct name name_root = { root_octets, 1 };

unsigned name_labels(struct name n)
{
	unsigned count = 0;

	for (; !name_is_root(n); n = name_parent(n))
		count++;
	return count;
}

/*
 * Length octets are at most 63 and so below 'A': folding leaves them alone,
 * and two names can be compared as one run of octets.
 */
bool name_equal(struct name a, struct name b)
{
	return a.size == b.size && octets_equal_folded(a.octets, b.octets, a.size);
}

bool name_is_within(struct name n, struct name ancestor)
{
	while (n.size > ancestor.size)
		n = name_parent(n);
	return name_equal(n, ancestor);
}

/* Offsets of the labels' length octets, first to last; returns how many. */
static unsigned label_starts(struct name n, uint8_t starts[NAME_MAX_LABELS])
{
	unsigned count = 0;

	for (uint8_t at = 0; n.octets[at] != 0; at = (uint8_t)(at + n.octets[at] + 1))
		starts[count++] = at;
	return count;
}

int label_compare(const uint8_t *a, const uint8_t *b)
{
	size_t common = *a < *b ? *a : *b;

	for (size_t i = 1; i <= common; i++)
		if (octet_folded[a[i]] != octet_folded[b[i]])
			return octet_folded[a[i]] - octet_folded[b[i]];
	return *a - *b;
}

int name_compare(struct name a, struct name b)
{
	uint8_t at_a[NAME_MAX_LABELS], at_b[NAME_MAX_LABELS];
	unsigned i = label_starts(a, at_a), j = label_starts(b, at_b);

	while (i > 0 && j > 0) {
		int order = label_compare(a.octets + at_a[--i], b.octets + at_b[--j]);
		if (order != 0)
			return order;
	}
	return (int)i - (int)j;
}

void name_copy(struct name_buf *to, struct name from)
{
	octets_copy(to->octets, from.octets, from.size);
	to->size = (uint8_t)from.size;
}

bool name_replace_suffix(struct name n, struct name owner, struct name target, struct name_buf *out)
{
	size_t kept = (size_t)n.size - owner.size;

	if (kept + target.size > NAME_MAX_SIZE)
		return false;
	octets_copy(out->octets, n.octets, kept);
	octets_copy(out->octets + kept, target.octets, target.size);
	out->size = (uint8_t)(kept + target.size);
	return true;
}

/* ------ text ------ */

/*
 * Decodes what follows a backslash at text[0..size): one character, or three
 * digits.  Returns how many characters were used, 0 when it is no escape.
 */
static size_t parse_escape(const uint8_t *text, size_t size, uint8_t *octet)
{
	if (size == 0)
		return 0;
	if (text[0] < '0' || text[0] > '9') {
		*octet = text[0];
		return 1;
	}
	unsigned value = 0;
	for (size_t i = 0; i < 3; i++) {
		if (i == size || text[i] < '0' || text[i] > '9')
			return 0;
		value = value * 10 + text[i] - '0';
	}
	*octet = (uint8_t)value;
	return value > 255 ? 0 : 3;
}

/* Appends the origin to `used` octets of labels: the name is whole. */
static const char *append_origin(struct name_buf *out, size_t used, struct name origin)
{
	if (used + origin.size > NAME_MAX_SIZE)
		return "name longer than 255 octets (with origin)";
	octets_copy(out->octets + used, origin.octets, origin.size);
	out->size = (uint8_t)(used + origin.size);
	return NULL;
}

/* Ends the label that began at `start`, which has 63 octets at most. */
static void end_label(struct name_buf *out, size_t start, size_t used)
{
	out->octets[start] = (uint8_t)(used - start - 1);
}

/* Octets that are looked at together; beyond so many, those behind the end might have no room. */
enum {
	PLAIN_STEP = BITS_ARE_QUICK ? 32 : 16,
	PLAIN_MAX_SIZE = NAME_MAX_SIZE - PLAIN_STEP - 1,
};

/* A bit for each of PLAIN_STEP octets that is this one. */
static inline uint32_t find_each(const uint8_t *octets, uint8_t octet)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < PLAIN_STEP; i += 16)
		bits |= bits_equal(octets + i, octet) << i;
	return bits;
}

/*
 * What nearly all names are: plain octets and dots.  They are copied as they are, one octet
 * further on, so that each dot stands where the length of the label behind it belongs; dots
 * behind the end make the last label one as the others.  Returns how many octets the labels
 * have, the dot at the end of an absolute name not counted; 0 when there is more to think of,
 * or anything is wrong.
 */
static size_t parse_plain(const uint8_t *text, size_t size, struct name_buf *out)
{
	size_t start = 0;

	if (size > PLAIN_MAX_SIZE)
		return 0;
	octets_copy(out->octets + 1, text, size);
	memset(out->octets + 1 + size, '.', PLAIN_STEP);
	for (size_t at = 1; at <= size + 1; at += PLAIN_STEP) {
		if (find_each(out->octets + at, '\\'))
			return 0;
		for (uint32_t dots = find_each(out->octets + at, '.'); dots; dots &= dots - 1) {
			size_t dot = at + first_bit(dots), n = dot - start - 1;

			if (start == size)
				return size;
			if (n == 0 || n > LABEL_MAX_SIZE)
				return 0;
			end_label(out, start, dot);
			start = dot;
			if (dot > size)
				return dot;
		}
	}
	return 0;
}

/*
 * The loop keeps: octets[0..start) are finished labels, octets[start] waits for the length,
 * octets(start..used) is the label so far, and used passes NAME_MAX_SIZE by one at most, which
 * is not written.
 */
static const char *parse_any(const uint8_t *text, size_t size, struct name origin,
			     struct name_buf *out)
{
	size_t start = 0, used = 1;

	for (size_t i = 0; i < size;) {
		uint8_t octet = text[i++];

		if (octet == '.') {
			if (used == start + 1)
				return "empty label in name";
			end_label(out, start, used);
			if (i == size)
				return append_origin(out, used, name_root);
			start = used++;
			continue;
		}
		if (octet == '\\') {
			size_t n = parse_escape(text + i, size - i, &octet);

			if (n == 0)
				return "bad \\DDD escape in name";
			i += n;
		}
		if (used < NAME_MAX_SIZE)
			out->octets[used] = octet;
		if (++used - start - 1 > LABEL_MAX_SIZE)
			return "label longer than 63 octets";
		if (used > NAME_MAX_SIZE)
			return "name longer than 255 octets (with origin)";
	}
	end_label(out, start, used); /* it is not empty: the last octet was no dot */
	return append_origin(out, used, origin);
}

const char *name_parse(const uint8_t *text, size_t size, struct name origin, struct name_buf *out)
{
	if (size == 1 && text[0] == '@')
		return append_origin(out, 0, origin);
	if (size == 1 && text[0] == '.')
		return append_origin(out, 0, name_root);
	if (size == 0)
		return "empty name";
	size_t used = parse_plain(text, size, out);
	if (used == 0)
		return parse_any(text, size, origin, out);
	if (used > size)
		return append_origin(out, used, origin);
	out->octets[used] = 0; /* its last dot */
	out->size = (uint8_t)(used + 1);
	return NULL;
}

const char *name_parse_absolute(const char *text, struct name_buf *out)
{
	return name_parse((const uint8_t *)text, strlen(text), name_root, out);
}

static void print_label_octet(uint8_t octet, struct text *out)
{
	if (octet <= 0x20 || octet >= 0x7f) {
		text_format(out, "\\%03u", octet);
		return;
	}
	if (strchr(".\\\"();@$", octet))
		text_put_char(out, '\\');
	text_put_char(out, (char)octet);
}

void name_print(struct name n, struct text *out)
{
	if (name_is_root(n))
		text_put_char(out, '.');
	for (; !name_is_root(n); n = name_parent(n)) {
		for (unsigned i = 1; i <= n.octets[0]; i++)
			print_label_octet(n.octets[i], out);
		text_put_char(out, '.');
	}
}

/* ------ wire ------ */

/*
 * Takes labels, NAME_MAX_SIZE octets at most.  Returns the octet that has ended them: 0, the
 * root's length, which is taken as well, or one that no label begins with, which is not.  If they
 * do not end r is bad, and *out is not set.
 */
static inline uint8_t take_labels(struct reader *r, struct slice *out)
{
	size_t left = r->bad ? 0 : reader_left(r), used = 0;
	uint8_t size;

	left = left < NAME_MAX_SIZE ? left : NAME_MAX_SIZE;
	do {
		if (used >= left) {
			r->bad = true;
			return 0;
		}
		size = r->pos[used];
		if (size & LABEL_TYPE)
			break;
		used += (size_t)size + 1;
	} while (size != 0);
	*out = (struct slice){ r->pos, used };
	r->pos += used;
	return size;
}

/*
 * Reads labels from r up to the root or a pointer.  True with *pointer set to
 * the pointer's offset, or to 0 when the name is complete; 0 can be no
 * pointer's offset, because the header is there.
 */
static bool get_labels(struct reader *r, struct name_buf *out, size_t *pointer)
{
	struct slice labels;
	uint8_t end = take_labels(r, &labels);

	if (r->bad || out->size + labels.size > NAME_MAX_SIZE)
		return false;
	octets_copy(out->octets + out->size, labels.octets, labels.size);
	out->size = (uint8_t)(out->size + labels.size);
	*pointer = 0;
	if (end == 0)
		return true;
	*pointer = get_u16(r) & POINTER_OFFSET;
	/* RFC 6891 §5: the label types 01 and 10 were given up. */
	return (end & LABEL_TYPE) == LABEL_POINTER && *pointer >= MESSAGE_HEADER_SIZE;
}

bool get_name(struct reader *r, struct name_buf *out)
{
	size_t run = (size_t)(r->pos - r->base); /* where the current labels began */
	size_t pointer = 0;

	out->size = 0;
	if (r->bad || !get_labels(r, out, &pointer)) {
		r->bad = true;
		return false;
	}
	for (unsigned hops = 0; pointer != 0; hops++) {
		if (pointer >= run || hops == NAME_MAX_POINTERS) {
			r->bad = true;
			return false;
		}
		/* Nothing after the labels that point can belong to the name. */
		struct reader earlier = reader_init(r->base, run);
		earlier.pos += pointer;
		run = pointer;
		if (!get_labels(&earlier, out, &pointer)) {
			r->bad = true;
			return false;
		}
	}
	return true;
}

bool get_name_view(struct reader *r, struct name *out)
{
	struct slice labels;

	if (take_labels(r, &labels) != 0)
		r->bad = true;
	if (r->bad)
		return false;
	*out = (struct name){ labels.octets, labels.size };
	return true;
}

bool get_name_plain(struct reader *r, struct name_buf *out)
{
	struct name view;

	if (!get_name_view(r, &view))
		return false;
	name_copy(out, view);
	return true;
}

const uint8_t *name_skip(struct reader *r)
{
	for (uint8_t size; (size = get_u8(r)) != 0; reader_take(r, size))
		if (size >= LABEL_POINTER) {
			reader_take(r, 1);
			return r->pos - 2;
		}
	return NULL;
}

void put_name(struct writer *w, struct name n)
{
	put_octets(w, n.octets, n.size);
}
