/*
 * respond.c -- one request in, one outcome out.
 *
 * The way of a query: reply_again() may have what was written for it before.  If not,
 * query_parse() takes it apart and decides what can be decided at once; answer_question()
 * fills the sections; what is left is the frame: header flags, OPT, TSIG, and the limit on
 * the size.
 */
#include "serve/respond.h"
#include "dns/rrtype.h"

enum { EDE_CODE_SIZE = 6 /* an extended error without text */ };

/* A reply being made. */
struct reply {
	const struct responder *self;
	const struct request *req;
	struct response *what;
	struct query *q;
	bool is_friend;      /* one of those who may be answered from elsewhere */
	uint32_t views;      /* of the client */
	struct probe *probe; /* that was prepared */
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

/* The octets that a reply may have, wherever it is written to. */
static size_t own_limit(const struct reply *r)
{
	return r->req->via == VIA_TCP ? MESSAGE_MAX_SIZE : edns_limit(&r->q->edns);
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
	if (!r->q->edns.present)
		return 0;
	size_t ede_size = r->edns.ede == EDE_NONE ? EDE_CODE_SIZE : 0;
	size_t size = edns_reply_size(&r->edns) + ede_size;
	if (size <= writer_left(&r->m.w))
		return size;
	r->edns.nsid = (struct slice){ NULL, 0 };
	return edns_reply_size(&r->edns) + ede_size;
}

/*
 * A stranger may be somebody whose address was forged: what it is refused with
 * is not larger than what came.
 */
static void limit_refusal(struct reply *r)
{
	size_t size = message_size(&r->m) + EDNS_FIXED_SIZE;

	if (r->is_friend || r->rcode != RCODE_REFUSED || r->req->via == VIA_TCP)
		return;
	size = r->req->size > size ? r->req->size : size;
	if (size < (size_t)(r->m.w.end - r->m.w.base))
		r->m.w.end = r->m.w.base + size;
}

/* Leaves something out, the least needed first; false when nothing is left. */
static bool leave_out(struct edns_reply *e)
{
	if (e->ede_text)
		e->ede_text = NULL;
	else if (e->nsid.octets)
		e->nsid = (struct slice){ NULL, 0 };
	else if (e->ede != EDE_NONE)
		e->ede = EDE_NONE;
	else if (e->cookie)
		e->cookie = NULL;
	else
		return false;
	return true;
}

static void fit_edns(struct reply *r)
{
	size_t left = writer_left(&r->m.w);

	while (edns_reply_size(&r->edns) > left && leave_out(&r->edns))
		;
}

static void put_tail(struct reply *r)
{
	if (r->q->edns.present) {
		limit_refusal(r);
		r->edns.rcode = r->rcode;
		fit_edns(r);
		put_edns(&r->m, &r->edns);
	}
	if (!r->q->tsig.present || r->rcode != RCODE_NOTAUTH)
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

static void refuse(struct reply *r, enum ede ede, const char *text)
{
	r->rcode = RCODE_REFUSED;
	r->edns.ede = ede;
	r->edns.ede_text = text;
}

/* A name in none of our zones that nobody is asked for. */
static void answer_outside(struct reply *r)
{
	if (r->self->loading) {
		r->rcode = RCODE_SERVFAIL;
		r->edns.ede = EDE_NOT_READY;
		r->edns.ede_text = "zones are being loaded";
	} else if (!r->is_friend) {
		refuse(r, r->self->elsewhere ? EDE_PROHIBITED : EDE_NOT_AUTHORITATIVE, NULL);
	} else if (r->self->elsewhere && !(r->q->header.flags & FLAG_RD)) {
		refuse(r, EDE_NOT_AUTHORITATIVE,
		       "no zone here has this name, and recursion was not desired");
	} else {
		refuse(r, EDE_NOT_AUTHORITATIVE,
		       "no zone here has this name, and no upstream server is known");
	}
}

static struct elsewhere *prepare_elsewhere(const struct reply *r)
{
	struct elsewhere *e = r->self->elsewhere;
	const struct query *q = r->q;

	if (!asks_others(r->self, r->is_friend, q->header.flags))
		return NULL;
	e->now_ms = r->req->now_ms;
	e->asked_ms = r->req->arrived_ms;
	e->patient = r->req->patient;
	e->flags = (uint8_t)((q->edns.dnssec_ok ? CACHE_DNSSEC_OK : 0) |
			     (q->header.flags & FLAG_CD ? CACHE_CHECKING_DISABLED : 0));
	e->names_used = 0;
	return e;
}

/* RFC 6840 §5.8: AD is for those who understand it.  RFC 4035 §3.2.2: CD comes back. */
static uint16_t elsewhere_flags(const struct reply *r, const struct answered *a)
{
	uint16_t flags = a->flags;

	if (!(r->q->header.flags & FLAG_AD) && !r->q->edns.dnssec_ok)
		flags &= (uint16_t)~FLAG_AD;
	if (!a->is_local)
		flags |= r->q->header.flags & FLAG_CD;
	return flags;
}

/* False when the answer is not here yet. */
static bool answer(struct reply *r)
{
	if (r->q->question.class == CLASS_CH) {
		answer_chaos(r);
		return true;
	}
	const struct answer_source source = {
		.zones = r->self->zones,
		.style = r->self->style,
		.routes = r->is_friend && !r->self->loading ? r->self->routes : NULL,
		.elsewhere = prepare_elsewhere(r),
		.pointers = r->self->pointers,
		.is_friend = r->is_friend,
		.views = r->views,
		.kept = r->self->kept,
		.probe = r->probe,
	};
	struct answered a = answer_question(&source, &r->q->question, &r->m);
	r->rcode = a.rcode;
	r->flags |= elsewhere_flags(r, &a);
	if (a.ede != EDE_NONE) {
		r->edns.ede = a.ede;
		r->edns.ede_text = a.ede_text;
	}
	r->what->is_local = a.is_local;
	r->what->refresh = a.lack == LACK_FRESH;
	if (a.lack == LACK_ZONE)
		answer_outside(r);
	return a.lack != LACK_ANSWER;
}

/* False when the answer is not here yet. */
static bool write_reply(struct reply *r, enum verdict verdict, uint8_t *out, size_t room)
{
	size_t limit = own_limit(r);

	message_init(&r->m, out, limit < room ? limit : room);
	if (r->q->edns.present)
		begin_edns(r);
	if (verdict != VERDICT_HEADER)
		put_question(&r->m, &r->q->question);
	size_t tail = reserve_tail(r);
	if (verdict == VERDICT_ANSWER) {
		r->m.w.end -= tail;
		if (!answer(r))
			return false;
		r->m.w.end += tail;
	}
	put_tail(r);
	message_finish(&r->m, r->q->header.id, (uint16_t)(r->flags | (r->rcode & RCODE_MASK)));
	return true;
}

/* A refusal that is not told: to be written, but not sent. */
static bool is_silent(const struct reply *r)
{
	return r->rcode == RCODE_REFUSED && !r->is_friend && r->self->refusals &&
	       r->req->via == VIA_UDP &&
	       !refusal_may_be_told(r->self->refusals, r->req->peer, r->req->now_ms);
}

/* ------ the same once more ------ */

/* What stands before a reply that is kept. */
struct kept_head {
	uint8_t rcode;
	uint8_t name_size; /* of the question */
};

/*
 * What a reply out of zones depends on: all octets of the query but the ID, the first two,
 * and what is known of the client.
 */
static struct kept_key key_of(const struct request *req, const struct prepared *p)
{
	struct kept_key key;

	key.octets.octets = req->octets + 2;
	key.octets.size = req->size > 2 ? req->size - 2 : 0;
	key.beside = (uint64_t)p->views << 2 | (uint64_t)p->is_friend << 1 | (req->via == VIA_TCP);
	return key;
}

/* What was written for somebody before; false when it is not there. */
static bool reply_again(const struct reply *r, const struct kept_key *key, uint8_t *out,
			size_t room)
{
	const uint8_t *name = r->req->octets + HEADER_SIZE;
	struct response *what = r->what;
	struct slice kept = kept_find(r->self->kept, key);
	struct kept_head head;

	if (!kept.octets || kept.size - sizeof head > room)
		return false;
	memcpy(&head, kept.octets, sizeof head);
	what->size = kept.size - sizeof head;
	octets_copy(out, kept.octets + sizeof head, what->size);
	memcpy(out, r->req->octets, 2);
	what->query.question.name = (struct name){ name, head.name_size };
	what->query.question.type = load_u16(name + head.name_size);
	what->query.question.class = CLASS_IN;
	what->verdict = VERDICT_ANSWER;
	what->rcode = head.rcode;
	what->truncated = false;
	what->is_local = true;
	what->refresh = false;
	return true;
}

/*
 * Would it be the same for everybody whose key is the same, until something is loaded?
 * Not if it had less room than it may have.
 */
static bool is_lasting(const struct reply *r, size_t room)
{
	return r->what->verdict == VERDICT_ANSWER && r->what->is_local && !r->what->truncated &&
	       r->q->question.class == CLASS_IN && !r->q->edns.cookie.octets && !r->req->patient &&
	       (r->rcode == RCODE_NOERROR || r->rcode == RCODE_NXDOMAIN) && own_limit(r) <= room;
}

static void keep(const struct reply *r, const struct kept_key *key, const uint8_t *out)
{
	const struct kept_head head = { (uint8_t)r->rcode, (uint8_t)r->q->question.name.size };

	if (kept_wants(r->self->kept, key, sizeof head + r->what->size))
		kept_put(r->self->kept, key, (struct slice){ (const uint8_t *)&head, sizeof head },
			 (struct slice){ out, r->what->size });
}

/* ------ the door ------ */

/* A query that is not answered from what was kept. */
static enum outcome work_out(struct reply *r, uint8_t *out, size_t room)
{
	struct response *what = r->what;

	what->verdict = query_parse(&what->query, r->req->octets, r->req->size, r->req->via);
	what->is_local = true;
	what->refresh = false;
	if (what->verdict == VERDICT_DROP)
		return OUTCOME_DROP;
	r->q = &what->query;
	r->flags = (uint16_t)(FLAG_QR | copied_flags(&what->query.header));
	if (r->self->elsewhere && r->is_friend)
		r->flags |= FLAG_RA;
	r->rcode = what->query.rcode;
	if (!write_reply(r, what->verdict, out, room))
		return OUTCOME_WAIT;
	what->rcode = r->rcode;
	what->truncated = r->flags & FLAG_TC;
	what->size = message_size(&r->m);
	return is_silent(r) ? OUTCOME_DROP : OUTCOME_REPLY;
}

void respond_prepare(const struct responder *self, const struct request *req, struct prepared *p)
{
	p->is_friend = !self->access || access_allows(self->access, req->peer, req->interface);
	p->views = self->views ? views_of(self->views, req->peer, req->interface) : 0;
	p->key = key_of(req, p);
	p->probe.name.octets = NULL;
	if (self->kept)
		kept_expect(self->kept, &p->key);
}

enum outcome respond_prepared(const struct responder *self, const struct request *req,
			      struct prepared *p, uint8_t *out, size_t room, struct response *what)
{
	struct reply r;

	r.self = self;
	r.req = req;
	r.what = what;
	r.is_friend = p->is_friend;
	r.views = p->views;
	r.probe = &p->probe;
	if (self->kept && reply_again(&r, &p->key, out, room))
		return OUTCOME_REPLY;
	enum outcome outcome = work_out(&r, out, room);
	if (self->kept && outcome == OUTCOME_REPLY && is_lasting(&r, room))
		keep(&r, &p->key, out);
	return outcome;
}

enum outcome respond(const struct responder *self, const struct request *req, uint8_t *out,
		     size_t room, struct response *what)
{
	struct prepared p;

	respond_prepare(self, req, &p);
	return respond_prepared(self, req, &p, out, room, what);
}
