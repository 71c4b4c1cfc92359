/*
 * rdata_walk.c -- walks RDATA piece by piece.
 */
#include "zone/rdata_walk.h"
#include "dns/field.h"

struct rdata_walk rdata_walk_wire(const struct rrtype *type, const uint8_t *rdata, size_t size)
{
	return (struct rdata_walk){ .field = type->fields, .left = reader_init(rdata, size) };
}

struct rdata_walk rdata_walk_stored(const struct image *z, const struct rrtype *type,
				    const uint8_t *item, size_t size)
{
	struct rdata_walk w; /* without zeros: the rest is set with each piece */

	w.field = type->fields;
	w.left = reader_init(item, size);
	w.image = z;
	return w;
}

static bool next_name(struct rdata_walk *w)
{
	w->is_name = true;
	w->compress = *w->field++ == FIELD_NAME;
	if (!w->image)
		return get_name_view(&w->left, &w->name);
	const uint8_t *ref = reader_take(&w->left, NAME_REF_SIZE);
	if (!ref)
		return false;
	w->stored = image_name(w->image, ref);
	w->name = stored_name_view(w->stored);
	return true;
}

/* The field of the next name, or the end. */
static const uint8_t *find_name(const uint8_t *field)
{
	while (*field != FIELD_END && !field_is_name(*field))
		field++;
	return field;
}

bool rdata_walk_next(struct rdata_walk *w)
{
	if (field_is_name(*w->field))
		return next_name(w);
	const uint8_t *until = find_name(w->field);
	w->is_name = false;
	w->octets = w->left.pos;
	/* An image is well formed: what stands behind the last name is all that is left. */
	if (w->image && *until == FIELD_END) {
		reader_take(&w->left, reader_left(&w->left));
		w->field = until;
	}
	while (w->field < until)
		field_skip(*w->field++, &w->left);
	w->size = (size_t)(w->left.pos - w->octets);
	return !w->left.bad && w->size > 0;
}

void rdata_walk_write(struct rdata_walk *w, struct writer *out)
{
	while (rdata_walk_next(w)) {
		if (w->is_name)
			put_name(out, w->name);
		else
			put_octets(out, w->octets, w->size);
	}
}
