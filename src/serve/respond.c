/*
 * respond.c -- one request in, one outcome out.
 *
 * The way of a query: query_parse() takes it apart and decides what can be
 * decided at once; answer_question() fills the sections; what is left is the
 * frame: header flags, OPT, TSIG, and the limit on the size.
 */
#include "serve/respond.h"
#include "dns/rrtype.h"

enum { EDE_CODE_SIZE = 6 /* an extended error without text */ };

/* A reply being made. */
struct reply {
	const struct responder *self;
	const struct request *req;
	struct query *q;
	struct message m;
	struct edns_reply edns;
	uint16_t flags;
	unsigned rcode;
	uint8_t cookie[COOKIE_SIZE];
};

/* RFC 6895 §2: what a reply takes over from the query.  CD is not ours: RFC 4035 §3.1.6. */
static uint16_t copied_flags(const struct header *h)
{
	return h->flags & (OPCODE_MASK | FLAG_RD);
}

static size_t reply_limit(const struct reply *r, size_t room)
{
	size_t limit = r->req->via == VIA_TCP ? MESSAGE_MAX_SIZE : edns_limit(&r->q->edns);

	return limit < room ? limit : room;
}

/* Options of the reply's OPT that are known before the answer is. */
static void begin_edns(struct reply *r)
{
	const struct edns *asked = &r->q->edns;

	r->edns = (struct edns_reply){
		.dnssec_ok = asked->dnssec_ok,
		.ede = r->q->ede,
		.ede_text = r->q->ede_text,
	};
	if (asked->nsid && r->self->identity.server)
		r->edns.nsid = (struct slice){ (const uint8_t *)r->self->identity.server,
					       strlen(r->self->identity.server) };
	if (asked->cookie.octets) {
		cookie_make(&r->self->cookie_secret, asked->cookie.octets, r->req->peer,
			    r->req->now_s, r->cookie);
		r->edns.cookie = r->cookie;
	}
}

/*
 * Octets kept free for OPT, so that the end of an answer can never fail.  An
 * extended error may come with the answer: its code is counted in, its text
 * goes only where there is room.  A long question and a long NSID do not go
 * together into 512 octets; then there is no NSID.
 */
static size_t reserve_tail(struct reply *r)
{
	size_t ede_size = r->edns.ede == EDE_NONE ? EDE_CODE_SIZE : 0;

	if (!r->q->edns.present)
		return 0;
	if (edns_reply_size(&r->edns) + ede_size > writer_left(&r->m.w))
		r->edns.nsid = (struct slice){ NULL, 0 };
	return edns_reply_size(&r->edns) + ede_size;
}

static void put_tail(struct reply *r)
{
	if (r->q->edns.present) {
		r->edns.rcode = r->rcode;
		if (edns_reply_size(&r->edns) > writer_left(&r->m.w))
			r->edns.ede_text = NULL;
		put_edns(&r->m, &r->edns);
	}
	if (r->rcode != RCODE_NOTAUTH)
		return;
	/* Long names of question, key and algorithm: by TCP there is room (RFC 8945 §5.3.1). */
	if (tsig_error_size(&r->q->tsig) > writer_left(&r->m.w))
		r->flags |= FLAG_TC;
	else
		put_tsig_error(&r->m, &r->q->tsig, TSIG_BADKEY);
}

/* CLASS CH: about ourselves, or REFUSED. */
static void answer_chaos(struct reply *r)
{
	struct message_mark mark = message_mark(&r->m);

	if (put_identity(&r->m, &r->self->identity, &r->q->question)) {
		r->flags |= FLAG_AA;
		if (r->m.w.full) {
			message_rewind(&r->m, mark);
			r->flags |= FLAG_TC;
		}
		return;
	}
	r->rcode = RCODE_REFUSED;
	r->edns.ede = EDE_PROHIBITED;
}

/* A name in none of our zones: theirs to ask elsewhere, or ours in a moment. */
static void answer_outside(struct reply *r)
{
	if (r->self->loading) {
		r->rcode = RCODE_SERVFAIL;
		r->edns.ede = EDE_NOT_READY;
		r->edns.ede_text = "zones are being loaded";
		return;
	}
	r->rcode = RCODE_REFUSED;
	r->edns.ede = EDE_NOT_AUTHORITATIVE;
	r->edns.ede_text = "no zone here has this name";
}

static void answer(struct reply *r)
{
	if (r->q->question.class == CLASS_CH) {
		answer_chaos(r);
		return;
	}
	struct answered a = answer_question(r->self->zones, r->self->style, &r->q->question, &r->m);
	r->rcode = a.rcode;
	r->flags |= a.flags;
	if (a.ede != EDE_NONE) {
		r->edns.ede = a.ede;
		r->edns.ede_text = a.ede_text;
	}
	if (a.outside)
		answer_outside(r);
}

static void write_reply(struct reply *r, enum verdict verdict, uint8_t *out, size_t room)
{
	size_t limit = reply_limit(r, room);

	message_init(&r->m, out, limit);
	begin_edns(r);
	if (verdict != VERDICT_HEADER)
		put_question(&r->m, &r->q->question);
	size_t tail = reserve_tail(r);
	if (verdict == VERDICT_ANSWER) {
		r->m.w.end -= tail;
		answer(r);
		r->m.w.end += tail;
	}
	put_tail(r);
	message_finish(&r->m, r->q->header.id, (uint16_t)(r->flags | (r->rcode & RCODE_MASK)));
}

enum outcome respond(const struct responder *self, const struct request *req, uint8_t *out,
		     size_t room, struct response *what)
{
	struct reply r;

	what->verdict = query_parse(&what->query, req->octets, req->size, req->via);
	if (what->verdict == VERDICT_DROP)
		return OUTCOME_DROP;
	r.self = self;
	r.req = req;
	r.q = &what->query;
	r.flags = (uint16_t)(FLAG_QR | copied_flags(&what->query.header));
	r.rcode = what->query.rcode;
	write_reply(&r, what->verdict, out, room);
	what->rcode = r.rcode;
	what->truncated = r.flags & FLAG_TC;
	what->size = message_size(&r.m);
	return OUTCOME_REPLY;
}
