/*
 * rules.c -- what is true of a server whatever happens to it.
 */
#include "sim/rules.h"
#include "dns/edns.h"
#include "dns/rrtype.h"
#include "sim/fnv.h"

const uint8_t rules_poison[4] = { 203, 0, 113, 66 };

static void broken(struct rules *r, const char *rule)
{
	if (!r->broken)
		r->broken = rule;
}

/* ------ queries ------ */

/* Reads up to the first record; how many records there should be. */
static size_t pass_questions(struct reader *r)
{
	struct header h;
	struct question q;

	get_header(r, &h);
	for (unsigned i = 0; i < h.count[SECTION_QUESTION] && get_question(r, &q); i++)
		;
	return (size_t)h.count[1] + h.count[2] + h.count[3];
}

/* The octets of the question, in one number. */
static uint64_t hash_question(struct slice message)
{
	struct reader r = reader_init(message.octets, message.size);
	struct header h;
	struct question q;

	if (!get_header(&r, &h) || h.count[SECTION_QUESTION] != 1 || !get_question(&r, &q))
		return 0;
	size_t end = message.size - reader_left(&r);
	return fnv(FNV_BEGIN, message.octets + HEADER_SIZE, end - HEADER_SIZE);
}

/* What OPT allows; 512 without, or where something in the query is broken. */
static uint16_t most_by_udp(struct slice message)
{
	struct reader r = reader_init(message.octets, message.size);
	struct record rr;

	for (size_t i = pass_questions(&r); i > 0 && get_record(&r, &rr); i--)
		if (rr.type == TYPE_OPT && rr.class > MESSAGE_UDP_SIZE)
			return rr.class < EDNS_UDP_SIZE ? rr.class : EDNS_UDP_SIZE;
	return MESSAGE_UDP_SIZE;
}

static struct rules_bucket *bucket_of(struct rules *r, const struct rules_query *q)
{
	unsigned hash = q->id ^ q->client.port * 31u;

	for (unsigned i = 0; i < sizeof q->client.octets; i++)
		hash = hash * 33 + q->client.octets[i];
	return &r->buckets[(hash ^ hash >> 12) % RULES_BUCKETS];
}

enum { COPIED = OPCODE_MASK | FLAG_RD }; /* flags of a query that its reply has, too */

static bool is_match(const struct rules_query *q, const struct rules_query *like)
{
	return q->waits > 0 && q->id == like->id && q->tcp == like->tcp &&
	       (like->question == 0 || q->question == like->question) &&
	       address_equal(&q->client, &like->client) && address_equal(&q->server, &like->server);
}

/*
 * The query that waits for such a reply, one with the same flags if there is any.
 * A reply that is a header only may be for any of several: then all are given up.
 */
static struct rules_query *find(struct rules_bucket *b, const struct rules_query *like)
{
	struct rules_query *found = NULL;
	bool is_exact = false;

	for (unsigned i = 0; i < RULES_DEPTH; i++) {
		struct rules_query *q = &b->at[i];

		if (!is_match(q, like) || is_exact)
			continue;
		b->lost |= found && like->question == 0;
		is_exact = ((q->flags ^ like->flags) & COPIED) == 0 && like->question != 0;
		found = q;
	}
	return found;
}

static struct rules_query describe(const struct address *client, const struct address *server,
				   bool tcp, struct slice message)
{
	return (struct rules_query){
		.client = *client,
		.server = *server,
		.id = load_u16(message.octets),
		.flags = load_u16(message.octets + 2),
		.most = tcp ? UINT16_MAX : most_by_udp(message),
		.question = hash_question(message),
		.waits = 1,
		.tcp = tcp,
	};
}

