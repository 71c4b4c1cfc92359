/*
 * properties_differential.c -- our decoder against the one of support/print.h.
 *
 * The printer reads replies of ours, and is stricter than a decoder may be: what
 * it refuses and we take is in `stricter`, each with its reason.  Its texts are
 * compared with ours where both mean to write the same (enum likeness).
 */
#include "support/properties.h"

#include "base/ip.h"
#include "dns/field.h"
#include "dns/message.h"
#include "dns/rdata.h"
#include "support/print.h"

enum { LINE_MAX_SIZE = 4096 };

/* What the printer refuses, and a decoder has to take. */
static const struct {
	const char *problem, *reason;
} stricter[] = {
	{ "an EDNS version that is not 0", "the answer to it is BADVERS, RFC 6891 §6.1.3" },
	{ "flags of EDNS that have no meaning", "they are ignored, RFC 6891 §6.1.4" },
	{ "an option twice", "the first one counts, RFC 7873 §5.2" },
	{ "two OPT records", "serve/query.c decides, not the decoder" },
	{ "OPT where it may not be", "the same" },
	{ "an option beyond OPT", "edns_parse() says so, the record itself is whole" },
	{ "TSIG where or as it may not be", "tsig_parse() says so" },
	{ "TSIG that cannot be read", "the same" },
	{ "a record behind TSIG", "serve/query.c decides, not the decoder" },
	{ "a pointer where none may be", "in SRV and DNAME old servers wrote them, RFC 3597 §4" },
	{ "more text than the printer has room for", "its own limit" },
	{ "more records than the printer has room for", "its own limit" },
	{ "more names than the printer has room for", "its own limit" },
};

/* How much the RDATA of a type is the same in both texts. */
enum likeness {
	LIKE_OPAQUE, /* hex there; and ours in hex is the same when it holds no names */
	LIKE_TEXT,   /* the same words */
	LIKE_NONE,   /* strings are not escaped there, parameters of services not named */
};

static enum likeness likeness_of(uint16_t type)
{
	switch (type) {
	case TYPE_A:
	case TYPE_NS:
	case TYPE_CNAME:
	case TYPE_SOA:
	case TYPE_PTR:
	case TYPE_MX:
	case TYPE_AAAA:
	case TYPE_SRV:
	case TYPE_DNAME:
		return LIKE_TEXT;
	case 13: /* HINFO */
	case TYPE_TXT:
	case TYPE_HTTPS:
		return LIKE_NONE;
	default:
		return LIKE_OPAQUE;
	}
}

static bool is_stricter(const char *problem)
{
	for (size_t i = 0; i < sizeof stricter / sizeof stricter[0]; i++)
		if (strcmp(stricter[i].problem, problem) == 0)
			return true;
	return false;
}

static void put_opaque(const struct slice rdata, struct text *out)
{
	text_put(out, rdata.size ? " " : "");
	for (size_t i = 0; i < rdata.size; i++)
		text_format(out, "%02x", rdata.octets[i]);
}

/* Owner, TTL, class and type as the printer writes them. */
static void put_heading(const struct record *rr, struct text *out)
{
	name_print(name_view(&rr->owner), out);
	text_format(out, " %u %s", rr->ttl,
		    rr->class == CLASS_IN   ? ""
		    : rr->class == CLASS_CH ? "CH "
					    : "CLASS? ");
	if (likeness_of(rr->type) != LIKE_OPAQUE || rr->type == TYPE_DS)
		rrtype_print(rr->type, out);
	else
		text_format(out, "TYPE%u", rr->type);
}

static bool has_names(const struct rrtype *type)
{
	const uint8_t *f = type->fields;

	while (*f != FIELD_END && !field_is_name(*f))
		f++;
	return *f != FIELD_END;
}

/* RFC 5952 §5: the printer does not write ::ffff:192.0.2.1. */
static bool is_mapped(const struct record *rr, struct slice rdata)
{
	return rr->type == TYPE_AAAA && ip6_is_mapped(rdata.octets);
}

static void check_line(const struct record *rr, struct slice rdata, const char *line)
{
	static char room[LINE_MAX_SIZE];
	struct text ours = text_init(room, sizeof room);
	const struct rrtype *type = rrtype_find(rr->type);
	enum likeness likeness = likeness_of(rr->type);
	bool whole = (likeness == LIKE_TEXT && !is_mapped(rr, rdata)) ||
		     (likeness == LIKE_OPAQUE && !has_names(type));

	put_heading(rr, &ours);
	if (whole && likeness == LIKE_OPAQUE) {
		put_opaque(rdata, &ours);
	} else if (whole) {
		text_put(&ours, " ");
		rdata_print(type, rdata.octets, rdata.size, &ours);
	}
	PROPERTY(strncmp(line, room, ours.used) == 0);
	PROPERTY(!whole || ours.full || line[ours.used] == '\0');
}

/* What both understand has to be used up; the rest is not the printer's to judge. */
static bool take_rdata(const struct record *rr, struct slice *out)
{
	static uint8_t room[2 * MESSAGE_MAX_SIZE];
	const struct rrtype *type = rrtype_find(rr->type);
	struct writer w = writer_init(room, sizeof room);
	struct reader r = rr->rdata;

	*out = (struct slice){ r.pos, reader_left(&r) };
	if (likeness_of(rr->type) != LIKE_TEXT && rr->type != TYPE_HTTPS)
		return true;
	if (!get_rdata(type, &r, &w))
		return false;
	*out = (struct slice){ room, writer_size(&w) };
	return rr->type == TYPE_HTTPS || rdata_is_valid(type, out->octets, out->size);
}

/* Reads the message as we do; each record is compared when `theirs` has taken it whole. */
static bool take_message(struct reader *r, const struct printed *theirs)
{
	struct header h;
	struct question q;
	struct record rr;
	struct slice rdata;
	size_t n = 0;

	if (!get_header(r, &h))
		return false;
	for (unsigned i = 0; i < h.count[SECTION_QUESTION]; i++)
		if (!get_question(r, &q))
			return false;
	for (size_t i = (size_t)h.count[1] + h.count[2] + h.count[3]; i > 0; i--) {
		if (!get_record(r, &rr) || !take_rdata(&rr, &rdata))
			return false;
		if (theirs->problem || rr.type == TYPE_OPT || rr.type == TYPE_TSIG)
			continue;
		PROPERTY(n < theirs->record_count && rr.type == theirs->records[n].type);
		check_line(&rr, rdata, theirs->records[n++].line);
	}
	PROPERTY(theirs->problem || n == theirs->record_count);
	PROPERTY(theirs->problem || (h.id == theirs->id && h.flags == theirs->flags));
	return reader_left(r) == 0;
}

void property_differential(const uint8_t *octets, size_t size)
{
	const struct printed *theirs = print_reply(octets, size);
	struct reader r = reader_init(octets, size);
	bool taken = take_message(&r, theirs);

	if (taken != !theirs->problem && !(taken && is_stricter(theirs->problem))) {
		fprintf(stderr, "we %s it, the printer says: %s\n", taken ? "take" : "refuse",
			theirs->problem ? theirs->problem : "well");
		abort();
	}
}
