#include "support/properties.h"

#include "dns/edns.h"
#include "dns/rdata.h"
#include "dns/tsig.h"

enum { REWRITTEN_MAX = 64 };

/* A record, and its RDATA without compression. */
struct kept {
	struct record rr;
	const uint8_t *rdata;
	size_t size;
};

static struct kept kept[REWRITTEN_MAX];
static uint8_t kept_rdata[2 * MESSAGE_MAX_SIZE], rewritten[MESSAGE_MAX_SIZE];

static void check_record(const struct reader *whole, const struct record *rr)
{
	struct edns edns;
	struct tsig tsig;

	PROPERTY(rr->rdata.end <= whole->end && rr->rdata.pos <= rr->rdata.end);
	PROPERTY(rr->owner.size >= 1);
	if (rr->type == TYPE_OPT && edns_parse(rr, &edns)) {
		PROPERTY(edns_limit(&edns) >= MESSAGE_UDP_SIZE);
		PROPERTY(edns_limit(&edns) <= EDNS_UDP_SIZE);
	}
	if (rr->type == TYPE_TSIG && tsig_parse(rr, &tsig))
		PROPERTY(tsig_error_size(&tsig) < 2 * NAME_MAX_SIZE + 64);
}

/* Keeps a record for later, when its RDATA can be read and there is room. */
static void keep(size_t *count, struct writer *w, const struct record *rr)
{
	struct reader rdata = rr->rdata;
	uint8_t *before = w->pos;

	if (*count == REWRITTEN_MAX)
		return;
	if (!get_rdata(rrtype_find(rr->type), &rdata, w)) {
		writer_rewind(w, before);
		return;
	}
	kept[(*count)++] = (struct kept){ *rr, before, (size_t)(w->pos - before) };
}

/* Writes what was kept; how many records fitted. */
static unsigned write_kept(struct message *m, const struct question *q, size_t count)
{
	message_init(m, rewritten, sizeof rewritten);
	if (q)
		put_question(m, q);
	for (size_t i = 0; i < count; i++) {
		const struct record *rr = &kept[i].rr;
		struct message_mark before = message_mark(m);
		uint8_t *rdlength =
			begin_record(m, name_view(&rr->owner), rr->type, rr->class, rr->ttl);

		put_octets(&m->w, kept[i].rdata, kept[i].size);
		end_record(m, rdlength, SECTION_ANSWER);
		if (m->w.full) {
			message_rewind(m, before);
			break;
		}
	}
	message_finish(m, 0x2323, FLAG_QR);
	return m->count[SECTION_ANSWER];
}

static void check_rewritten(const struct message *m, const struct question *q, unsigned written)
{
	struct reader r = reader_init(rewritten, message_size(m));
	struct header h;
	struct question question;
	struct record rr;

	PROPERTY(get_header(&r, &h) && h.id == 0x2323 && h.flags == FLAG_QR);
	PROPERTY(h.count[SECTION_QUESTION] == (q != NULL) && h.count[SECTION_ANSWER] == written);
	if (q)
		PROPERTY(get_question(&r, &question) && question.type == q->type &&
			 question.class == q->class && question.name.size == q->name.size &&
			 memcmp(question.name.octets, q->name.octets, q->name.size) == 0);
	for (unsigned i = 0; i < written; i++) {
		PROPERTY(get_record(&r, &rr));
		PROPERTY(name_equal(name_view(&rr.owner), name_view(&kept[i].rr.owner)));
		PROPERTY(rr.type == kept[i].rr.type && rr.class == kept[i].rr.class);
		PROPERTY(rr.ttl == kept[i].rr.ttl && reader_left(&rr.rdata) == kept[i].size);
		PROPERTY(kept[i].size == 0 ||
			 memcmp(rr.rdata.pos, kept[i].rdata, kept[i].size) == 0);
	}
	PROPERTY(reader_left(&r) == 0);
}

void property_message(const uint8_t *octets, size_t size)
{
	static struct message m;
	struct reader r = reader_init(octets, size);
	struct writer w = writer_init(kept_rdata, sizeof kept_rdata);
	struct header header;
	struct question question, *asked = NULL;
	struct record record;
	size_t count = 0;

	if (!get_header(&r, &header))
		return;
	for (unsigned i = 0; i < header.count[SECTION_QUESTION] && get_question(&r, &question);
	     i++) {
		PROPERTY(question.name.size >= 1);
		asked = &question;
	}
	while (!r.bad && get_record(&r, &record)) {
		check_record(&r, &record);
		keep(&count, &w, &record);
	}
	check_rewritten(&m, asked, write_kept(&m, asked, count));
}
