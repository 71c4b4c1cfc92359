#include "support/properties.h"

#include "support/image_sound.h"
#include "support/parts.h"
#include "support/quiet_zone.h"
#include "support/reply.h"

enum { OVERWRITTEN_MAX = 64 };

static void ask(const struct responder *responder, struct name name, uint16_t type)
{
	static uint8_t out[RESPOND_MAX_SIZE];
	static const uint8_t peer[4] = { 192, 0, 2, 99 };
	const struct question q = { name, type, CLASS_IN };
	uint8_t query[512];
	struct message m;
	struct response what;

	message_init(&m, query, sizeof query);
	put_question(&m, &q);
	message_finish(&m, 0x2323, 0);
	struct request req = { .octets = query,
			       .size = message_size(&m),
			       .via = VIA_TCP,
			       .peer = { peer, sizeof peer } };
	if (respond(responder, &req, out, sizeof out, &what) == OUTCOME_REPLY)
		reply_read((struct slice){ out, what.size }, (struct slice){ query, req.size },
			   NULL, NULL);
}

/* Asks for each name there is, and for one below it. */
static void ask_for_all(const struct quiet_zone *zone)
{
	static const uint16_t types[] = { TYPE_A,  TYPE_NS,  TYPE_CNAME, TYPE_SOA,   TYPE_MX,
					  TYPE_DS, TYPE_SRV, TYPE_HTTPS, TYPE_RRSIG, TYPE_ANY };
	struct name_buf name, below = { .octets = { 1, 'q' } };

	for (const struct node *n = image_apex(&zone->z); n; n = node_next(&zone->z, n)) {
		node_name(&zone->z, n, &name);
		for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
			ask(&zone->responder, name_view(&name), types[i]);
		if (name.size + 2 > NAME_MAX_SIZE)
			continue;
		memcpy(below.octets + 2, name.octets, name.size);
		below.size = (uint8_t)(name.size + 2);
		ask(&zone->responder, name_view(&below), TYPE_A);
	}
}

static void overwrite(struct quiet_zone *zone, struct reader *r)
{
	for (unsigned i = 0; i < OVERWRITTEN_MAX && reader_left(r) >= 3; i++) {
		size_t at = get_u16(r) % zone->size;
		zone->octets[at] = get_u8(r);
	}
}

void property_image(const uint8_t *octets, size_t size)
{
	struct slice rest = { octets, size };
	struct slice text = part_next(&rest);
	struct reader r = reader_init(rest.octets, rest.size);
	struct quiet_zone zone;
	struct image damaged;

	if (!quiet_zone_open(&zone, QUIET_ORIGIN, text.size ? text : quiet_zone_text))
		return;
	const struct siphash_key key = zone.z.header->key;
	PROPERTY(!image_unsound(&zone.z, &key));
	overwrite(&zone, &r);
	if (image_open(&damaged, zone.octets, zone.size) && !image_unsound(&damaged, &key)) {
		catalog_free(&zone.catalog);
		PROPERTY(catalog_init(&zone.catalog, &zone.z, 1, &key));
		ask_for_all(&zone);
	}
	quiet_zone_free(&zone);
}
