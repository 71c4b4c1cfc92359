/*
 * field_dnssec.c -- mnemonics, times and digests of the security types.
 */
#include "base/date.h"
#include "dns/encode.h"
#include "dns/field_kinds.h"
#include "dns/rrtype.h"

/* ------ numbers with mnemonics ------ */

bool field_parse_type(struct words *in, struct name origin, struct writer *out)
{
	const struct word *w = field_word(in, "missing record type");
	uint16_t type;

	(void)origin;
	if (!w)
		return false;
	if (!rrtype_parse(w->at, w->size, &type))
		return words_fail_at(in, w, "unknown record type");
	put_u16(out, type);
	return true;
}

void field_print_type(struct reader *in, struct text *out)
{
	rrtype_print(get_u16(in), out);
}

/* RFC 4034 appendix A.1 and the IANA registry; two names where others read two. */
static const char algorithms[] =
	"1 RSAMD5 2 DH 3 DSA 4 ECC 5 RSASHA1 6 DSA-NSEC3-SHA1 6 NSEC3DSA "
	"7 RSASHA1-NSEC3-SHA1 7 NSEC3RSASHA1 8 RSASHA256 10 RSASHA512 12 ECC-GOST "
	"12 ECCGOST 13 ECDSAP256SHA256 14 ECDSAP384SHA384 15 ED25519 16 ED448 17 SM2SM3 "
	"23 ECC-GOST12 252 INDIRECT 253 PRIVATEDNS 254 PRIVATEOID";

/* RFC 4398 §2.1 */
static const char cert_types[] =
	"1 PKIX 2 SPKI 3 PGP 4 IPKIX 5 ISPKI 6 IPGP 7 ACPKIX 8 IACPKIX 253 URI 254 OID";

/* RFC 9859 §6.2 */
enum { SCHEME_NOTIFY = 1 };
static const char schemes[] = "1 NOTIFY";

bool field_parse_algorithm(struct words *in, struct name origin, struct writer *out)
{
	uint64_t value;

	(void)origin;
	if (!field_mnemonic(in, algorithms, UINT8_MAX, "unknown algorithm", &value))
		return false;
	put_u8(out, (uint8_t)value);
	return true;
}

bool field_parse_cert_type(struct words *in, struct name origin, struct writer *out)
{
	uint64_t value;

	(void)origin;
	if (!field_mnemonic(in, cert_types, UINT16_MAX, "unknown certificate type", &value))
		return false;
	put_u16(out, (uint16_t)value);
	return true;
}

bool field_parse_scheme(struct words *in, struct name origin, struct writer *out)
{
	uint64_t value;

	(void)origin;
	if (!field_mnemonic(in, schemes, UINT8_MAX, "unknown scheme", &value))
		return false;
	put_u8(out, (uint8_t)value);
	return true;
}

/* RFC 9859 §2.2 has the mnemonic where there is one. */
void field_print_scheme(struct reader *in, struct text *out)
{
	uint8_t scheme = get_u8(in);

	if (scheme == SCHEME_NOTIFY)
		text_put(out, "NOTIFY");
	else
		text_put_u32(out, scheme);
}

/* ------ times (RFC 4034 §3.2) ------ */

enum { TIME_DIGITS = 14 /* YYYYMMDDHHmmSS */ };

/* n digits at *text as a number; moves past them. */
static uint32_t take_digits(const uint8_t **text, size_t n)
{
	uint32_t value = 0;

	for (; n > 0; n--)
		value = value * 10 + (uint32_t)(*(*text)++ - '0');
	return value;
}

static bool date_parse(const uint8_t *text, uint64_t *seconds)
{
	for (size_t i = 0; i < TIME_DIGITS; i++)
		if (!is_digit(text[i]))
			return false;
	struct date date = { .year = take_digits(&text, 4) };
	date.month = take_digits(&text, 2);
	date.day = take_digits(&text, 2);
	uint32_t hour = take_digits(&text, 2), minute = take_digits(&text, 2);
	uint32_t second = take_digits(&text, 2);

	if (date.year < 1970 || date.month < 1 || date.month > 12 || date.day < 1 || hour > 23 ||
	    minute > 59 || second > 59)
		return false;
	uint32_t days = days_of_date(date);
	*seconds = (uint64_t)days * DAY_SECONDS + hour * 3600 + minute * 60 + second;
	return date_of_days(days).day == date.day; /* February has no 30th */
}

/* Seconds since 1970 modulo 2^32 in text as a date or as a number of at most ten digits. */
bool field_parse_time(struct words *in, struct name origin, struct writer *out)
{
	const struct word *w = field_word(in, "missing time");
	uint64_t seconds;

	(void)origin;
	if (!w)
		return false;
	if (w->size == TIME_DIGITS) {
		if (!date_parse(w->at, &seconds))
			return words_fail_at(in, w, "invalid time; it is YYYYMMDDHHmmSS");
		if (seconds > UINT32_MAX) /* a reader could not tell it from 136 years earlier */
			return words_fail_at(in, w, "time later than 2106-02-07 06:28:15");
	} else {
		const char *problem = number_parse(w->at, w->size, UINT32_MAX, &seconds);

		if (problem)
			return words_fail_at(in, w, problem);
	}
	put_u32(out, (uint32_t)seconds);
	return true;
}

