/*
 * show.c -- a DNS message as text.
 */
#include "sim/show.h"
#include "dns/edns.h"
#include "dns/rdata.h"

static void show_flags(unsigned flags, struct text *out)
{
	static const struct {
		uint16_t bit;
		char text[4];
	} known[] = { { FLAG_AA, " aa" }, { FLAG_TC, " tc" }, { FLAG_RD, " rd" },
		      { FLAG_RA, " ra" }, { FLAG_AD, " ad" }, { FLAG_CD, " cd" } };

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (flags & known[i].bit)
			text_put(out, known[i].text);
}

static void show_option(uint16_t code, struct slice data, struct text *out)
{
	if (code == OPTION_EDE && data.size >= 2) {
		text_format(out, " ede=%u", (unsigned)(data.octets[0] << 8 | data.octets[1]));
		if (data.size > 2) {
			text_put(out, ":\"");
			text_put_escaped(out, data.octets + 2, data.size - 2, EDE_TEXT_MAX);
			text_put_char(out, '"');
		}
		return;
	}
	if (code == OPTION_NSID) {
		text_put(out, " nsid=\"");
		text_put_escaped(out, data.octets, data.size, data.size);
		text_put_char(out, '"');
		return;
	}
	if (code == OPTION_COOKIE)
		text_put(out, " cookie=");
	else
		text_format(out, " option%u=", code);
	for (size_t i = 0; i < data.size; i++)
		text_format(out, "%02x", data.octets[i]);
}

static void show_opt(const struct record *rr, struct text *out)
{
	struct reader r = rr->rdata;

	text_format(out, "opt %u%s", rr->class, rr->ttl & EDNS_DO ? " do" : "");
	if (rr->ttl >> 16 & 255)
		text_format(out, " version=%u", (unsigned)(rr->ttl >> 16 & 255));
	while (reader_left(&r) > 0) {
		uint16_t code = get_u16(&r), size = get_u16(&r);
		const uint8_t *data = reader_take(&r, size);

		if (!data && size > 0)
			break;
		show_option(code, (struct slice){ data, size }, out);
	}
}

static void show_rdata(const struct record *rr, struct text *out)
{
	static uint8_t room[RDATA_MAX_SIZE];
	struct writer w = writer_init(room, sizeof room);
	struct reader r = rr->rdata;
	const struct rrtype *type = rrtype_find(rr->type);

	text_put_char(out, ' ');
	if (get_rdata(type, &r, &w))
		rdata_print(type, room, writer_size(&w), out);
	else
		text_put(out, "?");
}

static void show_record(const struct record *rr, const char *section, struct text *out)
{
	if (rr->type == TYPE_OPT) {
		show_opt(rr, out);
		return;
	}
	text_format(out, "%s ", section);
	name_print(name_view(&rr->owner), out);
	text_format(out, " %u %s", (unsigned)rr->ttl, rr->class == CLASS_CH ? "CH " : "");
	rrtype_print(rr->type, out);
	show_rdata(rr, out);
}

/* All twelve bits of the response code: the upper ones are in OPT. */
static unsigned find_rcode(struct reader r, const struct header *h)
{
	struct question q;
	struct record rr;
	size_t records = (size_t)h->count[1] + h->count[2] + h->count[3];

	for (unsigned i = 0; i < h->count[0] && get_question(&r, &q); i++)
		;
	for (size_t i = 0; i < records && get_record(&r, &rr); i++)
		if (rr.type == TYPE_OPT)
			return (rr.ttl >> 24) << 4 | (h->flags & RCODE_MASK);
	return h->flags & RCODE_MASK;
}

static void show_first(struct reader r, const struct header *h, struct text *out)
{
	unsigned rcode = find_rcode(r, h);
	const char *text = rcode_text(rcode);

	if (text)
		text_put(out, text);
	else
		text_format(out, "RCODE%u", rcode);
	show_flags(h->flags, out);
	text_put_char(out, '\n');
}

void show_message(struct slice message, const char *indent, struct text *out)
{
	static const char sections[][3] = { "", "an", "ns", "ar" };
	struct reader r = reader_init(message.octets, message.size);
	struct header h;
	struct question q;
	struct record rr;

	if (!get_header(&r, &h)) {
		text_put(out, "no message\n");
		return;
	}
	show_first(r, &h, out);
	for (unsigned i = 0; i < h.count[SECTION_QUESTION] && get_question(&r, &q); i++)
		;
	for (unsigned s = SECTION_ANSWER; s <= SECTION_ADDITIONAL; s++)
		for (unsigned i = 0; i < h.count[s] && get_record(&r, &rr); i++) {
			text_put(out, indent);
			show_record(&rr, sections[s], out);
			text_put_char(out, '\n');
		}
	if (r.bad || reader_left(&r) > 0)
		text_format(out, "%s%s\n", indent, r.bad ? "cut" : "octets behind the last record");
}

void show_question(struct slice message, struct text *out)
{
	struct reader r = reader_init(message.octets, message.size);
	struct header h;
	struct question q;

	if (!get_header(&r, &h) || h.count[0] == 0 || !get_question(&r, &q)) {
		text_put_char(out, '?');
		return;
	}
	name_print(q.name, out);
	text_put_char(out, ' ');
	rrtype_print(q.type, out);
}
