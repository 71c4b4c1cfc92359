/*
 * svc_keys.c -- the service parameters of SVCB and HTTPS records.
 *
 * Values are lists with commas.  In the two lists of free octets (alpn and
 * docpath) a comma or backslash within an item has a backslash before it; that
 * is undone after the escapes of the zone file, so "\\," is needed to write one
 * (RFC 9460 appendix A.1).  Numbers and addresses know no escapes at all.
 */
#include "dns/svc_keys.h"
#include "dns/encode.h"
#include "base/ip.h"

enum {
	KEY_COUNT = 65536,
	KEY_NAME_MAX = 63, /* RFC 9460 §2.1 */
	ITEM_MAX_SIZE = 255,
};

/* ------ lists ------ */

/* Takes the text up to the next comma; false at the end.  "a," is "a" and "". */
static bool list_next(const struct word *w, size_t *at, struct slice *item)
{
	if (*at > w->size)
		return false;
	const uint8_t *start = w->at + *at;
	const uint8_t *comma = memchr(start, ',', w->size - *at);
	size_t size = comma ? (size_t)(comma - start) : w->size - *at;

	*item = (struct slice){ start, size };
	*at += size + 1;
	return true;
}

/* A set of 16-bit numbers, to find duplicates and to sort without comparing. */
struct number_set {
	uint8_t bits[KEY_COUNT / 8];
};

static bool number_set_has(const struct number_set *s, uint32_t n)
{
	return s->bits[n / 8] >> n % 8 & 1;
}

/* False when the number is there already. */
static bool number_set_add(struct number_set *s, uint32_t n)
{
	if (number_set_has(s, n))
		return false;
	s->bits[n / 8] |= (uint8_t)(1 << n % 8);
	return true;
}

/* ------ mandatory (RFC 9460 §8): keys, sorted on the wire ------ */

static const char *parse_mandatory(const struct word *w, struct writer *out)
{
	struct number_set keys;
	uint16_t largest = 0;
	struct slice item;
	bool by_number;

	memset(&keys, 0, sizeof keys);
	for (size_t at = 0; list_next(w, &at, &item);) {
		uint16_t key;

		if (!svc_key_parse(item.octets, item.size, &key, &by_number))
			return "unknown key in the list of mandatory keys";
		if (key == SVC_MANDATORY)
			return "\"mandatory\" in the list of mandatory keys";
		if (!number_set_add(&keys, key))
			return "key twice in the list of mandatory keys";
		if (key > largest)
			largest = key;
	}
	for (uint32_t key = 0; key <= largest; key++)
		if (number_set_has(&keys, key))
			put_u16(out, (uint16_t)key);
	return NULL;
}

static bool check_mandatory(struct slice value)
{
	struct reader r = reader_init(value.octets, value.size);
	int last = SVC_MANDATORY; /* may not be in the list */

	while (!r.bad && reader_left(&r) > 0) {
		int key = get_u16(&r);

		if (key <= last)
			return false;
		last = key;
	}
	return !r.bad && value.size > 0;
}

static void print_mandatory(struct slice value, struct text *out)
{
	struct reader r = reader_init(value.octets, value.size);

	while (reader_left(&r) > 0) {
		svc_key_print(get_u16(&r), out);
		if (reader_left(&r) > 0)
			text_put_char(out, ',');
	}
}

/* ------ alpn (RFC 9460 §7.1) and docpath (RFC 9953 §5): strings with lengths ------ */

/* The next octet of a list, zone file escapes undone; then list escapes as well. */
static const char *list_octet(const struct word *w, size_t *at, uint8_t *octet, bool *ends_item)
{
	static const char bad[] = "bad escape in list";

	if (!unescape(w, at, octet))
		return bad;
	*ends_item = *octet == ',';
	if (*octet != '\\')
		return NULL;
	if (*at == w->size || !unescape(w, at, octet) || (*octet != ',' && *octet != '\\'))
		return bad;
	return NULL;
}

/* Notes the length of the item that began at its length octet. */
static const char *end_item(uint8_t *length, const struct writer *out)
{
	size_t size = (size_t)(out->pos - length) - 1;

	if (out->full)
		return NULL; /* whoever asked for the list finds that */
	if (size == 0)
		return "empty item in list";
	if (size > ITEM_MAX_SIZE)
		return "item longer than 255 octets in list";
	*length = (uint8_t)size;
	return NULL;
}

