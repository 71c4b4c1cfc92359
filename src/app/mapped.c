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
		.zones = calloc(config->zone_count + 1, sizeof *m->zones),
	};
	return m->zones && catalog_init(&m->catalog, m->zones, config->zone_count, key);
}

bool mapped_take_zone(struct mapped *m, size_t zone, const void *block, size_t size)
{
	struct image fresh;

	if (!block || zone >= m->config->zone_count || !image_open(&fresh, block, size)) {
		log_write(LEVEL_ERROR, "a zone cannot be mapped: the old one stays");
		if (block)
			sealed_unmap(block, size);
		return false;
	}
	struct image old = m->zones[zone];
	fresh.is_overlay = m->config->zones[zone].is_overlay;
	fresh.view = m->config->zones[zone].view;
	bool is_new = catalog_replace(&m->catalog, zone, &fresh);
	if (old.header)
		sealed_unmap(old.base, old.header->size);
	return is_new;
}

static void drop_pointers(struct mapped *m)
{
	if (m->pointers.header)
		sealed_unmap(m->pointers.header, m->pointers_size);
	m->pointers = (struct pointers){ NULL };
}

void mapped_take_pointers(struct mapped *m, const void *block, size_t size)
{
	struct pointers fresh = { NULL };

	if (size > 0 && (!block || !pointers_open(&fresh, block, size))) {
		log_write(LEVEL_ERROR,
			  "the names of addresses cannot be mapped: the old ones stay");
		if (block)
			sealed_unmap(block, size);
		return;
	}
	drop_pointers(m);
	m->pointers = fresh;
	m->pointers_size = size;
}

void mapped_free(struct mapped *m)
{
	catalog_free(&m->catalog);
	for (size_t i = 0; m->zones && i < m->config->zone_count; i++)
		if (m->zones[i].header)
			sealed_unmap(m->zones[i].base, m->zones[i].header->size);
	free(m->zones);
	drop_pointers(m);
}
