/*
 * field_gateway.c -- IPSECKEY (RFC 4025), AMTRELAY (RFC 8777) and HIP (RFC 8005).
 *
 * The first two name a gateway whose format an earlier octet tells, so each
 * is read as a whole:
 *
 *	IPSECKEY  precedence, gateway type, algorithm, gateway, public key
 *	AMTRELAY  precedence, D (one bit) and relay type, relay
 *	HIP       length of HIT, algorithm, length of key, HIT, key, servers
 */
#include "dns/encode.h"
#include "dns/field_kinds.h"

enum gateway_type {
	GATEWAY_NONE, /* "." in text */
	GATEWAY_IP4,
	GATEWAY_IP6,
	GATEWAY_NAME,
	GATEWAY_TYPES
};

/* The kind of field that a gateway is; FIELD_END for GATEWAY_NONE and unknown types. */
static uint8_t gateway_kind(uint64_t type)
{
	static const uint8_t kinds[GATEWAY_TYPES] = {
		[GATEWAY_IP4] = FIELD_IP4,
		[GATEWAY_IP6] = FIELD_IP6,
		[GATEWAY_NAME] = FIELD_NAME_PLAIN,
	};

	return type < GATEWAY_TYPES ? kinds[type] : FIELD_END;
}

static bool parse_gateway_type(struct words *in, uint64_t *type)
{
	if (!field_number(in, UINT8_MAX, type))
		return false;
	return *type < GATEWAY_TYPES ||
	       words_fail_at(in, field_last(in), "unknown gateway type; it is 0 to 3");
}

static bool parse_gateway(struct words *in, uint64_t type, struct name origin, struct writer *out)
{
	uint8_t kind = gateway_kind(type);

	if (kind != FIELD_END)
		return field_parse(kind, in, origin, out);
	const struct word *w = field_word(in, "missing gateway");
	return w &&
	       (word_is(w, ".") || words_fail_at(in, w, "no gateway (type 0) is written as \".\""));
}

static void print_gateway(struct reader *in, uint8_t type, struct text *out)
{
	uint8_t kind = gateway_kind(type);

	if (kind != FIELD_END)
		field_print(kind, in, out);
	else if (type == GATEWAY_NONE)
		text_put_char(out, '.');
	else
		in->bad = true;
}

static void skip_gateway(struct reader *in, uint8_t type)
{
	uint8_t kind = gateway_kind(type);

	if (kind != FIELD_END)
		field_skip(kind, in);
	else if (type != GATEWAY_NONE)
		in->bad = true;
}

/* ------ IPSECKEY ------ */

bool field_parse_ipseckey(struct words *in, struct name origin, struct writer *out)
{
	uint64_t precedence, type, algorithm;

	if (!field_number(in, UINT8_MAX, &precedence) || !parse_gateway_type(in, &type) ||
	    !field_number(in, UINT8_MAX, &algorithm))
		return false;
	put_u8(out, (uint8_t)precedence);
	put_u8(out, (uint8_t)type);
	put_u8(out, (uint8_t)algorithm);
	if (!parse_gateway(in, type, origin, out))
		return false;
	return algorithm == 0 || field_put_base64(in, out); /* 0: no key, RFC 4025 §2.4 */
}

void field_print_ipseckey(struct reader *in, struct text *out)
{
	uint8_t precedence = get_u8(in), type = get_u8(in), algorithm = get_u8(in);

	text_format(out, "%u %u %u ", (unsigned)precedence, (unsigned)type, (unsigned)algorithm);
	print_gateway(in, type, out);
	if (algorithm == 0)
		return;
	text_put_char(out, ' ');
	field_print_base64(in, out);
}

void field_skip_ipseckey(struct reader *in)
{
	reader_take(in, 1);
	uint8_t type = get_u8(in), algorithm = get_u8(in);

	skip_gateway(in, type);
	if (algorithm != 0)
		field_skip_some(in);
}

/* ------ AMTRELAY ------ */

enum { RELAY_DISCOVERY_OPTIONAL = 0x80, RELAY_TYPE = 0x7f };

