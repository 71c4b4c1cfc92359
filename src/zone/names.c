/*
 * names.c -- names with addresses, out of files that are no zones: what all formats share.
 */
#include "base/number.h"
#include "zone/naming.h"

void naming_warn(struct naming *n, struct slice what, const char *hint, const char *message)
{
	if (!n->is_quiet)
		diag_report(n->r->diag, (struct kind){ SEVERITY_WARNING, "names" },
			    (struct spot){ &n->source, what.octets, what.size }, hint, "%s",
			    message);
}

/* ------ addresses ------ */

bool naming_address(struct slice text, struct host_address *out)
{
	struct slice bits = text, address = line_part(&bits, '/');
	bool has_bits = address.size < text.size;

	address = line_trim(address);
	bits = line_trim(bits);
	out->size = ip_parse(address.octets, address.size, out->octets);
	uint64_t n = 8 * out->size;
	bool is_good = out->size > 0 && (!has_bits || !number_parse(bits.octets, bits.size, n, &n));

	out->bits = (unsigned)n;
	return is_good;
}

bool naming_is_host(const struct host_address *a)
{
	/* ::/80 has :: and ::1, and forms of IPv4 addresses that belong into no AAAA record. */
	static const uint8_t special[10];
	const uint8_t *o = a->octets;

	if (a->size == IP4_SIZE)
		return o[0] != 0 && o[0] != 127 && o[0] < 224;
	return memcmp(o, special, sizeof special) != 0 && o[0] != 0xff &&
	       !(o[0] == 0xfe && (o[1] & 0xc0) == 0x80);
}

/* ------ names ------ */

bool naming_is_legal(uint8_t octet)
{
	uint8_t letter = octet_folded[octet];

	return (letter >= 'a' && letter <= 'z') || (octet >= '0' && octet <= '9') || octet == '-' ||
	       octet == '_';
}

/* The first octet that no legal name has; size 0 when all are good. */
static struct slice odd_octet(struct slice word)
{
	for (size_t i = 0; i < word.size; i++)
		if (!naming_is_legal(word.octets[i]) && word.octets[i] != '.')
			return (struct slice){ word.octets + i, 1 };
	return (struct slice){ word.octets, 0 };
}

bool naming_owner(struct naming *n, struct slice word, struct name_buf *out)
{
	bool is_dotted = memchr(word.octets, '.', word.size) != NULL;
	const char *problem =
		name_parse(word.octets, word.size, is_dotted ? name_root : n->r->domain, out);
	struct slice odd = odd_octet(word);

	if (!problem && !name_is_within(name_view(out), n->r->domain))
		return false;
	if (odd.size > 0)
		naming_warn(n, odd, NULL, "a name has letters, digits, '-' and '_' only");
	else if (problem)
		naming_warn(n, word, NULL, problem);
	return odd.size == 0 && !problem;
}

/*
 * Names that no client can claim: the domain itself, and those at which programs
 * look for their settings.  Whoever calls a guest's laptop so would lead the
 * browsers of the house through it (CERT VU#598349).
 */
static bool is_taken(const struct naming *n, const struct name_buf *owner)
{
	static const char *const taken[] = { "\4wpad", "\6isatap" };

	if (owner->size == n->r->domain.size)
		return true;
	for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
		if (octets_equal_folded(owner->octets, (const uint8_t *)taken[i], strlen(taken[i])))
			return true;
	return false;
}

void naming_give(struct naming *n, const struct name_buf *owner, const struct host_address *a,
		 const uint8_t *at, bool is_alias)
{
	const struct named_address given = {
		.owner = name_view(owner),
		.address = { a->octets, a->size },
		.ttl = n->ttl,
		.at = at,
		.is_alias = is_alias,
		.is_claimed = n->is_claimed,
	};

	if (n->is_claimed && is_taken(n, owner))
		return;
	n->r->add(n->r->self, &given);
}

/* ------ all formats ------ */

/* Editors of other systems put a mark before the first line (U+FEFF in UTF-8). */
static struct slice text_behind_mark(const struct source *s)
{
	struct slice text = { s->text, s->size };

	return s->size >= 3 && memcmp(s->text, "\xef\xbb\xbf", 3) == 0 ? slice_from(text, 3) : text;
}

bool names_are_secret(enum names_format format, struct slice text)
{
	static const char *const words[] = { "PrivateKey", "PresharedKey" };

	if (format == NAMES_PEERS)
		return true;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (octets_have(text, words[i]))
			return true;
	return false;
}

void names_read(struct names_reading *r, enum names_format format)
{
	struct naming n = {
		.r = r,
		.source = *r->source,
		.text = text_behind_mark(r->source),
		.ttl = NAMES_TTL_S,
	};

	n.source.is_secret |= names_are_secret(format, n.text);
	r->expires_s = 0;
	switch (format) {
	case NAMES_HOSTS:
		names_hosts(&n);
		break;
	case NAMES_LEASES:
		names_leases(&n);
		break;
	case NAMES_PEERS:
		names_peers(&n);
		break;
	}
}
