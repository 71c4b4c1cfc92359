/*
 * field_svcb.c -- the parameters of SVCB and HTTPS records (RFC 9460 §2).
 *
 *	+--------+--------+--------+--------+------ - -
 *	|       key       |     length      | value	   keys strictly increasing
 *	+--------+--------+--------+--------+------ - -
 *
 * In text they are words: "key", "key=value" or key="value", in any order.
 * The lexer ends a word at a quote, so the last of these comes as two words,
 * "key=" and a quoted one that stands right behind it.
 */
#include "dns/field_kinds.h"
#include "dns/svc_keys.h"

enum {
	PARAM_HEADER_SIZE = 4,
	/*
	 * Parameters that stand before one with a smaller key cost a move of up to
	 * 64 KiB each.  What people write has a dozen; this bounds the work.
	 */
	UNSORTED_MAX = 256,
};

struct param {
	struct word key, value;
	uint16_t number;
	bool has_value;
	bool by_number; /* keyNNNNN: the value is opaque */
};

/* ------ one parameter in text ------ */

/* Takes "key", "key=value", or "key=" and the quoted word that touches it. */
static bool take_param(struct words *in, struct param *p)
{
	const struct word *w = field_word(in, "missing service parameter");

	if (!w)
		return false;
	const uint8_t *equals = memchr(w->at, '=', w->size);
	p->key = *w;
	p->has_value = equals != NULL;
	p->value = *w;
	if (equals) {
		p->key.size = (uint32_t)(equals - w->at);
		p->value.at = equals + 1;
		p->value.size = w->size - p->key.size - 1;
	}
	if (equals && p->value.size == 0 && words_left(in) > 0 && in->next->quoted &&
	    in->next->at == p->value.at + 1)
		p->value = *in->next++;
	return svc_key_parse(p->key.at, p->key.size, &p->number, &p->by_number) ||
	       words_fail_at(in, &p->key, "unknown service parameter; write keyNNNNN");
}

/*
 * Writes the value of a parameter with a name.  An empty value is a missing
 * one, but for the keys that have none at all: those do not even have "=".
 */
static bool put_named_value(struct words *in, const struct param *p, struct writer *out)
{
	const struct svc_key *row = svc_key_find(p->number);

	if (!row->parse && p->has_value)
		return words_fail_at(in, &p->value, "value for a service parameter without one");
	if (!row->parse)
		return true;
	if (!p->has_value || p->value.size == 0)
		return row->value_optional ||
		       words_fail_at(in, &p->key, "missing value of service parameter");
	const char *problem = row->parse(&p->value, out);
	return !problem || words_fail_at(in, &p->value, problem);
}

/*
 * Writes an opaque value and checks it as a transfer would.  Keys that came
 * after RFC 9460 and 9461 are not checked: others read them as opaque.
 */
static bool put_opaque_value(struct words *in, const struct param *p, struct writer *out)
{
	const struct svc_key *row = p->number <= SVC_DOHPATH ? svc_key_find(p->number) : NULL;
	const uint8_t *start = out->pos;

	if (p->has_value && !field_put_text(in, &p->value, out))
		return false;
	struct slice value = { start, (size_t)(out->pos - start) };
	return out->full || !row || row->check(value) ||
	       words_fail_at(in, &p->value, "value does not fit its service parameter");
}

static bool put_param(struct words *in, const struct param *p, struct writer *out)
{
	put_u16(out, p->number);
	uint8_t *length = writer_room(out, 2);
	const uint8_t *start = out->pos;

	if (!(p->by_number ? put_opaque_value(in, p, out) : put_named_value(in, p, out)))
		return false;
	if (out->full || out->pos - start > UINT16_MAX) {
		out->full = true;
		return false;
	}
	store_u16(length, (uint16_t)(out->pos - start));
	return true;
}

/* ------ order ------ */

static void reverse(uint8_t *from, uint8_t *to)
{
	while (from < to) {
		uint8_t octet = *from;

		*from++ = *--to;
		*to = octet;
	}
}

/*
 * Moves the last parameter, [last, end), to its place among those before it,
 * which are sorted.  False when its key is there already.
 */
