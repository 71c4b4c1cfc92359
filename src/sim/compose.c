/*
 * compose.c -- DNS messages from words.
 */
#include "sim/compose.h"
#include "base/ip.h"
#include "base/number.h"
#include "base/text.h"
#include "dns/edns.h"
#include "dns/rdata.h"
#include "dns/ttl.h"
#include "sim/words.h"

/* ------ words ------ */

/* False, and the words' problem is noted, when it is no number up to this. */
static bool take_number(struct words *in, const struct word *w, uint64_t most, uint64_t *out)
{
	const char *problem = number_parse(w->at, w->size, most, out);

	return !problem || words_fail_at(in, w, problem);
}

static bool take_name(struct words *in, const struct word *w, struct name_buf *out)
{
	char room[NAME_MAX_TEXT];
	struct text text = text_init(room, sizeof room);

	text_put_octets(&text, w->at, w->size);
	const char *problem = name_parse_absolute(room, out);
	return !problem || words_fail_at(in, w, problem);
}

static bool take_type(struct words *in, const struct word *w, uint16_t *out)
{
	return rrtype_parse(w->at, w->size, out) || words_fail_at(in, w, "no type");
}

static bool put_hex(struct words *in, const struct word *w, struct writer *out)
{
	return word_hex(w, out) || words_fail_at(in, w, "no octets in hexadecimal digits");
}

/* Flags by the words that stand for them, in the header's order. */
static unsigned flag_of(const struct word *w)
{
	static const struct {
		char text[3];
		uint16_t bit;
	} flags[] = { { "aa", FLAG_AA }, { "tc", FLAG_TC }, { "ra", FLAG_RA },
		      { "z", 0x0040 },   { "ad", FLAG_AD }, { "cd", FLAG_CD } };

	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		if (word_is(w, flags[i].text))
			return flags[i].bit;
	return 0;
}

/* ------ queries ------ */

struct draft {
	uint16_t id, flags, udp_size;
	uint8_t version;
	bool has_edns, dnssec_ok;
	struct writer options;
	uint8_t options_room[2048];
};

static bool add_option(struct draft *d, struct words *in, uint64_t code, const struct word *hex)
{
	put_u16(&d->options, (uint16_t)code);
	uint8_t *length = d->options.pos;
	put_u16(&d->options, 0);
	if (!put_hex(in, hex, &d->options))
		return false;
	if (d->options.full)
		return words_fail_at(in, hex, "more options than there is room for");
	store_u16(length, (uint16_t)(d->options.pos - length - 2));
	d->has_edns = true;
	return true;
}

/* option=CODE:HEX */
static bool add_any_option(struct draft *d, struct words *in, const struct word *w)
{
	struct word code = word_from(w, strlen("option="));
	const uint8_t *colon = memchr(code.at, ':', code.size);
	uint64_t number;

	if (!colon)
		return words_fail_at(in, w, "an option is option=CODE:HEX");
	struct word hex = word_from(&code, (size_t)(colon - code.at) + 1);
	code.size = (uint32_t)(colon - code.at);
	return take_number(in, &code, UINT16_MAX, &number) && add_option(d, in, number, &hex);
}

static bool read_edns_word(struct draft *d, struct words *in, const struct word *w)
{
	static const struct word nothing = { (const uint8_t *)"", 0, false };
	struct word value;
	uint64_t n;

	d->has_edns = true;
	if (word_is(w, "edns"))
		return true;
	if (word_is(w, "do"))
		return d->dnssec_ok = true;
	if (word_is(w, "nsid"))
		return add_option(d, in, OPTION_NSID, &nothing);
	if (word_begins(w, "option="))
		return add_any_option(d, in, w);
	if (word_begins(w, "cookie=")) {
		value = word_from(w, strlen("cookie="));
		return add_option(d, in, OPTION_COOKIE, &value);
	}
	if (word_begins(w, "edns=")) {
		value = word_from(w, strlen("edns="));
		if (!take_number(in, &value, UINT16_MAX, &n))
			return false;
		d->udp_size = (uint16_t)n;
		return true;
	}
	if (word_begins(w, "version=")) {
		value = word_from(w, strlen("version="));
		if (!take_number(in, &value, UINT8_MAX, &n))
			return false;
		d->version = (uint8_t)n;
		return true;
	}
	return words_fail_at(in, w, "a word that queries do not have");
}

static bool read_query_word(struct draft *d, struct words *in, const struct word *w, bool *tcp)
{
	unsigned flag = flag_of(w);
	struct word value;
	uint64_t n;

	d->flags |= (uint16_t)flag;
	if (flag)
		return true;
	if (word_is(w, "norec"))
		d->flags &= (uint16_t)~FLAG_RD;
	else if (word_is(w, "tcp"))
		*tcp = true;
	else if (word_begins(w, "id=")) {
		value = word_from(w, 3);
		if (!take_number(in, &value, UINT16_MAX, &n))
			return false;
		d->id = (uint16_t)n;
	} else if (word_begins(w, "opcode=")) {
		value = word_from(w, 7);
		if (!take_number(in, &value, 15, &n))
			return false;
		d->flags |= (uint16_t)(n << OPCODE_SHIFT);
	} else {
		return read_edns_word(d, in, w);
	}
	return true;
}