void field_print_time(struct reader *in, struct text *out)
{
	uint32_t seconds = get_u32(in), rest = seconds % DAY_SECONDS;
	struct date d = date_of_days(seconds / DAY_SECONDS);

	text_format(out, "%04u%02u%02u%02u%02u%02u", d.year, d.month, d.day, rest / 3600,
		    rest / 60 % 60, rest % 60);
}

/* ------ digests: their type in one octet, then all that is left ------ */

enum { DIGEST_TYPES = 7 };

/* Octets of each digest type; 0 where any number will do. */
static const uint8_t ds_sizes[DIGEST_TYPES] = {
	[1] = 20, /* SHA-1, RFC 3658 */
	[2] = 32, /* SHA-256, RFC 4509 */
	[3] = 32, /* GOST R 34.11-94, RFC 5933 */
	[4] = 48, /* SHA-384, RFC 6605 */
	[5] = 32, /* GOST R 34.11-2012, RFC 9558 */
	[6] = 32, /* SM3, RFC 9563 */
};
static const uint8_t sshfp_sizes[DIGEST_TYPES] = {
	[1] = 20, /* SHA-1, RFC 4255 §3.1.2 */
	[2] = 32, /* SHA-256, RFC 6594 §4 */
};
static const uint8_t zonemd_sizes[DIGEST_TYPES] = {
	[1] = 48, /* SHA-384, RFC 8976 §2.2.3 */
	[2] = 64, /* SHA-512 */
};

static bool digest_fits(const uint8_t sizes[DIGEST_TYPES], uint64_t type, size_t size)
{
	return type >= DIGEST_TYPES || sizes[type] == 0 || sizes[type] == size;
}

static bool put_digest(struct words *in, const uint8_t sizes[DIGEST_TYPES], struct writer *out)
{
	uint64_t type;

	if (!field_number(in, UINT8_MAX, &type))
		return false;
	put_u8(out, (uint8_t)type);
	const uint8_t *start = out->pos;
	const struct word *first = in->next;
	if (!field_put_hex(in, out))
		return false;
	return digest_fits(sizes, type, (size_t)(out->pos - start)) || out->full ||
	       words_fail_at(in, first, "digest length does not fit its type");
}

static void skip_digest(struct reader *in, const uint8_t sizes[DIGEST_TYPES])
{
	uint8_t type = get_u8(in);
	size_t size = reader_rest(in).size;

	if (size == 0 || !digest_fits(sizes, type, size))
		in->bad = true;
}

bool field_parse_ds(struct words *in, struct name origin, struct writer *out)
{
	(void)origin;
	return put_digest(in, ds_sizes, out);
}

bool field_parse_sshfp(struct words *in, struct name origin, struct writer *out)
{
	(void)origin;
	return put_digest(in, sshfp_sizes, out);
}

bool field_parse_zonemd(struct words *in, struct name origin, struct writer *out)
{
	(void)origin;
	return put_digest(in, zonemd_sizes, out);
}

void field_print_digest(struct reader *in, struct text *out)
{
	field_print_u8(in, out);
	struct slice digest = reader_rest(in);

	text_put_char(out, ' ');
	text_put_hex(out, digest.octets, digest.size);
}

void field_skip_ds(struct reader *in)
{
	skip_digest(in, ds_sizes);
}

void field_skip_sshfp(struct reader *in)
{
	skip_digest(in, sshfp_sizes);
}

void field_skip_zonemd(struct reader *in)
{
	skip_digest(in, zonemd_sizes);
}

/* ------ KEY: flags, protocol, algorithm, and a key unless the flags deny it ------ */

enum { KEY_NO_KEY = 0xc000 }; /* RFC 2535 §3.1.2 */

bool field_parse_key(struct words *in, struct name origin, struct writer *out)
{
	uint64_t flags;

	if (!field_number(in, UINT16_MAX, &flags))
		return false;
	put_u16(out, (uint16_t)flags);
	if (!field_parse_u8(in, origin, out) || !field_parse_algorithm(in, origin, out))
		return false;
	if ((flags & KEY_NO_KEY) == KEY_NO_KEY && words_left(in) == 0)
		return true;
	return field_put_base64(in, out);
}

void field_print_key(struct reader *in, struct text *out)
{
	uint16_t flags = get_u16(in);
	uint8_t protocol = get_u8(in), algorithm = get_u8(in);
	struct slice key = reader_rest(in);

	text_format(out, "%u %u %u", (unsigned)flags, (unsigned)protocol, (unsigned)algorithm);
	if (key.size == 0)
		return;
	text_put_char(out, ' ');
	encode_base64(out, key.octets, key.size);
}

void field_skip_key(struct reader *in)
{
	uint16_t flags = get_u16(in);

	reader_take(in, 2);
	if ((flags & KEY_NO_KEY) != KEY_NO_KEY && reader_left(in) == 0)
		in->bad = true;
	reader_rest(in);
}
