/*
 * tsig.c -- the TSIG pseudo-record.
 *
 *	algorithm name | time signed (48) | fudge (16) | MAC size (16) | MAC |
 *	original ID (16) | error (16) | other length (16) | other
 */
#include "dns/tsig.h"
#include "dns/rrtype.h"

enum { TSIG_FIXED_SIZE = 6 + 2 + 2 + 2 + 2 + 2, TSIG_MIN_MAC = 10 };

/* Sizes of the MACs of RFC 8945 §6; 0 for an algorithm that we do not know. */
static size_t mac_size(struct name algorithm)
{
	static const struct {
		char text[25];
		uint8_t size;
	} known[] = {
		{ "hmac-md5.sig-alg.reg.int", 16 },
		{ "hmac-sha1", 20 },
		{ "hmac-sha224", 28 },
		{ "hmac-sha256", 32 },
		{ "hmac-sha384", 48 },
		{ "hmac-sha512", 64 },
	};
	struct name_buf name;

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (!name_parse_absolute(known[i].text, &name) &&
		    name_equal(name_view(&name), algorithm))
			return known[i].size;
	return 0;
}

/* RFC 8945 §5.2.2.1: at least half of the hash and ten octets, at most all of it. */
static bool mac_size_is_possible(struct name algorithm, size_t size)
{
	size_t full = mac_size(algorithm);
	size_t least = full / 2 > TSIG_MIN_MAC ? full / 2 : TSIG_MIN_MAC;

	return full == 0 || (size >= least && size <= full);
}

bool tsig_parse(const struct record *rr, struct tsig *out)
{
	struct reader r = rr->rdata;

	out->present = true;
	out->key = rr->owner;
	get_name_view(&r, &out->algorithm);
	const uint8_t *time_signed = reader_take(&r, sizeof out->time_signed);
	if (time_signed)
		memcpy(out->time_signed, time_signed, sizeof out->time_signed);
	out->fudge = get_u16(&r);
	size_t size = get_u16(&r);
	reader_take(&r, size);
	out->original_id = get_u16(&r);
	uint16_t error = get_u16(&r);
	reader_take(&r, get_u16(&r));
	/* RFC 8945 §4.2: a request has no error; one that has is a response turned round. */
	return !r.bad && reader_left(&r) == 0 && error == 0 && rr->class == CLASS_ANY &&
	       rr->ttl == 0 && mac_size_is_possible(out->algorithm, size);
}

size_t tsig_error_size(const struct tsig *t)
{
	return (size_t)t->key.size + RECORD_FIXED_SIZE + t->algorithm.size + TSIG_FIXED_SIZE;
}

void put_tsig_error(struct message *m, const struct tsig *t, uint16_t error)
{
	uint8_t *rdlength = begin_record(m, name_view(&t->key), TYPE_TSIG, CLASS_ANY, 0);

	put_name(&m->w, t->algorithm);
	put_octets(&m->w, t->time_signed, sizeof t->time_signed);
	put_u16(&m->w, t->fudge);
	put_u16(&m->w, 0); /* no MAC: there is no key to make one with */
	put_u16(&m->w, t->original_id);
	put_u16(&m->w, error);
	put_u16(&m->w, 0);
	end_record(m, rdlength, SECTION_ADDITIONAL);
}
