/*
 * message.c -- the frame of a DNS message.
 *
 *	  0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15
 *	+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 *	|                      ID                       |
 *	|QR|   Opcode  |AA|TC|RD|RA| Z|AD|CD|   RCODE   |
 *	|        QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT     |
 *	+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 */
#include "dns/message.h"

const char *rcode_text(unsigned rcode)
{
	static const char texts[][10] = {
		"NOERROR",  "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP",  "REFUSED",
		"YXDOMAIN", "YXRRSET", "NXRRSET",  "NOTAUTH",  "NOTZONE", "DSOTYPENI",
		"",         "",        "",         "",         "BADVERS",
	};

	return rcode < sizeof texts / sizeof texts[0] && texts[rcode][0] ? texts[rcode] : NULL;
}

bool get_header(struct reader *r, struct header *h)
{
	const uint8_t *p = reader_take(r, HEADER_SIZE);

	if (!p) {
		*h = (struct header){ 0 };
		return false;
	}
	h->id = load_u16(p);
	h->flags = load_u16(p + 2);
	for (int i = 0; i < 4; i++)
		h->count[i] = load_u16(p + 4 + 2 * i);
	return true;
}

/*
 * The question is the first name of a message, so a pointer in it could only
 * lead forward or into the header: it is read without pointers.
 */
bool get_question(struct reader *r, struct question *q)
{
	get_name_view(r, &q->name);
	uint32_t type_and_class = get_u32(r);
	q->type = (uint16_t)(type_and_class >> 16);
	q->class = (uint16_t)type_and_class;
	return !r->bad;
}

bool get_record(struct reader *r, struct record *rr)
{
	get_name(r, &rr->owner);
	const uint8_t *fixed = reader_take(r, RECORD_FIXED_SIZE);
	if (!fixed)
		return false;
	rr->type = load_u16(fixed);
	rr->class = load_u16(fixed + 2);
	rr->ttl = load_u32(fixed + 4);
	rr->rdata = reader_sub(r, load_u16(fixed + 8));
	return !r->bad;
}

void message_init(struct message *m, uint8_t *octets, size_t size)
{
	m->w = writer_init(octets, size);
	m->w.pos += HEADER_SIZE;
	compressor_init(&m->names);
	memset(m->count, 0, sizeof m->count);
}

void message_rewind(struct message *m, struct message_mark mark)
{
	writer_rewind(&m->w, mark.pos);
	compressor_rewind(&m->names, mark.names);
}

void put_question(struct message *m, const struct question *q)
{
	m->names.question = q->name;
	put_name(&m->w, q->name);
	put_u32(&m->w, (uint32_t)q->type << 16 | q->class);
	m->count[SECTION_QUESTION]++;
}

uint8_t *begin_record(struct message *m, struct name owner, uint16_t type, uint16_t class,
		      uint32_t ttl)
{
	put_name_compressed(&m->w, &m->names, owner);
	uint8_t *fixed = writer_room(&m->w, RECORD_FIXED_SIZE);
	if (!fixed)
		return NULL;
	store_u16(fixed, type);
	store_u16(fixed + 2, class);
	store_u32(fixed + 4, ttl);
	return fixed + 8;
}

void end_record(struct message *m, uint8_t *rdlength, enum section section)
{
	if (m->w.full)
		return;
	store_u16(rdlength, (uint16_t)(m->w.pos - rdlength - 2));
	m->count[section]++;
}

void message_finish(struct message *m, uint16_t id, uint16_t flags)
{
	store_u16(m->w.base, id);
	store_u16(m->w.base + 2, flags);
	for (int i = 0; i < 4; i++)
		store_u16(m->w.base + 4 + 2 * i, m->count[i]);
}