void rules_heard(struct rules *r, const struct address *client, const struct address *server,
		 bool tcp, struct slice message)
{
	r->queries++;
	if (message.size < HEADER_SIZE)
		return;
	struct rules_query fresh = describe(client, server, tcp, message);
	struct rules_bucket *b = bucket_of(r, &fresh);
	struct rules_query *old = fresh.question ? find(b, &fresh) : NULL;
	/* Networks double packets, and each of them is a query. */
	if (old && old->waits < UINT8_MAX && old->most == fresh.most && old->flags == fresh.flags) {
		old->waits++;
		return;
	}
	b->lost |= b->at[b->next].waits > 0;
	b->at[b->next] = fresh;
	b->next = (uint8_t)((b->next + 1) % RULES_DEPTH);
}

/* ------ replies ------ */

static void check_address(struct rules *r, const uint8_t *address, bool is_now_ours)
{
	if (memcmp(address, rules_poison, 4) == 0)
		broken(r, "an address that an attacker made up was told to a client");
	if (r->version && is_now_ours && address[0] == 10 && address[1] != r->version)
		broken(r, "an answer comes from another version of the zone than the last one");
}

static void check_records(struct rules *r, bool tcp, struct slice message)
{
	struct reader in = reader_init(message.octets, message.size);
	struct record rr;
	/* By TCP it may have been under way for a while. */
	bool is_now_ours = !tcp && load_u16(message.octets + 2) & FLAG_AA;

	for (size_t i = pass_questions(&in); i > 0; i--) {
		if (!get_record(&in, &rr)) {
			broken(r, "a reply cannot be read to its end");
			return;
		}
		if (rr.type == TYPE_A && reader_left(&rr.rdata) == 4)
			check_address(r, rr.rdata.pos, is_now_ours);
	}
	if (in.bad || reader_left(&in) > 0)
		broken(r, "a reply has octets behind its last record");
}

void rules_said(struct rules *r, const struct address *client, const struct address *server,
		bool tcp, struct slice message)
{
	r->replies++;
	if (message.size < HEADER_SIZE || !(message.octets[2] & 0x80)) {
		broken(r, "what went to a client is no response");
		return;
	}
	struct rules_query like = describe(client, server, tcp, message);
	struct rules_bucket *b = bucket_of(r, &like);
	struct rules_query *q = find(b, &like);
	if (!q && b->lost)
		return;
	if (!q) {
		broken(r, "a reply answers no query that came, or one a second time");
		return;
	}
	q->waits--;
	if (message.size > q->most)
		broken(r, "a reply is larger than its client can take");
	if ((like.flags ^ q->flags) & COPIED && !b->lost)
		broken(r, "opcode or RD of a reply are not those of the query");
	check_records(r, tcp, message);
}

void rules_told_stranger(struct rules *r, struct slice message)
{
	struct reader in = reader_init(message.octets, message.size);
	struct header h;

	if (!get_header(&in, &h))
		return;
	if (h.flags & FLAG_RA)
		broken(r, "a stranger was told that there is recursion for it");
	if (h.count[SECTION_ANSWER] > 0 && !(h.flags & FLAG_AA))
		broken(r, "a stranger was told what others have said");
}

/* ------ what a server holds ------ */

static unsigned open_streams(const struct streams *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < STREAMS; i++)
		n += s->streams[i].in_use && !s->streams[i].ended;
	return n;
}

void rules_check_host(struct rules *r, const struct host *h)
{
	const struct server *s = h->server;

	if (!s)
		return;
	const struct forwarding *w = &s->forwarding;
	unsigned known = HOST_LISTENERS + s->tcp.used + (s->tcp.spare >= 0) +
			 w->outgoing.waiting_count + w->outgoing.idle + open_streams(&w->streams);
	if (known != h->kernel.open)
		broken(r, "more or fewer descriptors are open than the server knows of");
	if (w->cache.cells.used > w->cache.cells.count)
		broken(r, "the cache is larger than it may be");
	if (h->asked > 2 * FORWARD_PACKETS * (h->counters.queries_udp + h->counters.queries_tcp))
		broken(r, "queries cost upstream servers more datagrams than they may");
}