static const char *parse_strings(const struct word *w, struct writer *out)
{
	uint8_t *length = writer_room(out, 1);
	const char *problem = NULL;

	for (size_t at = 0; length && at < w->size && !problem;) {
		bool ends_item;
		uint8_t octet;

		problem = list_octet(w, &at, &octet, &ends_item);
		if (problem)
			break;
		if (!ends_item) {
			put_u8(out, octet);
			continue;
		}
		problem = end_item(length, out);
		length = writer_room(out, 1);
	}
	return problem || !length ? problem : end_item(length, out);
}

static bool check_strings(struct slice value)
{
	struct reader r = reader_init(value.octets, value.size);

	while (!r.bad && reader_left(&r) > 0) {
		size_t size = get_u8(&r);

		if (size == 0)
			return false;
		reader_take(&r, size);
	}
	return !r.bad;
}

static bool check_alpn(struct slice value)
{
	return value.size > 0 && check_strings(value);
}

static void print_item(const uint8_t *octets, size_t size, struct text *out)
{
	for (size_t i = 0; i < size; i++) {
		if (octets[i] == ',')
			text_put(out, "\\\\,");
		else if (octets[i] == '\\')
			text_put(out, "\\\\\\\\");
		else
			print_escaped(octets + i, 1, out);
	}
}

static void print_strings(struct slice value, struct text *out)
{
	struct reader r = reader_init(value.octets, value.size);

	text_put_char(out, '"');
	while (reader_left(&r) > 0) {
		size_t size = get_u8(&r);
		const uint8_t *item = reader_take(&r, size);

		if (!item)
			return;
		print_item(item, size, out);
		if (reader_left(&r) > 0)
			text_put_char(out, ',');
	}
	text_put_char(out, '"');
}

/* ------ numbers: port (RFC 9460 §7.2), tls-supported-groups ------ */

static const char *parse_port(const struct word *w, struct writer *out)
{
	uint64_t port;
	const char *problem = number_parse(w->at, w->size, UINT16_MAX, &port);

	if (!problem)
		put_u16(out, (uint16_t)port);
	return problem;
}

static bool check_port(struct slice value)
{
	return value.size == 2;
}

/* draft-ietf-tls-key-share-prediction §3.1: no group twice. */
static const char *parse_groups(const struct word *w, struct writer *out)
{
	struct number_set seen;
	struct slice item;

	memset(&seen, 0, sizeof seen);
	for (size_t at = 0; list_next(w, &at, &item);) {
		uint64_t group;
		const char *problem = number_parse(item.octets, item.size, UINT16_MAX, &group);

		if (problem)
			return problem;
		if (!number_set_add(&seen, (uint32_t)group))
			return "group twice in the list of groups";
		put_u16(out, (uint16_t)group);
	}
	return NULL;
}

static bool check_groups(struct slice value)
{
	struct reader r = reader_init(value.octets, value.size);
	struct number_set seen;

	memset(&seen, 0, sizeof seen);
	while (!r.bad && reader_left(&r) > 0)
		if (!number_set_add(&seen, get_u16(&r)))
			return false;
	return !r.bad && value.size > 0;
}

static void print_numbers(struct slice value, struct text *out)
{
	struct reader r = reader_init(value.octets, value.size);

	while (reader_left(&r) > 0) {
		text_put_u32(out, get_u16(&r));
		if (reader_left(&r) > 0)
			text_put_char(out, ',');
	}
}

/* ------ addresses (RFC 9460 §7.3) ------ */

static const char *parse_ip4s(const struct word *w, struct writer *out)
{
	struct slice item;

	for (size_t at = 0; list_next(w, &at, &item);) {
		uint8_t address[IP4_SIZE];

		if (!ip4_parse(item.octets, item.size, address))
			return "invalid IPv4 address in list";
		put_octets(out, address, sizeof address);
	}
	return NULL;
}

static const char *parse_ip6s(const struct word *w, struct writer *out)
{
	struct slice item;

	for (size_t at = 0; list_next(w, &at, &item);) {
		uint8_t address[IP6_SIZE];

		if (!ip6_parse(item.octets, item.size, address))
			return "invalid IPv6 address in list";
		put_octets(out, address, sizeof address);
	}
	return NULL;
}

