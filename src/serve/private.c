/*
 * private.c -- addresses that no public name has any business with.
 */
#include "serve/private.h"
#include "base/ip.h"
#include "dns/name.h"
#include "dns/rrtype.h"

enum { SVC_IP4HINT = 4, SVC_IP6HINT = 6 /* RFC 9460 §14.3.2 */ };

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