bool field_parse_amtrelay(struct words *in, struct name origin, struct writer *out)
{
	uint64_t precedence, optional, type;

	if (!field_number(in, UINT8_MAX, &precedence) || !field_number(in, UINT8_MAX, &optional))
		return false;
	if (optional > 1)
		return words_fail_at(in, field_last(in), "discovery optional is 0 or 1");
	if (!parse_gateway_type(in, &type))
		return false;
	put_u8(out, (uint8_t)precedence);
	put_u8(out, (uint8_t)((optional ? RELAY_DISCOVERY_OPTIONAL : 0) | type));
	return parse_gateway(in, type, origin, out);
}

void field_print_amtrelay(struct reader *in, struct text *out)
{
	uint8_t precedence = get_u8(in), relay = get_u8(in);
	bool optional = relay & RELAY_DISCOVERY_OPTIONAL;

	text_format(out, "%u %u %u ", (unsigned)precedence, (unsigned)optional,
		    (unsigned)relay & RELAY_TYPE);
	print_gateway(in, relay & RELAY_TYPE, out);
}

void field_skip_amtrelay(struct reader *in)
{
	reader_take(in, 1);
	skip_gateway(in, get_u8(in) & RELAY_TYPE);
}

/* ------ HIP ------ */

enum { HIP_HEADER_SIZE = 4 };

/* Writes the identity tag and notes its length in the header. */
static bool parse_hit(struct words *in, uint8_t *header, struct writer *out)
{
	const struct word *w = field_word(in, "missing host identity tag");
	const uint8_t *start = out->pos;
	struct decoder d = { 0 };

	if (!w)
		return false;
	if (!decode_hex(&d, w->at, w->size, out) || !decode_hex_done(&d))
		return words_fail_at(in, w, "invalid hex digits");
	if (out->pos - start > UINT8_MAX)
		return words_fail_at(in, w, "host identity tag longer than 255 octets");
	header[0] = (uint8_t)(out->pos - start);
	return true;
}

bool field_parse_hip(struct words *in, struct name origin, struct writer *out)
{
	uint8_t *header = writer_room(out, HIP_HEADER_SIZE);
	uint64_t algorithm;

	if (!header || !field_number(in, UINT8_MAX, &algorithm))
		return false;
	header[1] = (uint8_t)algorithm;
	if (!parse_hit(in, header, out))
		return false;
	const uint8_t *key = out->pos;
	const struct word *w = field_word(in, "missing public key");
	if (!w || !field_put_base64_word(in, w, out))
		return false;
	if (out->pos - key > UINT16_MAX)
		return words_fail_at(in, w, "public key longer than 65535 octets");
	store_u16(header + 2, (uint16_t)(out->pos - key));
	while (words_left(in) > 0)
		if (!field_parse_name(in, origin, out))
			return false;
	return true;
}

/* The parts before the servers; RFC 8005 §5 lets neither be empty. */
static void get_hip(struct reader *in, uint8_t *algorithm, struct slice *hit, struct slice *key)
{
	hit->size = get_u8(in);
	*algorithm = get_u8(in);
	key->size = get_u16(in);
	hit->octets = reader_take(in, hit->size);
	key->octets = reader_take(in, key->size);
	if (hit->size == 0 || key->size == 0)
		in->bad = true;
}

void field_print_hip(struct reader *in, struct text *out)
{
	struct slice hit, key;
	uint8_t algorithm;

	get_hip(in, &algorithm, &hit, &key);
	if (in->bad)
		return;
	text_put_u32(out, algorithm);
	text_put_char(out, ' ');
	text_put_hex(out, hit.octets, hit.size);
	text_put_char(out, ' ');
	encode_base64(out, key.octets, key.size);
	while (!in->bad && reader_left(in) > 0) {
		text_put_char(out, ' ');
		field_print_name(in, out);
	}
}

void field_skip_hip(struct reader *in)
{
	struct slice hit, key;
	uint8_t algorithm;

	get_hip(in, &algorithm, &hit, &key);
	while (!in->bad && reader_left(in) > 0)
		field_skip(FIELD_NAME_PLAIN, in);
}