static bool check_ip4s(struct slice value)
{
	return value.size > 0 && value.size % IP4_SIZE == 0;
}

static bool check_ip6s(struct slice value)
{
	return value.size > 0 && value.size % IP6_SIZE == 0;
}

static void print_ip4s(struct slice value, struct text *out)
{
	for (size_t at = 0; at < value.size; at += IP4_SIZE) {
		if (at > 0)
			text_put_char(out, ',');
		ip4_print(value.octets + at, out);
	}
}

static void print_ip6s(struct slice value, struct text *out)
{
	for (size_t at = 0; at < value.size; at += IP6_SIZE) {
		if (at > 0)
			text_put_char(out, ',');
		ip6_print(value.octets + at, out);
	}
}

/* ------ octets: ech (RFC 9848), dohpath (RFC 9461), values that are empty ------ */

static const char *parse_ech(const struct word *w, struct writer *out)
{
	struct decoder d = { 0 };

	if (!decode_base64(&d, w->at, w->size, out) || !decode_base64_done(&d))
		return "invalid base64";
	return NULL;
}

static bool check_any(struct slice value)
{
	(void)value;
	return true;
}

static void print_ech(struct slice value, struct text *out)
{
	encode_base64(out, value.octets, value.size);
}

static const char *parse_dohpath(const struct word *w, struct writer *out)
{
	const uint8_t *start = out->pos;

	for (size_t at = 0; at < w->size;) {
		uint8_t octet;

		if (!unescape(w, &at, &octet))
			return "bad \\DDD escape";
		put_u8(out, octet);
	}
	struct slice path = { start, (size_t)(out->pos - start) };
	if (!out->full && !dohpath_is_valid(path))
		return "invalid URI template; it begins with \"/\" and has the variable \"dns\"";
	return NULL;
}

static bool check_empty(struct slice value)
{
	return value.size == 0;
}

/* ------ the table ------ */

/* clang-format off */
static const struct svc_key keys[] = {
	{ "mandatory", false, parse_mandatory, check_mandatory, print_mandatory },
	{ "alpn", false, parse_strings, check_alpn, print_strings },
	{ "no-default-alpn", false, NULL, check_empty, NULL },
	{ "port", false, parse_port, check_port, print_numbers },
	{ "ipv4hint", false, parse_ip4s, check_ip4s, print_ip4s },
	{ "ech", true, parse_ech, check_any, print_ech },
	{ "ipv6hint", false, parse_ip6s, check_ip6s, print_ip6s },
	{ "dohpath", false, parse_dohpath, dohpath_is_valid, print_quoted },
	{ "ohttp", false, NULL, check_empty, NULL },                         /* RFC 9540 §4 */
	{ "tls-supported-groups", false, parse_groups, check_groups, print_numbers },
	{ "docpath", true, parse_strings, check_strings, print_strings },    /* RFC 9953 §5 */
	{ "pvd", false, NULL, check_empty, NULL },          /* draft-ietf-intarea-proxy-config */
};
/* clang-format on */

const struct svc_key *svc_key_find(uint16_t key)
{
	return key < sizeof keys / sizeof keys[0] ? &keys[key] : NULL;
}

/* "keyNNNNN", the number without leading zeros (RFC 9460 §2.1). */
static bool number_key_parse(const uint8_t *text, size_t size, uint16_t *key)
{
	uint64_t number;

	if (size < 4 || memcmp(text, "key", 3) != 0 || (text[3] == '0' && size > 4))
		return false;
	if (number_parse(text + 3, size - 3, UINT16_MAX, &number) != NULL)
		return false;
	*key = (uint16_t)number;
	return true;
}

bool svc_key_parse(const uint8_t *text, size_t size, uint16_t *key, bool *by_number)
{
	if (size > KEY_NAME_MAX)
		return false;
	for (uint16_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		if (strlen(keys[i].name) == size && memcmp(text, keys[i].name, size) == 0) {
			*key = i;
			*by_number = false;
			return true;
		}
	}
	*by_number = true;
	return number_key_parse(text, size, key);
}

void svc_key_print(uint16_t key, struct text *out)
{
	const struct svc_key *row = svc_key_find(key);

	if (row)
		text_put(out, row->name);
	else
		text_format(out, "key%u", (unsigned)key);
}
