/*
 * rrtype.c -- the record types: one row each.
 *
 * dns/rrtype_rows.h is included once for each table that is made of it.  None of
 * them holds pointers: in a position-independent program a pointer costs 32
 * octets, more than most of what they would point to.  Mnemonics are found in a
 * hash table that is filled from the rows at the first use.
 */
#include "dns/rrtype.h"
#include "base/assert.h"
#include "base/number.h"
#include "dns/field.h"

/* Short names for the rows below; elsewhere the long ones are the rule. */
enum {
	META = RRTYPE_META,
	MORE = RRTYPE_ADDITIONAL,
	BESIDE = RRTYPE_BESIDE_CNAME,
	SINGLE = RRTYPE_SINGLE,

	NAME = FIELD_NAME,
	PLAIN = FIELD_NAME_PLAIN,
	U8 = FIELD_U8,
	U16 = FIELD_U16,
	U32 = FIELD_U32,
	TTL = FIELD_TTL,
	STRING = FIELD_STRING,
	ALGORITHM = FIELD_ALGORITHM,
	BASE64 = FIELD_BASE64,
	OPAQUE = FIELD_OPAQUE,
};

/* Fields that several types share. */
#define SIGNATURE   FIELD_TYPE, ALGORITHM, U8, TTL, FIELD_TIME, FIELD_TIME, U16, PLAIN, BASE64
#define DIGEST      U16, ALGORITHM, FIELD_DIGEST
#define CERTIFICATE U8, U8, U8, FIELD_HEX

/* A SHA-256 digest, so that examples show the usual case (RFC 4509 §2.3). */
#define SHA256_TEXT "D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A"

/* What each row's number is among the rows; 0 is the row of unknown types. */
enum {
	ROW_UNKNOWN,
#define ROW(code, ...) ROW_OF_##code,
#include "dns/rrtype_rows.h"
#undef ROW
	ROWS
};

/* Hints one behind the other; a row knows how far from the first its own is. */
static const struct hints {
#define ROW(code, text, flags, example, ...) char of_##code[sizeof "as in: " text " " example];
#include "dns/rrtype_rows.h"
#undef ROW
} hints = {
#define ROW(code, text, flags, example, ...) "as in: " text " " example,
#include "dns/rrtype_rows.h"
#undef ROW
};

