/*
 * field.c -- the table of kinds; names and numbers.
 *
 * The other kinds: field_string.c, field_encoded.c (hex, base64), field_address.c,
 * field_prefix.c (APL, A6), field_dnssec.c, field_bitmap.c, and for single types
 * field_gateway.c, field_loc.c, field_svcb.c and field_wks.c.
 */
#include "dns/field.h"
#include "base/assert.h"
#include "dns/field_kinds.h"
#include "dns/ttl.h"

const struct word *field_word(struct words *in, const char *missing)
{
	const struct word *w = words_take(in, missing);

	if (w && w->quoted) { /* no peer agrees on what a quoted number or name is */
		words_fail_at(in, w, "quotes where none belong");
		return NULL;
	}
	assert(!w || w->size > 0); /* only quotes can be around nothing */
	return w;
}

/* ------ numbers ------ */

bool field_number(struct words *in, uint64_t max, uint64_t *value)
{
	const struct word *w = field_word(in, "missing number");

	if (!w)
		return false;
	const char *problem = number_parse(w->at, w->size, max, value);
	return !problem || words_fail_at(in, w, problem);
}

/* False when the name is not in the list. */
static bool mnemonic_find(const char *list, const struct word *w, uint64_t *value)
{
	size_t size;

	for (; *list != '\0'; list += size + (list[size] == ' ')) {
		for (*value = 0; *list != ' '; list++)
			*value = *value * 10 + (uint64_t)(*list - '0');
		size = strcspn(++list, " ");
		if (w->size == size && octets_equal_folded(w->at, (const uint8_t *)list, size))
			return true;
	}
	return false;
}

bool field_mnemonic(struct words *in, const char *list, uint64_t max, const char *unknown,
		    uint64_t *value)
{
	if (words_left(in) > 0 && in->next->size > 0 && is_digit(in->next->at[0]))
		return field_number(in, max, value);
	const struct word *w = field_word(in, "missing number or mnemonic");
	if (!w)
		return false;
	return mnemonic_find(list, w, value) || words_fail_at(in, w, unknown);
}

static bool parse_u8(struct words *in, struct name origin, struct writer *out)
{
	uint64_t value;

	(void)origin;
	if (!field_number(in, UINT8_MAX, &value))
		return false;
	put_u8(out, (uint8_t)value);
	return true;
}

static bool parse_u16(struct words *in, struct name origin, struct writer *out)
{
	uint64_t value;

	(void)origin;
	if (!field_number(in, UINT16_MAX, &value))
		return false;
	put_u16(out, (uint16_t)value);
	return true;
}

static bool parse_u32(struct words *in, struct name origin, struct writer *out)
{
	uint64_t value;

	(void)origin;
	if (!field_number(in, UINT32_MAX, &value))
		return false;
	put_u32(out, (uint32_t)value);
	return true;
}

static bool parse_u64(struct words *in, struct name origin, struct writer *out)
{
	const struct word *w = field_word(in, "missing number");
	uint64_t high = 0, low = 0;
	const char *problem;

	(void)origin;
	if (!w)
		return false;
	const uint8_t *dot = memchr(w->at, '.', w->size);
	if (dot) {
		size_t size = (size_t)(dot - w->at);

		problem = number_parse(w->at, size, UINT32_MAX, &high);
		if (!problem)
			problem = number_parse(dot + 1, w->size - size - 1, UINT32_MAX, &low);
	} else {
		problem = number_parse(w->at, w->size, UINT64_MAX, &low);
		high = low >> 32;
	}
	put_u32(out, (uint32_t)high);
	put_u32(out, (uint32_t)low);
	return !problem || words_fail_at(in, w, problem);
}

static bool parse_ttl(struct words *in, struct name origin, struct writer *out)
{
	const struct word *w = field_word(in, "missing number of seconds");
	const char *problem;
	uint32_t ttl;

	(void)origin;
	if (!w)
		return false;
	if (!ttl_parse(w->at, w->size, &ttl, &problem))
		return words_fail_at(in, w, problem);
	put_u32(out, ttl);
	return true;
}

static void print_u8(struct reader *in, struct text *out)
{
	text_put_u32(out, get_u8(in));
}

static void print_u16(struct reader *in, struct text *out)
{
	text_put_u32(out, get_u16(in));
}

