#include "support/properties.h"

#include "dns/name.h"

static bool same_octets(struct name a, struct name b)
{
	return a.size == b.size && memcmp(a.octets, b.octets, a.size) == 0;
}

static void check_text(struct name n)
{
	char room[NAME_MAX_TEXT];
	struct text text = text_init(room, sizeof room);
	struct name_buf again;

	name_print(n, &text);
	PROPERTY(!text.full);
	PROPERTY(!name_parse((const uint8_t *)room, text.used, name_root, &again));
	PROPERTY(same_octets(name_view(&again), n));
}

static void check_wire(struct name n)
{
	uint8_t wire[NAME_MAX_SIZE];
	struct writer w = writer_init(wire, sizeof wire);
	struct name_buf copy;

	put_name(&w, n);
	PROPERTY(!w.full && writer_size(&w) == n.size);
	struct reader r = reader_init(wire, n.size);
	PROPERTY(get_name_plain(&r, &copy) && reader_left(&r) == 0);
	PROPERTY(same_octets(name_view(&copy), n));
}

/* A name is below each of its ancestors, and behind it in order. */
static void check_ancestors(struct name n)
{
	unsigned labels = name_labels(n);
	struct name above = n;
	struct name_buf moved;

	PROPERTY(n.size >= 1 && n.size <= NAME_MAX_SIZE && labels <= NAME_MAX_LABELS);
	PROPERTY(name_equal(n, n) && name_compare(n, n) == 0);
	while (!name_is_root(above)) {
		above = name_parent(above);
		PROPERTY(name_labels(above) == --labels);
		PROPERTY(name_is_within(n, above) && !name_is_within(above, n));
		PROPERTY(name_compare(above, n) < 0 && name_compare(n, above) > 0);
		PROPERTY(name_replace_suffix(n, above, above, &moved));
		PROPERTY(same_octets(name_view(&moved), n));
		if (name_replace_suffix(n, above, n, &moved))
			PROPERTY(name_is_within(name_view(&moved), n));
	}
	PROPERTY(labels == 0);
}

static void check_name(struct name n)
{
	check_ancestors(n);
	check_text(n);
	check_wire(n);
}

void property_name(const uint8_t *octets, size_t size)
{
	struct reader r = reader_init(octets, size);
	struct name_buf name, other;

	reader_take(&r, get_u8(&r));
	bool is_name = get_name(&r, &name);
	if (is_name)
		check_name(name_view(&name));
	if (name_parse(octets, size, name_root, &other))
		return;
	check_name(name_view(&other));
	if (is_name)
		PROPERTY(name_equal(name_view(&name), name_view(&other)) ==
			 (name_compare(name_view(&name), name_view(&other)) == 0));
}
