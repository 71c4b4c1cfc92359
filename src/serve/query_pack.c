/*
 * query_pack.c -- of a request what its answer needs, as a message: it waits in that form.
 */
#include "dns/rrtype.h"
#include "serve/query.h"

static void pack_option(struct writer *w, enum edns_option code, struct slice value)
{
	put_u16(w, (uint16_t)code);
	put_u16(w, (uint16_t)value.size);
	put_octets(w, value.octets, value.size);
}

static void pack_edns(struct message *m, const struct edns *e)
{
	uint32_t ttl = e->dnssec_ok ? EDNS_DO : 0;
	uint8_t *rdlength = begin_record(m, name_root, TYPE_OPT, e->udp_size, ttl);

	if (e->nsid)
		pack_option(&m->w, OPTION_NSID, (struct slice){ NULL, 0 });
	if (e->cookie.octets)
		pack_option(&m->w, OPTION_COOKIE, e->cookie);
	end_record(m, rdlength, SECTION_ADDITIONAL);
}

size_t query_pack(const struct query *q, uint8_t out[QUERY_PACKED_MAX])
{
	struct message m;

	message_init(&m, out, QUERY_PACKED_MAX);
	put_question(&m, &q->question);
	if (q->edns.present)
		pack_edns(&m, &q->edns);
	message_finish(&m, q->header.id, q->header.flags);
	return message_size(&m);
}