static void put_opt(struct message *m, uint16_t size, uint32_t ttl, const struct writer *options)
{
	uint8_t *rdlength = begin_record(m, name_root, TYPE_OPT, size, ttl);

	if (options)
		put_octets(&m->w, options->base, writer_size(options));
	end_record(m, rdlength, SECTION_ADDITIONAL);
}

size_t compose_query(struct words *in, struct compose_query *what, uint8_t *out, size_t room)
{
	struct draft d = { .id = 0x1234, .flags = FLAG_RD, .udp_size = EDNS_UDP_SIZE };
	struct name_buf name;
	struct question q = { .class = CLASS_IN };
	struct message m;
	const struct word *w;

	d.options = writer_init(d.options_room, sizeof d.options_room);
	what->tcp = false;
	if (!(w = words_take(in, "missing name")) || !take_name(in, w, &name) ||
	    !(w = words_take(in, "missing type")) || !take_type(in, w, &q.type))
		return 0;
	if (words_left(in) > 0 && rrclass_parse(in->next->at, in->next->size, &q.class))
		in->next++;
	while (words_left(in) > 0)
		if (!read_query_word(&d, in, in->next++, &what->tcp))
			return 0;
	q.name = name_view(&name);
	message_init(&m, out, room);
	put_question(&m, &q);
	if (d.has_edns)
		put_opt(&m, d.udp_size,
			(uint32_t)d.version << 16 | (d.dnssec_ok ? (uint32_t)EDNS_DO : 0),
			&d.options);
	message_finish(&m, d.id, d.flags);
	what->id = d.id;
	return m.w.full ? 0 : message_size(&m);
}

/* ------ responses ------ */

static bool take_rcode(struct words *in, const struct word *w, unsigned *out)
{
	struct word number = *w;
	uint64_t n;

	for (unsigned i = 0; i < 24; i++)
		if (rcode_text(i) && word_is(w, rcode_text(i))) {
			*out = i;
			return true;
		}
	if (!word_begins(w, "RCODE"))
		return words_fail_at(in, w, "no response code");
	number = word_from(w, 5);
	if (!take_number(in, &number, 4095, &n))
		return false;
	*out = (unsigned)n;
	return true;
}

/* What makes a response differ from an honest one. */
struct oddities {
	bool lower, no_question, is_query;
	struct word other; /* NAME/TYPE; size 0: none */
};

static bool read_odd_word(struct compose_response *c, struct oddities *odd, struct words *in,
			  const struct word *w)
{
	struct word value;
	uint64_t n;

	if (word_is(w, "lowercase"))
		return odd->lower = true;
	if (word_is(w, "noquestion"))
		return odd->no_question = true;
	if (word_is(w, "query"))
		return odd->is_query = true;
	if (word_is(w, "twice"))
		return c->twice = true;
	if (word_begins(w, "asked=")) {
		odd->other = word_from(w, 6);
		return true;
	}
	bool is_cut = word_begins(w, "cut="), is_ede = word_begins(w, "ede=");
	bool is_more = word_begins(w, "id+"), is_less = word_begins(w, "id-");
	value = word_from(w, is_more || is_less ? 3 : 4);
	if (!is_cut && !is_ede && !is_more && !is_less)
		return words_fail_at(in, w, "a word that responses do not have");
	if (!take_number(in, &value, UINT16_MAX, &n))
		return false;
	if (is_cut)
		c->cut = (long)n;
	else if (is_more || is_less)
		c->id = (uint16_t)(is_more ? c->id + n : c->id - n);
	else
		c->ede = (int)n;
	return true;
}

static bool read_response_words(struct compose_response *c, struct oddities *odd, struct words *in)
{
	while (words_left(in) > 0) {
		const struct word *w = in->next++;
		unsigned flag = flag_of(w);

		c->flags |= (uint16_t)flag;
		if (!flag && !read_odd_word(c, odd, in, w))
			return false;
	}
	if (odd->is_query)
		c->flags &= (uint16_t)~FLAG_QR;
	return true;
}

/* "www.example./A": another question than the one that was asked. */
static bool take_other(struct words *in, const struct word *other, struct name_buf *name,
		       struct question *q)
{
	const uint8_t *slash = memchr(other->at, '/', other->size);

	if (!slash)
		return words_fail_at(in, other, "a question is NAME/TYPE");
	struct word type = word_from(other, (size_t)(slash - other->at) + 1);
	struct word owner = { other->at, (uint32_t)(slash - other->at), false };
	if (!take_name(in, &owner, name) || !take_type(in, &type, &q->type))
		return false;
	q->name = name_view(name);
	return true;
}

