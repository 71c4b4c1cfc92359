/*
 * lint_data.c -- what a zone may be, but hardly should: the data of one record.
 */
#include "base/date.h"
#include "base/ip.h"
#include "zone/linting.h"

/* ------ SOA ------ */

/* The day of some moment as a serial begins, 20260304, in seconds since 1970. */
static uint32_t serial_day(int64_t s)
{
	struct date d = date_of_days((uint32_t)(s / DAY_SECONDS));

	return d.year * 10000 + d.month * 100 + d.day;
}

/* YYYYMMDDnn, as many write it; names did not have serials before 1987. */
static bool is_date(uint32_t serial)
{
	uint32_t month = serial / 10000 % 100, day = serial / 100 % 100;

	return serial >= 1987000000 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* Days begin at another hour elsewhere: one more or less says nothing. */
static void lint_serial(struct lint *l, const struct builder_record *r, uint32_t serial)
{
	int64_t modified_s = l->facts->modified_s, now_s = l->facts->now_s;

	if (!is_date(serial) || modified_s < DAY_SECONDS)
		return;
	if (now_s >= modified_s && serial / 100 > serial_day(now_s + DAY_SECONDS))
		lint_note(l, "serial-date", r, 2,
			  "the next one has to be greater than this (RFC 1982)",
			  "serial %u is of a day that is yet to come", serial);
	if (serial / 100 < serial_day(modified_s - DAY_SECONDS)) {
		char hint[64];
		struct text out = text_init(hint, sizeof hint);

		text_format(&out, "as in: %u00; secondaries look at it", serial_day(modified_s));
		lint_note(l, "serial-date", r, 2, hint,
			  "serial %u is of an earlier day than the last change of the file",
			  serial);
	}
}

static void lint_soa(struct lint *l, const struct builder_record *r)
{
	struct reader left = reader_init(r->stored, r->size);
	struct name mail;
	uint32_t times[5];

	builder_take_name(l->b, &left);
	mail = builder_take_name(l->b, &left);
	for (unsigned i = 0; i < 5; i++)
		times[i] = get_u32(&left);
	if (memchr(mail.octets, '@', mail.size)) {
		lint_warn(l, "soa-mail", r, 1,
			  "hostmaster@example.com is written hostmaster.example.com. "
			  "(RFC 1035 section 3.3.13)",
			  "a mail address is written as a name, its '@' as a dot");
		lint_fix_mail(l, r, mail);
	}
	lint_serial(l, r, times[0]);
	if (times[4] > DAY_SECONDS)
		lint_warn(l, "minimum-long", r, 6,
			  "one to three hours are usual (RFC 2308 section 5)",
			  "for %u s others remember that a name does not exist", times[4]);
}

/* ------ addresses ------ */

bool lint_is_private(struct name origin)
{
	static const char ends[][12] = {
		"home.arpa", "internal", "lan",  "local", "localdomain", "home",      "corp",
		"private",   "intranet", "test", "alt",   "invalid",     "localhost", "example",
	};

	if (name_labels(origin) < 2)
		return true;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		struct name_buf end;

		if (!name_parse_absolute(ends[i], &end) && name_is_within(origin, name_view(&end)))
			return true;
	}
	return false;
}

static void lint_address(struct lint *l, const struct builder_record *r)
{
	if (l->is_private)
		return;
	if (r->type == TYPE_A ? ip4_is_private(r->stored) : ip6_is_private(r->stored))
		lint_note(l, "private-address", r, 0,
			  "for those outside it leads nowhere, and resolvers may block it",
			  "a private address in a zone that may be public");
}

/* ------ texts with a meaning ------ */

/* The character strings of a TXT record, one behind the other (RFC 7208 §3.3). */
static size_t join(const struct builder_record *r, char *out, size_t room)
{
	struct reader left = reader_init(r->stored, r->size);
	size_t used = 0;

	while (reader_left(&left) > 0) {
		size_t n = get_u8(&left);
		const uint8_t *octets = reader_take(&left, n);

		for (size_t i = 0; octets && i < n && used + 1 < room; i++)
			out[used++] = (char)octets[i];
	}
	out[used] = '\0';
	return used;
}

