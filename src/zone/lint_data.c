/*
 * lint_data.c -- what a zone may be, but hardly should: the data of one record.
 */
#include "base/ip.h"
#include "zone/linting.h"

enum { DAY_S = 86400 };

/* ------ SOA ------ */

static void lint_soa(struct lint *l, const struct builder_record *r)
{
	struct reader left = reader_init(r->stored, r->size);
	struct name mail;
	uint32_t times[5];

	builder_take_name(l->b, &left);
	mail = builder_take_name(l->b, &left);
	for (unsigned i = 0; i < 5; i++)
		times[i] = get_u32(&left);
	if (memchr(mail.octets, '@', mail.size))
		LINT(l, SEVERITY_WARNING, "soa-mail", r, 1,
		     "hostmaster@example.com is written hostmaster.example.com. "
		     "(RFC 1035 section 3.3.13)",
		     "a mail address is written as a name, its '@' as a dot");
	if (times[4] > DAY_S)
		LINT(l, SEVERITY_WARNING, "minimum-long", r, 6,
		     "one to three hours are usual (RFC 2308 section 5)",
		     "for %u s others remember that a name does not exist", times[4]);
}

/* ------ addresses ------ */

/* Domains that nobody but a network's own members looks into. */
static bool is_private_zone(struct name origin)
{
	static const char *const ends[] = {
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
	bool is_private = r->type == TYPE_A ? ip4_is_private(r->stored) : ip6_is_private(r->stored);

	if (is_private && !is_private_zone(name_view(&l->b->origin)))
		LINT(l, SEVERITY_NOTE, "private-address", r, 0,
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

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* "v=spf1" "mx" "-all", as it becomes without quotes, is "v=spf1mx-all". */
static void lint_spf(struct lint *l, const struct builder_record *r, const char *text)
{
	if (text[6] != '\0' && text[6] != ' ')
		LINT(l, SEVERITY_WARNING, "txt-spf", r, 0,
		     "strings are joined without a blank: write the whole in one pair of quotes",
		     "to mail servers this is \"%.60s\"", text);
	for (const struct builder_record *other = lint_first(l, l->node); other && other != r;
	     other = lint_next(l, other)) {
		char before[16];

		if (other->type != TYPE_TXT)
			continue;
		join(other, before, sizeof before);
		if (begins(before, "v=spf1") && (before[6] == ' ' || before[6] == '\0'))
			LINT(l, SEVERITY_WARNING, "txt-spf", r, LINT_OWNER,
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
	else if (begins(text, "v=DMARC1") && !strstr(text, "p="))
		LINT(l, SEVERITY_WARNING, "txt-dmarc", r, 0,
		     "a ';' begins a comment unless it stands in quotes",
		     "a DMARC record without p= says nothing (RFC 7489 section 6.3)");
	else if (begins(text, "v=DMARC1") && !is_below_label(l, "_dmarc"))
		LINT(l, SEVERITY_WARNING, "txt-dmarc", r, LINT_OWNER,
		     "as in: _dmarc TXT \"v=DMARC1; p=none\" (RFC 7489 section 6.1)",
		     "DMARC is looked for at '_dmarc' only");
	else if (is_below_label(l, "_domainkey") && !strstr(text, "p=") && !begins(text, "o=") &&
		 !begins(text, "t="))
		LINT(l, SEVERITY_WARNING, "txt-dkim", r, 0,
		     "a ';' begins a comment unless it stands in quotes",
		     "a DKIM record without p= has no key (RFC 6376 section 3.6.1)");
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
	}
}
