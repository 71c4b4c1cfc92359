#include "support/properties.h"

#include "dns/rdata.h"
#include "support/parts.h"
#include "support/quiet_zone.h"
#include "support/reply.h"
#include "zone/rdata_walk.h"

enum { SETS_MAX = 512 };

/* How to ask: the first octet behind the zone. */
enum how { BY_TCP = 1, MINIMAL = 2, WITH_OPT = 4, DNSSEC_OK = 8, BELOW = 16 };

/* What a reply has shown so far. */
struct shown {
	const struct image *z;
	const struct rrset *sets[SETS_MAX];
	enum section sections[SETS_MAX];
	unsigned counts[SETS_MAX];
	size_t count;
};

/* ------ a second way to find a name: along all nodes ------ */

static const struct node *find(const struct image *z, struct name name)
{
	struct name_buf owner;

	for (const struct node *n = image_apex(z); n; n = node_next(z, n)) {
		node_name(z, n, &owner);
		if (name_equal(name_view(&owner), name))
			return n;
	}
	return NULL;
}

/* RFC 4592: the node "*" below the closest name that exists. */
static const struct node *find_wildcard(const struct image *z, struct name name)
{
	struct name_buf star = { .octets = { 1, '*' } };

	while (name_is_within(name, image_origin(z)) && !name_equal(name, image_origin(z))) {
		name = name_parent(name);
		if (!find(z, name))
			continue;
		memcpy(star.octets + 2, name.octets, name.size);
		star.size = (uint8_t)(name.size + 2);
		return find(z, name_view(&star));
	}
	return NULL;
}

static bool same_item(const struct image *z, const struct rrset *set, struct slice item,
		      struct slice rdata)
{
	static uint8_t wire[RDATA_MAX_SIZE];
	struct writer w = writer_init(wire, sizeof wire);
	struct rdata_walk walk =
		rdata_walk_stored(z, rrtype_find(set->type), item.octets, item.size);

	rdata_walk_write(&walk, &w);
	/* Names take over the case of those that they are compressed with (RFC 1035 §4.1.4). */
	return writer_size(&w) == rdata.size &&
	       (set->shape & RRSET_NAMES ? octets_equal_folded(wire, rdata.octets, rdata.size)
					 : memcmp(wire, rdata.octets, rdata.size) == 0);
}

/* The RRset of a node that has this RDATA, or NULL. */
static const struct rrset *find_set(const struct image *z, const struct node *n, uint16_t type,
				    struct slice rdata)
{
	const struct rrset *set = node_rrsets(n);

	for (unsigned i = 0; i < n->rrsets; i++, set = rrset_next(set)) {
		struct item_walk items = item_walk(set);

		while (set->type == type && item_next(&items))
			if (same_item(z, set, items.item, rdata))
				return set;
	}
	return NULL;
}

/* ------ what a reply may say ------ */

static void note(struct shown *s, enum section section, const struct rrset *set)
{
	size_t i = 0;

	while (i < s->count && (s->sets[i] != set || s->sections[i] != section))
		i++;
	if (i == SETS_MAX)
		return;
	s->sets[i] = set;
	s->sections[i] = section;
	s->count += i == s->count;
	s->counts[i]++;
}

/* RFC 6672 §3.1: the CNAME that a DNAME above the name makes for it. */
static bool is_synthesized(const struct image *z, const struct record *rr, struct slice rdata)
{
	struct name owner = name_view(&rr->owner), above = owner;
	struct name_buf target;

	while (rr->type == TYPE_CNAME && !name_is_root(above)) {
		above = name_parent(above);
		const struct node *n = find(z, above);
		const struct rrset *dname = n ? node_find(n, TYPE_DNAME) : NULL;
		if (!dname)
			continue;
		struct item_walk items = item_walk(dname);
		PROPERTY(item_next(&items));
		return name_replace_suffix(owner, above,
					   stored_name_view(image_name(z, items.item.octets)),
					   &target) &&
		       name_equal(name_view(&target),
				  (struct name){ rdata.octets, (uint8_t)rdata.size });
	}
	return false;
}

static bool has(const struct image *z, struct name name, uint16_t type)
{
	const struct node *n = find(z, name);

	return n && node_find(n, type);
}

/* RFC 1034 §4.2.1, RFC 6672 §2.4: what lies below a cut or a DNAME is not the zone's to answer. */
static bool is_hidden(const struct image *z, struct name name, uint16_t type)
{
	const struct name origin = image_origin(z);
	bool is_itself = true;

	for (; !name_equal(name, origin); name = name_parent(name), is_itself = false) {
		if (has(z, name, TYPE_NS) && !(is_itself && type == TYPE_DS))
			return true;
		if (has(z, name, TYPE_DNAME) && !is_itself)
			return true;
	}
	return !is_itself && has(z, origin, TYPE_DNAME);
}