static const struct rrtype rows[ROWS] = {
	[ROW_UNKNOWN] = { .fields = { OPAQUE } },
#define ROW(code, text, flags, example, ...) \
	{ code, offsetof(struct hints, of_##code), flags, { __VA_ARGS__ }, text },
#include "dns/rrtype_rows.h"
#undef ROW
};

/* The small numbers, and behind them those from TYPE_TA on. */
enum { LOWER_TYPES = 265, UPPER_TYPES = TYPE_DLV - TYPE_TA + 1 };

static const uint8_t row_of[LOWER_TYPES + UPPER_TYPES] = {
#define ROW(code, ...) [code < TYPE_TA ? code : LOWER_TYPES + code - TYPE_TA] = ROW_OF_##code,
#include "dns/rrtype_rows.h"
#undef ROW
};

const struct rrtype *rrtype_find(uint16_t code)
{
	if (code < LOWER_TYPES)
		return &rows[row_of[code]];
	if ((uint16_t)(code - TYPE_TA) < UPPER_TYPES)
		return &rows[row_of[LOWER_TYPES + code - TYPE_TA]];
	return &rows[ROW_UNKNOWN];
}

const char *rrtype_hint(const struct rrtype *type)
{
	return type->text[0] ? (const char *)&hints + type->hint : NULL;
}

bool rrtype_may_compress(const struct rrtype *type)
{
	for (const uint8_t *f = type->fields; *f != FIELD_END; f++)
		if (*f == FIELD_NAME)
			return true;
	return false;
}

/* ------ text ------ */

static const struct {
	char text[7];
	uint16_t code;
} classes[] = {
	{ "IN", CLASS_IN },     { "CH", CLASS_CH },     { "CHAOS", CLASS_CH }, { "HS", CLASS_HS },
	{ "HESIOD", CLASS_HS }, { "NONE", CLASS_NONE }, { "ANY", CLASS_ANY },
};

/*
 * A mnemonic as two numbers: its first eight octets in small letters, up to three more, and
 * how many they are.  Equal numbers are equal names, and no text is compared.
 */
struct key {
	uint64_t first;
	uint32_t rest;
};

enum { KEY_MAX_SIZE = 11 };

/*
 * Up to eight octets in small letters; digits and the hyphen stay what they are.  0 when one
 * is a control character, which would become a digit.
 */
static inline uint64_t load_small(const uint8_t *text, size_t size)
{
	uint64_t eight = load_le(text, size);
	uint64_t missing = size < 8 ? UINT64_MAX << 8 * size : 0;

	return mark_below(eight | missing, ' ') ? 0 : eight | 0x20 * EACH_OCTET;
}

/* False when the text cannot be a mnemonic. */
static inline bool key_of(const uint8_t *text, size_t size, struct key *key)
{
	if (size == 0 || size > KEY_MAX_SIZE)
		return false;
	key->first = load_small(text, size);
	key->rest = (uint32_t)size << 24;
	if (size > 8)
		key->rest |= (uint32_t)load_small(text + 8, size - 8) & 0xffffff;
	return key->first != 0;
}

/* More than four times the number of mnemonics, so that one or two slots decide. */
enum { SLOTS = 512 };

static struct slot {
	struct key key; /* rest 0: free */
	uint16_t type;  /* 0: the mnemonic is that of no type ... */
	uint16_t class; /* ... of no class */
} slots[SLOTS];
static bool slots_are_filled;

/* The slot of a key, or the free one where it would be: three of four are free. */
static inline struct slot *slot_find(const struct key *key)
{
	uint64_t mixed = (key->first ^ key->rest) * 0x9e3779b97f4a7c15u; /* 2^64 / golden ratio */
	unsigned at = (unsigned)(mixed >> 55);

	while (slots[at].key.rest != 0 &&
	       (slots[at].key.first != key->first || slots[at].key.rest != key->rest))
		at = (at + 1) % SLOTS;
	return &slots[at];
}

static struct slot *slot_make(const char *text)
{
	struct key key;
	bool is_name = key_of((const uint8_t *)text, strlen(text), &key);

	assert(is_name);
	struct slot *slot = slot_find(&key);
	slot->key = key;
	return slot;
}

static void slots_fill(void)
{
	assert(ROWS + sizeof classes / sizeof classes[0] < SLOTS / 4);
	for (const struct rrtype *row = rows + 1; row < rows + ROWS; row++)
		slot_make(row->text)->type = row->code;
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
		slot_make(classes[i].text)->class = classes[i].code;
	slots_are_filled = true;
}

/* The slot of a mnemonic; a free one for what is none. */
static const struct slot *mnemonic_find(const uint8_t *text, size_t size)
{
	static const struct slot none;
	struct key key;

	if (!slots_are_filled)
		slots_fill();
	return key_of(text, size, &key) ? slot_find(&key) : &none;
}

/* "TYPE15" or "CLASS3": a prefix in any case and a number (RFC 3597 §5). */
static bool numbered_parse(const char *prefix, const uint8_t *text, size_t size, uint16_t *code)
{
	size_t at = strlen(prefix);
	uint64_t value;

	if (size <= at || size > at + 5 ||
	    !octets_equal_folded(text, (const uint8_t *)prefix, at) ||
	    number_parse(text + at, size - at, UINT16_MAX, &value))
		return false;
	*code = (uint16_t)value;
	return true;
}

bool rrtype_parse(const uint8_t *text, size_t size, uint16_t *code)
{
	uint16_t type = mnemonic_find(text, size)->type;

	if (type == 0)
		return numbered_parse("TYPE", text, size, code);
	*code = type;
	return true;
}

bool rrclass_parse(const uint8_t *text, size_t size, uint16_t *code)
{
	uint16_t class = mnemonic_find(text, size)->class;

	if (class == 0)
		return numbered_parse("CLASS", text, size, code);
	*code = class;
	return true;
}

void rrtype_print(uint16_t code, struct text *out)
{
	const char *text = rrtype_find(code)->text;

	if (text[0])
		text_put(out, text);
	else
		text_format(out, "TYPE%u", (unsigned)code);
}

void rrclass_print(uint16_t code, struct text *out)
{
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
		if (classes[i].code == code) {
			text_put(out, classes[i].text);
			return;
		}
	}
	text_format(out, "CLASS%u", (unsigned)code);
}
