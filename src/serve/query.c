/*
 * query.c -- a request taken apart, and what is decided without a zone.
 */
#include "serve/query.h"
#include "dns/rrtype.h"

static enum verdict header_only(struct query *q, unsigned rcode)
{
	q->rcode = rcode;
	return VERDICT_HEADER;
}

static enum verdict with_question(struct query *q, unsigned rcode, enum ede ede, const char *why)
{
	q->rcode = rcode;
	q->ede = ede;
	q->ede_text = why;
	return VERDICT_REPLY;
}

/* ------ sections behind the question ------ */

/* RFC 1995 §3: the authority section of an IXFR query holds the client's SOA. */
static bool soa_is_whole(const struct record *rr)
{
	struct reader r = rr->rdata;
	struct name_buf name;

	get_name(&r, &name);
	get_name(&r, &name);
	reader_take(&r, 20);
	return !r.bad && reader_left(&r) == 0;
}

static bool take_opt(struct query *q, const struct record *rr, enum section section)
{
	if (section != SECTION_ADDITIONAL || q->edns.present)
		return false;
	return edns_parse(rr, &q->edns);
}

/* One record of a query; false when the query is broken by it. */
static bool take_record(struct query *q, const struct record *rr, enum section section)
{
	/* RFC 8945 §5.1: nothing follows TSIG. */
	if (q->tsig.present)
		return false;
	switch (rr->type) {
	case TYPE_OPT:
		return take_opt(q, rr, section);
	case TYPE_TSIG:
		return section == SECTION_ADDITIONAL && tsig_parse(rr, &q->tsig);
	case TYPE_SOA:
		return section != SECTION_AUTHORITY || soa_is_whole(rr);
	default:
		return true;
	}
}

/* Every record takes eleven octets at least, so the message's size bounds the loop. */
static bool take_records(struct query *q, struct reader *r)
{
	struct record rr;

	for (enum section s = SECTION_ANSWER; s <= SECTION_ADDITIONAL; s++)
		for (unsigned i = 0; i < q->header.count[s]; i++)
			if (!get_record(r, &rr) || !take_record(q, &rr, s))
				return false;
	return reader_left(r) == 0;
}

/* ------ what is asked ------ */

/* Types that cannot be asked for, or only in ways that we do not offer. */
static enum verdict judge_type(struct query *q, enum via via)
{
	switch (q->question.type) {
	case 0:
	case TYPE_OPT:
	case TYPE_TSIG:
		return header_only(q, RCODE_FORMERR);
	case TYPE_TKEY:
	case TYPE_MAILB:
	case TYPE_MAILA:
		return header_only(q, RCODE_NOTIMP);
	case TYPE_AXFR:
		if (via == VIA_UDP) /* RFC 5936 §4.2 */
			return header_only(q, RCODE_FORMERR);
		return with_question(q, RCODE_REFUSED, EDE_PROHIBITED, "no zone transfers");
	case TYPE_IXFR:
		return with_question(q, RCODE_REFUSED, EDE_PROHIBITED, "no zone transfers");
	default:
		return VERDICT_ANSWER;
	}
}

static enum verdict judge_class(struct query *q, enum verdict verdict)
{
	if (q->question.class == CLASS_IN || q->question.class == CLASS_CH)
		return verdict;
	return with_question(q, RCODE_REFUSED, EDE_NOT_SUPPORTED, "zones are in class IN");
}

/*
 * NOTIFY and UPDATE are for secondaries and for dynamic zones; we have neither.
 * They name a zone, so their class is one that a zone can have.
 */
static enum verdict judge_other_opcode(struct query *q)
{
	switch (q->question.class) {
	case CLASS_IN:
	case CLASS_CH:
	case CLASS_HS:
		return with_question(q, RCODE_REFUSED, EDE_PROHIBITED, NULL);
	default:
		return header_only(q, RCODE_FORMERR);
	}
}

static enum verdict judge(struct query *q, enum via via, unsigned opcode)
{
	if (q->tsig.present)
		return with_question(q, RCODE_NOTAUTH, EDE_NONE, NULL);
	if (q->edns.version > 0)
		return header_only(q, RCODE_BADVERS);
	if (opcode != OPCODE_QUERY)
		return judge_other_opcode(q);
	enum verdict verdict = judge_type(q, via);
	return verdict == VERDICT_HEADER ? verdict : judge_class(q, verdict);
}

static bool is_known_opcode(unsigned opcode)
{
	return opcode == OPCODE_QUERY || opcode == OPCODE_NOTIFY || opcode == OPCODE_UPDATE;
}

/* RFC 7873 §5.4: a QUERY with a cookie and without a question asks for a server cookie. */
static enum verdict without_question(struct query *q, struct reader *r, unsigned opcode)
{
	if (q->header.count[SECTION_QUESTION] > 0 || !take_records(q, r))
		return header_only(q, RCODE_FORMERR);
	if (q->edns.version > 0)
		return header_only(q, RCODE_BADVERS);
	if (opcode != OPCODE_QUERY || q->tsig.present || !q->edns.cookie.octets)
		return header_only(q, RCODE_FORMERR);
	return header_only(q, RCODE_NOERROR);
}

enum verdict query_parse(struct query *q, const uint8_t *octets, size_t size, enum via via)
{
	struct reader r = reader_init(octets, size);

	q->edns = (struct edns){ .present = false };
	q->tsig.present = false;
	q->rcode = RCODE_NOERROR;
	q->ede = EDE_NONE;
	q->ede_text = NULL;
	if (!get_header(&r, &q->header) || q->header.flags & FLAG_QR)
		return VERDICT_DROP;
	unsigned opcode = (unsigned)(q->header.flags & OPCODE_MASK) >> OPCODE_SHIFT;
	if (!is_known_opcode(opcode))
		return header_only(q, RCODE_NOTIMP);
	if (q->header.count[SECTION_QUESTION] != 1)
		return without_question(q, &r, opcode);
	if (!get_question(&r, &q->question) || !take_records(q, &r))
		return header_only(q, RCODE_FORMERR);
	return judge(q, via, opcode);
}