bool compose_begin(struct compose_response *c, struct slice query, struct words *in, uint8_t *out,
		   size_t room)
{
	static uint8_t lower[NAME_MAX_SIZE];
	static struct name_buf other;
	struct reader r = reader_init(query.octets, query.size);
	struct oddities odd = { .lower = false };
	struct header h = { .id = 0 };
	struct question q = { .class = CLASS_IN };
	const struct word *w = words_take(in, "missing response code");

	c->cut = c->ede = -1;
	c->owner_count = 0;
	c->twice = false;
	if (!w || !take_rcode(in, w, &c->rcode))
		return false;
	get_header(&r, &h);
	get_question(&r, &q);
	c->id = h.id;
	c->flags = FLAG_QR | FLAG_RD;
	if (!read_response_words(c, &odd, in))
		return false;
	if (odd.lower) {
		octets_fold(lower, q.name.octets, q.name.size);
		q.name.octets = lower;
	}
	if (odd.other.size > 0 && !take_other(in, &odd.other, &other, &q))
		return false;
	message_init(&c->m, out, room);
	if (!odd.no_question)
		put_question(&c->m, &q);
	c->has_opt = c->rcode > RCODE_MASK || c->ede >= 0;
	return true;
}

/* ------ records ------ */

static bool take_section(struct words *in, const struct word *w, enum section *out)
{
	static const char sections[][3] = { "an", "ns", "ar" };

	for (unsigned i = 0; i < 3; i++)
		if (word_is(w, sections[i])) {
			*out = (enum section)(SECTION_ANSWER + i);
			return true;
		}
	return words_fail_at(in, w, "no section: an, ns or ar");
}

static bool take_ttl(struct words *in, const struct word *w, uint32_t *out)
{
	const char *problem = NULL;

	return ttl_parse(w->at, w->size, out, &problem) || words_fail_at(in, w, problem);
}

static uint8_t *begin(struct compose_response *c, uint16_t type, uint32_t ttl)
{
	const struct name_buf *owner = &c->owners[c->owner_count];
	uint8_t known = c->m.names.count;
	uint8_t *rdlength = begin_record(&c->m, name_view(owner), type, CLASS_IN, ttl);

	if (c->m.names.count > known)
		c->owner_count++;
	return rdlength;
}

/* "many OWNER TTL N" */
static bool put_many(struct compose_response *c, struct words *in)
{
	uint32_t ttl;
	uint64_t count;
	const struct word *w;

	if (!(w = words_take(in, "missing owner")) ||
	    !take_name(in, w, &c->owners[c->owner_count]) || !(w = words_take(in, "missing TTL")) ||
	    !take_ttl(in, w, &ttl) || !(w = words_take(in, "missing number")) ||
	    !take_number(in, w, UINT16_MAX, &count))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		/* The first of them makes the owner known; it is the same for all. */
		uint8_t *rdlength = begin_record(&c->m, name_view(&c->owners[c->owner_count]),
						 TYPE_A, CLASS_IN, ttl);
		put_u32(&c->m.w, (uint32_t)(198u << 24 | (18 + (i >> 16)) << 16 | (i & 0xffff)));
		end_record(&c->m, rdlength, SECTION_ANSWER);
	}
	if (c->owner_count < COMPRESS_ENTRIES)
		c->owner_count++;
	return true;
}

static bool put_rdata(struct compose_response *c, struct words *in, uint16_t type)
{
	struct writer *w = &c->m.w;

	if (words_left(in) > 0 && word_begins(in->next, "hex:")) {
		struct word hex = word_from(in->next++, 4);
		return put_hex(in, &hex, w);
	}
	return rdata_parse(rrtype_find(type), in, name_root, w);
}

bool compose_record(struct compose_response *c, struct words *in)
{
	uint32_t ttl = 0;
	uint16_t type;
	enum section section = SECTION_ANSWER;
	const struct word *w = words_take(in, "missing section");

	if (!w)
		return false;
	if (word_is(w, "many"))
		return put_many(c, in);
	if (!take_section(in, w, &section) || !(w = words_take(in, "missing owner")) ||
	    !take_name(in, w, &c->owners[c->owner_count]) || !(w = words_take(in, "missing TTL")) ||
	    !take_ttl(in, w, &ttl) || !(w = words_take(in, "missing type")) ||
	    !take_type(in, w, &type))
		return false;
	/* Names in it stay whole: what compression does is seen in our own replies. */
	uint8_t *rdlength = begin(c, type, ttl);
	if (!put_rdata(c, in, type))
		return false;
	end_record(&c->m, rdlength, section);
	return !c->m.w.full || words_fail_at(in, w, "more than a message");
}

size_t compose_end(struct compose_response *c)
{
	uint8_t room[6];
	struct writer option = writer_init(room, sizeof room);

	put_u16(&option, OPTION_EDE);
	put_u16(&option, 2);
	put_u16(&option, (uint16_t)c->ede);
	if (c->has_opt)
		put_opt(&c->m, EDNS_UDP_SIZE, (uint32_t)(c->rcode >> 4) << 24,
			c->ede >= 0 ? &option : NULL);
	message_finish(&c->m, c->id, (uint16_t)(c->flags | (c->rcode & RCODE_MASK)));
	size_t size = message_size(&c->m);
	return c->cut >= 0 && (size_t)c->cut < size ? (size_t)c->cut : size;
}
