/*
 * private.c -- addresses that no public name has any business with.
 */
#include "serve/private.h"
#include "dns/name.h"
#include "dns/rrtype.h"

enum { SVC_IP4HINT = 4, SVC_IP6HINT = 6 /* RFC 9460 §14.3.2 */ };

struct prefix {
	uint8_t octets[4];
	uint8_t bits;
};

static bool has_prefix(const uint8_t *address, const struct prefix *p)
{
	for (unsigned i = 0; i < p->bits; i += 8) {
		unsigned rest = p->bits - i < 8 ? 8 - (p->bits - i) : 0;

		if ((address[i / 8] ^ p->octets[i / 8]) >> rest != 0)
			return false;
	}
	return true;
}

bool ip4_is_private(const uint8_t address[4])
{
	static const struct prefix prefixes[] = {
		{ { 0 }, 8 },         { { 10 }, 8 },         { { 100, 64 }, 10 },
		{ { 127 }, 8 },       { { 169, 254 }, 16 },  { { 172, 16 }, 12 },
		{ { 192, 168 }, 16 }, { { 192, 0, 0 }, 24 },
	};

	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
		if (has_prefix(address, &prefixes[i]))
			return true;
	return false;
}

/* The IPv4 address inside of an IPv6 address, where the form of it has one; else NULL. */
static const uint8_t *ip4_within(const uint8_t address[16])
{
	static const uint8_t forms[][12] = {
		{ 0 },                        /* ::a.b.c.d, RFC 4291 §2.5.5.1 */
		{ [10] = 0xff, [11] = 0xff }, /* ::ffff:a.b.c.d, RFC 4291 §2.5.5.2 */
		{ [8] = 0xff, [9] = 0xff },   /* ::ffff:0:a.b.c.d, RFC 2765 §2.1 */
		{ 0x00, 0x64, 0xff, 0x9b },   /* RFC 6052 §2.1 */
	};

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		if (memcmp(address, forms[i], sizeof forms[i]) == 0)
			return address + 12;
	return address[0] == 0x20 && address[1] == 0x02 ? address + 2 : NULL; /* RFC 3056 §2 */
}

bool ip6_is_private(const uint8_t address[16])
{
	static const uint8_t translated_here[6] = { 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01 };
	static const struct prefix prefixes[] = { { { 0xfc }, 7 },
						  { { 0xfe, 0x80 }, 10 },
						  { { 0xfe, 0xc0 }, 10 } };
	const uint8_t *ip4 = ip4_within(address);

	if (ip4)
		return ip4_is_private(ip4);
	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
		if (has_prefix(address, &prefixes[i]))
			return true;
	return memcmp(address, translated_here, sizeof translated_here) == 0; /* RFC 8215 */
}

/* Any of the addresses that lie side by side in a hint. */
static bool hint_is_private(struct reader *hint, size_t size, bool (*is_private)(const uint8_t *))
{
	const uint8_t *address;

	while ((address = reader_take(hint, size)) != NULL)
		if (is_private(address))
			return true;
	return false;
}

/* RFC 9460 §2.2: priority, target, then key, length and value of each parameter. */
static bool svcb_is_private(struct slice rdata)
{
	struct reader r = reader_init(rdata.octets, rdata.size);
	struct name target;

	get_u16(&r);
	get_name_view(&r, &target);
	while (!r.bad && reader_left(&r) > 0) {
		uint16_t key = get_u16(&r);
		uint16_t size = get_u16(&r);
		struct reader value = reader_sub(&r, size);

		if (key == SVC_IP4HINT && hint_is_private(&value, 4, ip4_is_private))
			return true;
		if (key == SVC_IP6HINT && hint_is_private(&value, 16, ip6_is_private))
			return true;
	}
	return false;
}

bool rdata_is_private(uint16_t type, struct slice rdata)
{
	switch (type) {
	case TYPE_A:
		return rdata.size == 4 && ip4_is_private(rdata.octets);
	case TYPE_AAAA:
		return rdata.size == 16 && ip6_is_private(rdata.octets);
	case TYPE_SVCB:
	case TYPE_HTTPS:
		return svcb_is_private(rdata);
	default:
		return false;
	}
}