static bool has(const char *text, const char *part)
{
	return octets_have((struct slice){ (const uint8_t *)text, strlen(text) }, part);
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* "include:" goes on, "-all" ends there. */
static bool begins_with_term(const char *text, size_t size, const char *term)
{
	size_t n = strlen(term);

	return size >= n && memcmp(text, term, n) == 0 &&
	       (term[n - 1] != 'l' || size == n || text[n] == ' ');
}

/*
 * "v=spf1 mx" "-all" becomes "v=spf1 mx-all".  A string may end anywhere, also
 * within a word, but hardly just where the next one begins with a whole term.
 */
static bool is_joined_wrongly(const struct builder_record *r)
{
	static const char *const terms[] = { "include:", "ip4:", "ip6:", "exists:", "redirect=",
					     "+all",     "-all", "~all", "?all" };
	struct reader left = reader_init(r->stored, r->size);
	uint8_t last = ' ';

	while (reader_left(&left) > 0) {
		size_t n = get_u8(&left);
		const char *text = (const char *)reader_take(&left, n);

		for (size_t i = 0; text && i < sizeof terms / sizeof terms[0] && last != ' '; i++)
			if (begins_with_term(text, n, terms[i]))
				return true;
		if (text && n > 0)
			last = (uint8_t)text[n - 1];
	}
	return false;
}

/* "v=spf1" "mx" "-all", as it becomes without quotes, is "v=spf1mx-all". */
static void lint_spf(struct lint *l, const struct builder_record *r, const char *text)
{
	if ((text[6] != '\0' && text[6] != ' ') || is_joined_wrongly(r)) {
		lint_warn(
			l, "txt-spf", r, 0,
			"strings are joined without a blank: one pair of quotes, or a blank at the end "
			"of each",
			"to mail servers this is \"%.60s\"", text);
		lint_fix_spf(l, r);
	}
	for (const struct builder_record *other = builder_first(l->b, l->node); other != r;
	     other = builder_after(l->b, other)) {
		char before[16];

		if (other->type != TYPE_TXT)
			continue;
		join(other, before, sizeof before);
		if (begins(before, "v=spf1") && (before[6] == ' ' || before[6] == '\0'))
			lint_warn(l, "txt-spf", r, LINT_OWNER,
				  "with two of them neither counts (RFC 7208 section 4.5)",
				  "a second SPF record at '%s'", lint_name(name_view(&l->owner)));
	}
}

static bool is_below_label(const struct lint *l, const char *label)
{
	size_t size = strlen(label);
	const uint8_t *octets = l->owner.octets;

	for (size_t at = 0; octets[at] != 0; at += octets[at] + 1u)
		if (octets[at] == size &&
		    octets_equal_folded(octets + at + 1, (const uint8_t *)label, size))
			return true;
	return false;
}

static void lint_txt(struct lint *l, const struct builder_record *r)
{
	char text[1024];

	join(r, text, sizeof text);
	if (begins(text, "v=spf1"))
		lint_spf(l, r, text);
	else if (begins(text, "v=DMARC1") && !has(text, "p="))
		lint_warn(l, "txt-dmarc", r, 0, "a ';' begins a comment unless it stands in quotes",
			  "a DMARC record without p= says nothing (RFC 7489 section 6.3)");
	else if (begins(text, "v=DMARC1") && !is_below_label(l, "_dmarc"))
		lint_warn(l, "txt-dmarc", r, LINT_OWNER,
			  "as in: _dmarc TXT \"v=DMARC1; p=none\" (RFC 7489 section 6.1)",
			  "DMARC is looked for at '_dmarc' only");
	else if (is_below_label(l, "_domainkey") && !has(text, "p=") && !begins(text, "o=") &&
		 !begins(text, "t="))
		lint_warn(l, "txt-dkim", r, 0, "a ';' begins a comment unless it stands in quotes",
			  "a DKIM record without p= has no key (RFC 6376 section 3.6.1)");
}

/* ------ certificates ------ */

/* RFC 6698 §2.1.3: a matching type of 1 or 2 makes the data a digest of SHA-256 or SHA-512. */
static void lint_tlsa(struct lint *l, const struct builder_record *r)
{
	unsigned wanted = r->stored[2] == 1 ? 32 : 64, size = r->size - 3u;

	if ((r->stored[2] == 1 || r->stored[2] == 2) && size != wanted)
		lint_warn(l, "tlsa-digest", r, 3,
			  "its matching type is the third number (RFC 6698 section 2.1.3)",
			  "a digest of matching type %u has %u octets, this one %u", r->stored[2],
			  wanted, size);
}

/* ------ all of it ------ */

void lint_data(struct lint *l, const struct builder_record *r)
{
	switch (r->type) {
	case TYPE_A:
	case TYPE_AAAA:
		lint_address(l, r);
		break;
	case TYPE_SOA:
		lint_soa(l, r);
		break;
	case TYPE_TXT:
		lint_txt(l, r);
		break;
	case TYPE_TLSA:
	case TYPE_SMIMEA:
		lint_tlsa(l, r);
		break;
	}
}