static void print_u32(struct reader *in, struct text *out)
{
	text_put_u32(out, get_u32(in));
}

static void print_u64(struct reader *in, struct text *out)
{
	uint64_t high = get_u32(in);

	text_put_u64(out, high << 32 | get_u32(in));
}

const struct field_ops field_u8 = { parse_u8, print_u8, .size = 1 };
const struct field_ops field_u16 = { parse_u16, print_u16, .size = 2 };
const struct field_ops field_u32 = { parse_u32, print_u32, .size = 4 };
const struct field_ops field_u64 = { parse_u64, print_u64, .size = 8 };
const struct field_ops field_ttl = { parse_ttl, print_u32, .size = 4 };

/* ------ names ------ */

static bool parse_name(struct words *in, struct name origin, struct writer *out)
{
	const struct word *w = field_word(in, "missing domain name");
	struct name_buf name;

	if (!w)
		return false;
	const char *problem = name_parse(w->at, w->size, origin, &name);
	if (problem)
		return words_fail_at(in, w, problem);
	put_name(out, name_view(&name));
	return true;
}

static void print_name(struct reader *in, struct text *out)
{
	struct name_buf name;

	if (get_name_plain(in, &name))
		name_print(name_view(&name), out);
}

static void skip_name(struct reader *in)
{
	struct name name;

	get_name_view(in, &name);
}

const struct field_ops field_name = { parse_name, print_name, .skip = skip_name };

/* ------ the table ------ */

/* clang-format off */
static const struct field_ops *const kinds[FIELD_KINDS] = {
	[FIELD_NAME] = &field_name,
	[FIELD_NAME_PLAIN] = &field_name,
	[FIELD_U8] = &field_u8,
	[FIELD_U16] = &field_u16,
	[FIELD_U32] = &field_u32,
	[FIELD_U64] = &field_u64,
	[FIELD_TTL] = &field_ttl,
	[FIELD_IP4] = &field_ip4,
	[FIELD_IP6] = &field_ip6,
	[FIELD_LOCATOR] = &field_locator,
	[FIELD_EUI48] = &field_eui48,
	[FIELD_EUI64] = &field_eui64,
	[FIELD_NSAP] = &field_nsap,
	[FIELD_ATMA] = &field_atma,
	[FIELD_APL] = &field_apl,
	[FIELD_A6] = &field_a6,
	[FIELD_WKS] = &field_wks,
	[FIELD_STRING] = &field_string,
	[FIELD_STRING_OPTIONAL] = &field_string_optional,
	[FIELD_STRINGS] = &field_strings,
	[FIELD_DECIMAL] = &field_decimal,
	[FIELD_TEXT] = &field_text,
	[FIELD_TAG] = &field_tag,
	[FIELD_HEX] = &field_hex,
	[FIELD_BASE64] = &field_base64,
	[FIELD_BASE64_OPTIONAL] = &field_base64_optional,
	[FIELD_BASE64_OR_DASH] = &field_base64_or_dash,
	[FIELD_OPAQUE] = &field_opaque,
	[FIELD_TYPE] = &field_type,
	[FIELD_ALGORITHM] = &field_algorithm,
	[FIELD_CERT_TYPE] = &field_cert_type,
	[FIELD_SCHEME] = &field_scheme,
	[FIELD_TIME] = &field_time,
	[FIELD_TYPES] = &field_types,
	[FIELD_TYPES_OLD] = &field_types_old,
	[FIELD_DIGEST] = &field_digest,
	[FIELD_FINGERPRINT] = &field_fingerprint,
	[FIELD_ZONE_DIGEST] = &field_zone_digest,
	[FIELD_SALT] = &field_salt,
	[FIELD_HASH] = &field_hash,
	[FIELD_KEY] = &field_key,
	[FIELD_LOC] = &field_loc,
	[FIELD_IPSECKEY] = &field_ipseckey,
	[FIELD_AMTRELAY] = &field_amtrelay,
	[FIELD_HIP] = &field_hip,
	[FIELD_SVC_PARAMS] = &field_svc_params,
};
/* clang-format on */

const struct field_ops *field_find(uint8_t kind)
{
	return kinds[kind];
}

void field_skip(uint8_t kind, struct reader *in)
{
	const struct field_ops *ops = kinds[kind];

	if (ops->size > 0)
		reader_take(in, ops->size);
	else
		ops->skip(in);
}
