/*
 * mapped.c -- zones and names of addresses, mapped and swapped.
 */
#include "app/mapped.h"
#include "app/sealed.h"
#include "base/log.h"

#include <stdlib.h>

bool mapped_init(struct mapped *m, const struct config *config, const struct siphash_key *key)
{
	*m = (struct mapped){
		.config = config,
		.key = key,
		.zones = calloc(config->zone_count + 1, sizeof *m->zones),
	};
	return m->zones && catalog_init(&m->catalog, m->zones, 0, key);
}

/* Where nothing was, every name is new. */
static bool is_same_origin(const struct image *old, const struct image *fresh)
{
	return old->header && name_equal(image_origin(old), image_origin(fresh));
}

bool mapped_take_zone(struct mapped *m, size_t zone, int file, size_t size)
{
	struct image fresh;
	const void *at = zone < m->config->zone_count ? sealed_map(file, size) : NULL;

	if (!at || !image_open(&fresh, at, size)) {
		log_write(LEVEL_ERROR, "a zone cannot be mapped: the old one stays");
		if (at)
			sealed_unmap(at, size);
		return false;
	}
	struct image old = m->zones[zone];
	bool is_new = !is_same_origin(&old, &fresh);
	fresh.is_overlay = m->config->zones[zone].is_overlay;
	fresh.view = m->config->zones[zone].view;
	m->zones[zone] = fresh;
	catalog_free(&m->catalog);
	m->lost = !catalog_init(&m->catalog, m->zones, m->config->zone_count, m->key);
	if (m->lost)
		log_write(LEVEL_ERROR, "out of memory: no zones are served");
	if (old.header)
		sealed_unmap(old.base, old.header->size);
	return is_new;
}

void mapped_take_pointers(struct mapped *m, int file, size_t size)
{
	struct pointers fresh = { NULL };
	const void *at = file >= 0 ? sealed_map(file, size) : NULL;

	if (file >= 0 && (!at || !pointers_open(&fresh, at, size))) {
		log_write(LEVEL_ERROR,
			  "the names of addresses cannot be mapped: the old ones stay");
		if (at)
			sealed_unmap(at, size);
		return;
	}
	if (m->pointers.header)
		sealed_unmap(m->pointers.header, m->pointers_size);
	m->pointers = fresh;
	m->pointers_size = size;
}
