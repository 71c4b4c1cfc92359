/*
 * peer.c -- upstream servers that answer by themselves.
 */
#include "sim/peer.h"
#include "dns/edns.h"
#include "dns/rrtype.h"
#include "sim/fnv.h"

void peer_address(struct name name, uint8_t out[4])
{
	uint8_t folded[NAME_MAX_SIZE];

	octets_fold(folded, name.octets, name.size);
	uint64_t hash = fnv(FNV_BEGIN, folded, name.size);
	hash ^= hash >> 32;
	out[0] = 198;
	out[1] = (uint8_t)(18 + (hash & 1));
	out[2] = (uint8_t)(hash >> 8);
	out[3] = (uint8_t)(hash >> 16);
}

/* Does the name's first label begin like this? */
static bool begins(struct name name, const char *text)
{
	size_t n = strlen(text);

	return name.size > 1 && name.octets[0] >= n &&
	       octets_equal_folded(name.octets + 1, (const uint8_t *)text, n);
}

static struct name without_first(struct name name)
{
	size_t n = 1u + name.octets[0];

	return (struct name){ .octets = name.octets + n, .size = name.size - n };
}

static void put_address(struct message *m, struct name owner, struct name known_by)
{
	uint8_t address[4];
	uint8_t *rdlength = begin_record(m, owner, TYPE_A, CLASS_IN, PEER_TTL_S);

	peer_address(known_by, address);
	put_octets(&m->w, address, sizeof address);
	end_record(m, rdlength, SECTION_ANSWER);
}

static void put_many(struct message *m, struct name owner)
{
	for (uint32_t i = 0; i < PEER_MANY; i++) {
		uint8_t *rdlength = begin_record(m, owner, TYPE_A, CLASS_IN, PEER_TTL_S);

		put_u32(&m->w, 198u << 24 | 18u << 16 | i);
		end_record(m, rdlength, SECTION_ANSWER);
	}
}

/* What nobody asked, in every section. */
static void put_lies(struct message *m)
{
	static const uint8_t victims[][21] = {
		"\3one\7example\3com",
		"\3two\4corp\4test",
		"\5three\7example\3net",
	};

	for (unsigned i = 0; i < 3; i++)
		for (unsigned section = SECTION_ANSWER; section <= SECTION_ADDITIONAL; section++) {
			size_t size = strlen((const char *)victims[i]) + 1;
			struct name owner = { .octets = victims[i], .size = (uint8_t)size };
			uint8_t *rdlength = begin_record(m, owner, TYPE_A, CLASS_IN, 86400);

			put_octets(&m->w, rules_poison, sizeof rules_poison);
			end_record(m, rdlength, (enum section)section);
		}
}

static void put_alias(struct message *m, struct name owner, struct name target)
{
	uint8_t *rdlength = begin_record(m, owner, TYPE_CNAME, CLASS_IN, PEER_TTL_S);

	put_octets(&m->w, target.octets, target.size);
	end_record(m, rdlength, SECTION_ANSWER);
}

/* How long a "no" is good for (RFC 2308 §5): an SOA of the root. */
static void put_soa(struct message *m)
{
	uint8_t *rdlength = begin_record(m, name_root, TYPE_SOA, CLASS_IN, PEER_TTL_S);

	put_u8(&m->w, 0);
	put_u8(&m->w, 0);
	for (unsigned i = 0; i < 4; i++)
		put_u32(&m->w, 1);
	put_u32(&m->w, PEER_TTL_S);
	end_record(m, rdlength, SECTION_AUTHORITY);
}

static enum rcode put_answer(struct message *m, const struct question *q)
{
	struct name name = q->name;

	for (unsigned i = 0; begins(name, "alias") && i < 8; i++) {
		struct name target = without_first(name);

		put_alias(m, name, target);
		if (q->type == TYPE_CNAME)
			return RCODE_NOERROR;
		name = target;
	}
	if (begins(name, "no")) {
		put_soa(m);
		return RCODE_NXDOMAIN;
	}
	if (begins(name, "empty") || q->type != TYPE_A)
		put_soa(m);
	else if (begins(name, "many"))
		put_many(m, name);
	else
		put_address(m, name, name);
	return RCODE_NOERROR;
}

size_t peer_answer(enum sim_manners manners, bool tcp, struct slice query,
		   uint8_t out[PEER_ANSWER_MAX])
{
	struct reader r = reader_init(query.octets, query.size);
	struct header h;
	struct question q;
	struct message m;
	unsigned flags = FLAG_QR | FLAG_RA, rcode = RCODE_SERVFAIL;

	if (!get_header(&r, &h) || h.flags & FLAG_QR || h.count[0] != 1 || !get_question(&r, &q))
		return 0;
	message_init(&m, out, PEER_ANSWER_MAX);
	put_question(&m, &q);
	if (manners == MANNERS_CUT && !tcp) {
		flags |= FLAG_TC;
		rcode = RCODE_NOERROR;
	} else if (manners != MANNERS_BROKEN) {
		rcode = put_answer(&m, &q);
		/* By UDP what does not fit is not sent; servers offer EDNS_UDP_SIZE octets. */
		if (!tcp && message_size(&m) > EDNS_UDP_SIZE) {
			message_init(&m, out, PEER_ANSWER_MAX);
			put_question(&m, &q);
			flags |= FLAG_TC;
		} else if (manners == MANNERS_LYING) {
			put_lies(&m);
		}
	}
	message_finish(&m, h.id, (uint16_t)(flags | (h.flags & FLAG_RD) | rcode));
	return message_size(&m);
}