static void check_record(void *self, enum section section, const struct record *rr)
{
	static uint8_t wire[RDATA_MAX_SIZE];
	struct shown *s = self;
	struct writer w = writer_init(wire, sizeof wire);
	struct reader r = rr->rdata;

	if (rr->type == TYPE_OPT)
		return;
	PROPERTY(rr->class == CLASS_IN && get_rdata(rrtype_find(rr->type), &r, &w));
	struct slice rdata = { wire, writer_size(&w) };
	PROPERTY(rdata_is_valid(rrtype_find(rr->type), rdata.octets, rdata.size));
	const struct node *n = find(s->z, name_view(&rr->owner));
	if (!n)
		n = find_wildcard(s->z, name_view(&rr->owner));
	const struct rrset *set = n ? find_set(s->z, n, rr->type, rdata) : NULL;
	PROPERTY(set || is_synthesized(s->z, rr, rdata));
	if (!set)
		return;
	PROPERTY(section != SECTION_ANSWER || !is_hidden(s->z, name_view(&rr->owner), rr->type));
	PROPERTY(rr->ttl == set->ttl || (rr->type == TYPE_SOA && rr->ttl < set->ttl));
	note(s, section, set);
}

/* RFC 2181 §5: an RRset goes whole or not at all.  RFC 2308 §2.1: no name, no node. */
static void check_reply(const struct shown *s, const struct header *h, struct name qname)
{
	for (size_t i = 0; i < s->count; i++)
		PROPERTY(s->counts[i] % s->sets[i]->count == 0);
	if ((h->flags & RCODE_MASK) == RCODE_NXDOMAIN && h->count[SECTION_ANSWER] == 0) {
		PROPERTY(!find(s->z, qname) && !find_wildcard(s->z, qname));
		PROPERTY(!is_hidden(s->z, qname, TYPE_A));
		PROPERTY(h->count[SECTION_AUTHORITY] > 0 || h->flags & FLAG_TC);
	}
}

/* ------ questions ------ */

/* The name of some node, and labels below it that the input says. */
static void read_name(const struct image *z, struct reader *r, bool below, struct name_buf *out)
{
	uint32_t number = get_u16(r) % z->header->node_count;
	const struct node *n = image_apex(z);
	struct name_buf owner;

	while (number-- > 0)
		n = node_next(z, n);
	node_name(z, n, &owner);
	out->size = 0;
	for (uint8_t size = get_u8(r); below && size > 0; size = get_u8(r)) {
		size = (uint8_t)(size % LABEL_MAX_SIZE + 1);
		const uint8_t *label = reader_take(r, size);
		if (!label || out->size + 1 + size + owner.size > NAME_MAX_SIZE)
			break;
		out->octets[out->size] = size;
		memcpy(out->octets + out->size + 1, label, size);
		out->size = (uint8_t)(out->size + 1 + size);
	}
	memcpy(out->octets + out->size, owner.octets, owner.size);
	out->size = (uint8_t)(out->size + owner.size);
}

static size_t make_query(const struct question *q, unsigned how, uint8_t out[512])
{
	struct message m;

	message_init(&m, out, 512);
	put_question(&m, q);
	if (how & WITH_OPT) {
		const struct edns_reply opt = { .dnssec_ok = how & DNSSEC_OK, .ede = EDE_NONE };
		put_edns(&m, &opt);
	}
	message_finish(&m, 0x2323, 0);
	return message_size(&m);
}

static void ask(struct quiet_zone *zone, struct reader *r)
{
	static uint8_t out[RESPOND_MAX_SIZE];
	static struct shown shown;
	static const uint8_t peer[4] = { 192, 0, 2, 99 };
	uint8_t query[512];
	unsigned how = get_u8(r);
	struct question q = { .type = get_u16(r), .class = CLASS_IN };
	struct name_buf name;
	struct response what;

	read_name(&zone->z, r, how & BELOW, &name);
	q.name = name_view(&name);
	struct request req = { .octets = query,
			       .size = make_query(&q, how, query),
			       .via = how & BY_TCP ? VIA_TCP : VIA_UDP,
			       .peer = { peer, sizeof peer } };
	zone->responder.style = how & MINIMAL ? STYLE_MINIMAL : STYLE_FULL;
	PROPERTY(respond(&zone->responder, &req, out,
			 how & BY_TCP ? RESPOND_MAX_SIZE : RESPOND_UDP_SIZE,
			 &what) == OUTCOME_REPLY);
	PROPERTY(how & BY_TCP || what.size <= (how & WITH_OPT ? EDNS_UDP_SIZE : MESSAGE_UDP_SIZE));
	shown = (struct shown){ .z = &zone->z };
	struct header h = reply_read((struct slice){ out, what.size },
				     (struct slice){ query, req.size }, check_record, &shown);
	check_reply(&shown, &h, q.name);
}

void property_roundtrip(const uint8_t *octets, size_t size)
{
	struct slice rest = { octets, size };
	struct slice text = part_next(&rest);
	struct quiet_zone zone;

	if (!quiet_zone_open(&zone, QUIET_ORIGIN, text.size ? text : quiet_zone_text))
		return;
	struct reader r = reader_init(rest.octets, rest.size);
	for (unsigned questions = 0; questions < 32 && reader_left(&r) > 0; questions++)
		ask(&zone, &r);
	quiet_zone_free(&zone);
}