static bool sort_in(uint8_t *first, uint8_t *last, uint8_t *end)
{
	uint16_t key = load_u16(last);
	uint8_t *at = first;

	while (at < last && load_u16(at) < key)
		at += PARAM_HEADER_SIZE + load_u16(at + 2);
	if (at == last)
		return true;
	if (load_u16(at) == key)
		return false;
	reverse(at, last); /* a rotation: each part reversed, then the whole */
	reverse(last, end);
	reverse(at, end);
	return true;
}

/* ------ a whole list ------ */

/* Moves past the parameters up to this key; false when it is not among them. */
static bool pass_to_key(struct reader *params, uint16_t key)
{
	while (reader_left(params) > 0) {
		uint16_t at = get_u16(params);

		reader_take(params, get_u16(params));
		if (at >= key)
			return at == key;
	}
	return false;
}

/*
 * RFC 9460 §8: every key in the list of mandatory keys is there.  Both are
 * sorted, so one walk over the parameters serves all keys of the list.
 */
static bool mandatory_is_there(const uint8_t *first, const uint8_t *end)
{
	struct reader params = reader_init(first, (size_t)(end - first));

	if (reader_left(&params) == 0 || get_u16(&params) != SVC_MANDATORY)
		return true;
	struct reader list = reader_sub(&params, get_u16(&params));
	while (reader_left(&list) > 0)
		if (!pass_to_key(&params, get_u16(&list)))
			return false;
	return true;
}

bool field_parse_svc_params(struct words *in, struct name origin, struct writer *out)
{
	uint8_t *const first = out->pos;
	const struct word *word = in->next;
	int largest = -1;
	unsigned unsorted = 0;

	(void)origin;
	while (words_left(in) > 0) {
		uint8_t *last = out->pos;
		struct param p;

		if (!take_param(in, &p) || !put_param(in, &p, out))
			return false;
		if (p.number > largest) {
			largest = p.number;
			continue;
		}
		if (++unsorted > UNSORTED_MAX)
			return words_fail_at(in, &p.key, "too many parameters out of order");
		if (!sort_in(first, last, out->pos))
			return words_fail_at(in, &p.key, "service parameter twice");
	}
	return mandatory_is_there(first, out->pos) ||
	       words_fail_at(in, word, "mandatory service parameter is missing");
}

/* Reads one parameter; the reader is bad unless the key is larger than the last one. */
static struct slice get_param(struct reader *in, int *key)
{
	int last = *key;

	*key = get_u16(in);
	size_t size = get_u16(in);
	const uint8_t *octets = reader_take(in, size);
	if (*key <= last || !octets)
		in->bad = true;
	return (struct slice){ octets, in->bad ? 0 : size };
}

/* A value that does not fit its key is printed as that of keyNNNNN. */
static void print_param(uint16_t key, struct slice value, struct text *out)
{
	const struct svc_key *row = svc_key_find(key);

	if (!row || !row->check(value)) {
		text_format(out, "key%u", (unsigned)key);
		row = NULL;
	} else {
		text_put(out, row->name);
	}
	if (value.size == 0)
		return;
	text_put_char(out, '=');
	if (row)
		row->print(value, out);
	else
		print_quoted(value, out);
}

void field_print_svc_params(struct reader *in, struct text *out)
{
	int key = -1;

	for (bool first = true; !in->bad && reader_left(in) > 0; first = false) {
		struct slice value = get_param(in, &key);

		if (in->bad)
			return;
		if (!first)
			text_put_char(out, ' ');
		print_param((uint16_t)key, value, out);
	}
}

void field_skip_svc_params(struct reader *in)
{
	const uint8_t *first = in->pos;
	int key = -1;

	while (!in->bad && reader_left(in) > 0) {
		struct slice value = get_param(in, &key);
		const struct svc_key *row = key <= SVC_DOHPATH ? svc_key_find((uint16_t)key) : NULL;

		if (!in->bad && row && !row->check(value))
			in->bad = true;
	}
	if (!in->bad && !mandatory_is_there(first, in->pos))
		in->bad = true;
}
