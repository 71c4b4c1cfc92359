/*
 * edns.c -- EDNS(0): the OPT pseudo-record.
 */
#include "dns/edns.h"
#include "dns/rrtype.h"

enum { OPTION_HEADER_SIZE = 4 };

/* RFC 7873 §5.2.2: a client cookie alone, or with a server cookie of 8 to 32 octets. */
static bool cookie_size_is_possible(size_t n)
{
	return n == COOKIE_CLIENT_SIZE ||
	       (n >= COOKIE_CLIENT_SIZE + 8 && n <= COOKIE_CLIENT_SIZE + 32);
}

static bool parse_option(uint16_t code, const struct reader *value, struct edns *out)
{
	if (code == OPTION_NSID)
		out->nsid = true;
	if (code == OPTION_EDE && out->ede == EDE_NONE && reader_left(value) >= 2)
		out->ede = value->pos[0] << 8 | value->pos[1];
	/* RFC 7873 §5.2: all cookies but the first are passed over, well-formed or not. */
	if (code == OPTION_COOKIE && !out->cookie.octets) {
		if (!cookie_size_is_possible(reader_left(value)))
			return false;
		out->cookie = (struct slice){ value->pos, reader_left(value) };
	}
	return true;
}

bool edns_parse(const struct record *rr, struct edns *out)
{
	/* By its parts, for they were written a moment ago: a copy of the whole has to wait. */
	struct reader r = reader_init(rr->rdata.pos, reader_left(&rr->rdata));

	*out = (struct edns){
		.present = true,
		.udp_size = rr->class,
		.version = (uint8_t)(rr->ttl >> 16),
		.rcode_high = (uint8_t)(rr->ttl >> 24),
		.ede = EDE_NONE,
		.dnssec_ok = rr->ttl & EDNS_DO,
		.nsid = false,
		.cookie = { NULL, 0 },
	};
	bool good = rr->owner.size == name_root.size;
	for (int options = 0; good && reader_left(&r) > 0; options++) {
		uint16_t code = get_u16(&r);
		uint16_t size = get_u16(&r);
		struct reader value = reader_sub(&r, size);

		if (r.bad || options == EDNS_MAX_OPTIONS)
			good = false;
		else if (!parse_option(code, &value, out))
			return false; /* OPT is well formed, only the option is not */
	}
	out->present = good;
	return good;
}

size_t edns_limit(const struct edns *e)
{
	/* RFC 6891 §6.2.3: less than 512 counts as 512. */
	if (!e->present || e->udp_size < MESSAGE_UDP_SIZE)
		return MESSAGE_UDP_SIZE;
	return e->udp_size < EDNS_UDP_SIZE ? e->udp_size : EDNS_UDP_SIZE;
}

static size_t ede_text_size(const struct edns_reply *e)
{
	size_t n = e->ede_text ? strlen(e->ede_text) : 0;

	return n < EDE_TEXT_MAX ? n : EDE_TEXT_MAX;
}

size_t edns_reply_size(const struct edns_reply *e)
{
	size_t size = EDNS_FIXED_SIZE;

	if (e->nsid.octets)
		size += OPTION_HEADER_SIZE + e->nsid.size;
	if (e->cookie)
		size += OPTION_HEADER_SIZE + COOKIE_CLIENT_SIZE + COOKIE_SERVER_SIZE;
	if (e->ede != EDE_NONE)
		size += OPTION_HEADER_SIZE + 2 + ede_text_size(e);
	return size;
}

static void put_option(struct writer *w, uint16_t code, size_t size)
{
	put_u16(w, code);
	put_u16(w, (uint16_t)size);
}

void put_edns(struct message *m, const struct edns_reply *e)
{
	uint32_t ttl = (uint32_t)(e->rcode >> 4) << 24 | (e->dnssec_ok ? EDNS_DO : 0);
	uint8_t *rdlength = begin_record(m, name_root, TYPE_OPT, EDNS_UDP_SIZE, ttl);

	if (e->nsid.octets) {
		put_option(&m->w, OPTION_NSID, e->nsid.size);
		put_octets(&m->w, e->nsid.octets, e->nsid.size);
	}
	if (e->cookie) {
		put_option(&m->w, OPTION_COOKIE, COOKIE_CLIENT_SIZE + COOKIE_SERVER_SIZE);
		put_octets(&m->w, e->cookie, COOKIE_CLIENT_SIZE + COOKIE_SERVER_SIZE);
	}
	if (e->ede != EDE_NONE) {
		put_option(&m->w, OPTION_EDE, 2 + ede_text_size(e));
		put_u16(&m->w, (uint16_t)e->ede);
		put_octets(&m->w, e->ede_text, ede_text_size(e));
	}
	end_record(m, rdlength, SECTION_ADDITIONAL);
}
