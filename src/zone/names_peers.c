/*
 * names_peers.c -- the peers of a WireGuard configuration (wg-quick(8)) by their comments.
 *
 * WireGuard knows peers by their keys; people name them in comments, above
 * [Peer] or in it, each tool in its own way:
 *
 *	# laptop                      by hand; a word, or two or three short ones
 *	# name = laptop               also friendly_name (prometheus-wireguard-exporter)
 *	# Client: laptop (ID)         wg-easy
 *	### begin laptop ###          PiVPN
 *	### Client laptop             wireguard-install (angristan)
 *	# BEGIN_PEER laptop           wireguard-install (Nyr)
 *
 * A section is walked twice: to find its name, which may stand behind its
 * addresses, and then for the addresses.  Comments between two sections belong
 * to the one below, unless they touch the one above and a blank line follows.
 * A header that is commented out ends what comments say about the peer before.
 *
 * Keys stand in this text.  No value but those of AllowedIPs and Address is
 * looked at, what looks like a key is no name, and findings quote nothing.
 */
#include "zone/naming.h"

enum {
	SHORT_WORD = 12,    /* octets; longer ones in a row are prose */
	SHORT_WORDS = 3,    /* more are prose */
	KEY_RUN = 32,       /* octets of base64 in a row: keys have 43, names hardly so many */
	MARKS_OF_TOOLS = 3, /* "###" */
};

enum section { NO_SECTION, INTERFACE, PEER, OTHER };

/* What a comment says about the name; the stronger counts. */
enum strength { NO_NAME, BARE, EXPLICIT };

struct candidate {
	struct slice text;
	enum strength strength;
};

static const struct candidate nothing = { { NULL, 0 }, NO_NAME };

struct peers {
	struct naming *n;
	enum section section;
	const uint8_t *start;   /* of the section: its header */
	struct candidate above; /* over its header */
	struct candidate inside;
	struct candidate first, last; /* of the comments since the last setting or header */
	bool touches;                 /* no blank line since then */
	bool is_off;                  /* a header that is commented out came since */
	unsigned nameless;            /* peers with an address of their own */
	const uint8_t *first_nameless;
};

/* ------ what a comment says ------ */

/* Words that begin prose, or that tools put over each peer; they name nobody. */
static bool is_prose(struct slice word)
{
	static const char words[][10] = { "peer", "peers", "client", "clients", "end", "end_peer",
					  "the",  "this",  "for",    "by",      "on",  "added",
					  "not",  "no",    "do",     "old",     "new", "see" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (slice_is(word, words[i]))
			return true;
	return false;
}

static bool is_base64(uint8_t octet)
{
	return (naming_is_legal(octet) && octet != '-' && octet != '_') || octet == '+' ||
	       octet == '/' || octet == '=';
}

static bool has_key(struct slice text)
{
	unsigned run = 0;

	for (size_t i = 0; i < text.size; i++) {
		run = is_base64(text.octets[i]) ? run + 1 : 0;
		if (run == KEY_RUN)
			return true;
	}
	return false;
}

/* How many octets of an apostrophe begin here: ' or " or U+2019, as telephones write it. */
static size_t quote_size(struct slice s)
{
	if (s.octets[0] == '\'' || s.octets[0] == '"')
		return 1;
	return s.size >= 3 && memcmp(s.octets, "\xe2\x80\x99", 3) == 0 ? 3 : 0;
}

/* True for a word of a bare name: of legal octets, dots and apostrophes, not too long. */
static bool is_bare_word(struct slice word, size_t most)
{
	if (word.size > most || is_prose(word))
		return false;
	while (word.size > 0) {
		size_t n = quote_size(word);

		if (n == 0 && !naming_is_legal(word.octets[0]) && word.octets[0] != '.')
			return false;
		word = slice_from(word, n ? n : 1);
	}
	return true;
}

static bool has_letter(struct slice text)
{
	for (size_t i = 0; i < text.size; i++)
		if (octet_folded[text.octets[i]] >= 'a' && octet_folded[text.octets[i]] <= 'z')
			return true;
	return false;
}

/* One word, or a few short ones that can be joined; no date, no key, no prose. */
static bool is_bare_name(struct slice text)
{
	struct slice rest = text, word = line_word(&rest);
	bool is_one = line_trim(rest).size == 0;
	unsigned count = 0;

	for (; word.size > 0; word = line_word(&rest))
		if (++count > SHORT_WORDS ||
		    !is_bare_word(word, is_one ? LABEL_MAX_SIZE : SHORT_WORD))
			return false;
	return has_letter(text) && !has_key(text);
}

/* Takes `KEY =` off the front, or `KEY:` where a colon will do, too. */
static bool take_key(struct slice *text, const char *key, bool or_colon)
{
	struct slice rest = *text;
	size_t n = strlen(key);

	if (rest.size <= n || !slice_is((struct slice){ rest.octets, n }, key))
		return false;
	rest = line_trim(slice_from(rest, n));
	if (rest.size == 0 || !(rest.octets[0] == '=' || (or_colon && rest.octets[0] == ':')))
		return false;
	*text = line_trim(slice_from(rest, 1));
	return true;
}

/* Takes the words of tools off the front. */
static bool take_word_of_tool(struct slice *text, size_t marks)
{
	struct slice rest = *text, word = line_word(&rest);

	if (!slice_is(word, "BEGIN_PEER") &&
	    (marks < MARKS_OF_TOOLS || !(slice_is(word, "begin") || slice_is(word, "Client"))))
		return false;
	*text = line_trim(rest);
	return true;
}

/* The value behind a name's key: up to another comment, without a remark in parentheses. */
static struct slice cut_value(struct slice value)
{
	struct slice text = line_trim(line_part(&value, '#')), rest = text;

	if (text.size > 0 && text.octets[text.size - 1] == ')') {
		struct slice name = line_trim(line_part(&rest, '('));
		if (name.size > 0)
			return name;
	}
	return text;
}

/* What stands behind the '#'s of a comment, and how many there are. */
static struct slice comment_text(struct slice comment, size_t *marks)
{
	*marks = 0;
	while (*marks < comment.size && comment.octets[*marks] == '#')
		++*marks;
	return line_trim(slice_from(comment, *marks));
}

/* Without lines that are drawn before and behind: "--- laptop ---". */
static struct slice cut_ornaments(struct slice s)
{
	while (s.size > 0 && (s.octets[0] == '-' || s.octets[0] == '*'))
		s = slice_from(s, 1);
	while (s.size > 0 && (s.octets[s.size - 1] == '-' || s.octets[s.size - 1] == '*'))
		s.size--;
	return line_trim(s);
}

static struct candidate candidate_of(struct slice comment)
{
	size_t marks;
	struct slice text = comment_text(comment, &marks);

	if (take_key(&text, "name", true) || take_key(&text, "friendly_name", true) ||
	    take_key(&text, "client", true) || take_word_of_tool(&text, marks))
		return (struct candidate){ cut_value(text), EXPLICIT };
	text = cut_ornaments(text);
	return (struct candidate){ text, is_bare_name(text) ? BARE : NO_NAME };
}

/* A setting that is commented out; those that each peer has are enough to know its place. */
static bool is_setting(struct slice text)
{
	return take_key(&text, "PublicKey", false) || take_key(&text, "PresharedKey", false) ||
	       take_key(&text, "AllowedIPs", false) || take_key(&text, "Endpoint", false);
}

/* ------ the name ------ */

/* True for octets of a name that people write and labels cannot have: they become one '-'. */
static bool is_gap(uint8_t octet)
{
	return octet != '\0' && strchr(" \t.,@()", octet);
}

/* Makes a label out of what people call a thing: "Anna's phone" is Annas-phone. */
static const char *make_label(struct slice s, struct text *label)
{
	bool is_gap_before = false;

	while (s.size > 0) {
		size_t quote = quote_size(s);
		uint8_t octet = s.octets[0];

		s = slice_from(s, quote ? quote : 1);
		if (quote)
			continue;
		if (is_gap(octet)) {
			is_gap_before = label->used > 0;
			continue;
		}
		if (!naming_is_legal(octet))
			return "a name has letters, digits, '-' and '_' only";
		if (is_gap_before && octet != '-' && label->at[label->used - 1] != '-')
			text_put_char(label, '-');
		text_put_char(label, (char)octet);
		is_gap_before = false;
	}
	return label->full        ? "name longer than 63 octets"
	       : label->used == 0 ? "no name here"
				  : NULL;
}

/* The owner that a name stands for; NULL when well, else why there is none. */
static const char *find_owner(struct naming *n, struct slice name, struct name_buf *owner)
{
	char room[LABEL_MAX_SIZE + 1];
	struct text label = text_init(room, sizeof room);

	if (has_key(name))
		return "this may be a key, and is not taken for a name";
	n->is_quiet = true; /* it may be good as it is, with dots, too, within the domain */
	bool is_owner = naming_owner(n, name, owner);
	n->is_quiet = false;
	if (is_owner)
		return NULL;
	const char *problem = make_label(name, &label);

	return problem ? problem
		       : name_parse((const uint8_t *)room, label.used, n->r->domain, owner);
}

/* ------ the addresses ------ */

/* True for the address of a host: this one's with any prefix, a peer's by itself. */
static bool is_own(const struct peers *p, const struct host_address *a)
{
	return naming_is_host(a) && (p->section == INTERFACE || a->bits == a->size * 8);
}

/* The addresses of one setting; they get the name, if there is one.  How many. */
static unsigned read_list(struct peers *p, struct slice list, const struct name_buf *owner,
			  const uint8_t *at)
{
	unsigned own = 0;

	for (unsigned count = 0; list.size > 0; count++) {
		struct slice item = line_trim(line_part(&list, ','));
		struct host_address a;

		if (count == NAMES_LINE_MAX) {
			naming_warn(p->n, item, NULL, "more than 64 addresses in a line");
			break;
		}
		if (item.size > 0 && item.octets[0] == '+') /* wg(8): one more than there are */
			item = slice_from(item, 1);
		if (item.size == 0 || item.octets[0] == '-') /* wg(8): one less */
			continue;
		if (!naming_address(item, &a)) {
			naming_warn(p->n, item, "as in: AllowedIPs = 192.0.2.1/32, 2001:db8::1/128",
				    "neither an address nor a network");
		} else if (is_own(p, &a)) {
			own++;
			if (owner)
				naming_give(p->n, owner, &a, at, false);
		}
	}
	return own;
}

/* All addresses of a section; how many there are. */
static unsigned read_addresses(struct peers *p, struct slice rest, const struct name_buf *owner,
			       const uint8_t *at)
{
	const char *key = p->section == PEER ? "AllowedIPs" : "Address";
	struct slice line;
	unsigned own = 0;

	while (line_take(&rest, &line)) {
		line = line_trim(line_part(&line, '#'));
		if (take_key(&line, key, false))
			own += read_list(p, line, owner, at);
	}
	return own;
}

/* ------ sections ------ */

/* The name of the section.  A bare word over [Interface] says "server" more often than a name. */
static struct candidate best_name(const struct peers *p)
{
	struct candidate best = p->inside.strength >= p->above.strength ? p->inside : p->above;

	if (p->section == INTERFACE && best.strength != EXPLICIT)
		best.strength = NO_NAME;
	return best;
}

static void close_section(struct peers *p, const uint8_t *end)
{
	struct candidate name = best_name(p);
	struct name_buf owner;

	if (p->section != PEER && p->section != INTERFACE)
		return;
	struct slice body = { p->start, (size_t)(end - p->start) };

	if (name.strength != NO_NAME) {
		const char *problem = find_owner(p->n, name.text, &owner);

		if (problem)
			naming_warn(p->n, name.text, "as in: # name = laptop", problem);
		read_addresses(p, body, problem ? NULL : &owner, name.text.octets);
	} else if (read_addresses(p, body, NULL, NULL) > 0 && p->section == PEER) {
		if (p->nameless++ == 0)
			p->first_nameless = p->start;
	}
}

/* The comments since the last setting turn out to be about this section. */
static void settle_inside(struct peers *p)
{
	if (!p->is_off && p->first.strength > p->inside.strength)
		p->inside = p->first;
	p->first = p->last = nothing;
}

static enum section section_of(struct slice header)
{
	header = slice_from(header, 1);
	header = line_trim(line_part(&header, ']'));
	if (slice_is(header, "Peer") || slice_is(header, "WireGuardPeer")) /* systemd.netdev(5) */
		return PEER;
	return slice_is(header, "Interface") ? INTERFACE : OTHER;
}

/* What is said behind a setting or a header, in the same line. */
static void take_remark(struct peers *p, struct slice remark)
{
	p->first = candidate_of(remark);
	settle_inside(p);
	p->touches = true;
}

static void take_header(struct peers *p, struct slice header)
{
	close_section(p, header.octets);
	p->section = section_of(header);
	p->start = header.octets;
	p->above = p->last;
	p->inside = nothing;
	p->is_off = false;
}

static void take_setting(struct peers *p, struct slice setting)
{
	settle_inside(p);
	if (p->section == NO_SECTION && !memchr(setting.octets, '=', setting.size))
		names_hosts_line(p->n, setting);
}

/* A header or a setting that is commented out. */
static bool take_off(struct peers *p, struct slice text)
{
	bool is_header = text.size > 0 && text.octets[0] == '[';

	if (!is_header && !is_setting(text))
		return false;
	p->is_off |= is_header; /* the comments above it are about that peer, too */
	settle_inside(p);
	p->touches = true;
	return true;
}

static void take_comment(struct peers *p, struct slice comment)
{
	size_t marks;
	struct candidate c = candidate_of(comment);

	if (take_off(p, comment_text(comment, &marks)))
		return;
	if (c.strength > p->first.strength)
		p->first = c;
	if (c.strength >= p->last.strength)
		p->last = c;
}

static void take_blank(struct peers *p)
{
	if (p->touches)
		settle_inside(p);
	p->touches = false;
}

static void take_line(struct peers *p, struct slice line)
{
	struct slice rest = line, code = line_part(&rest, '#'),
		     comment = slice_from(line, code.size);

	code = line_trim(code);
	if (code.size == 0 && comment.size == 0) {
		take_blank(p);
	} else if (code.size == 0) {
		take_comment(p, comment);
	} else {
		if (code.octets[0] == '[')
			take_header(p, code);
		else
			take_setting(p, code);
		take_remark(p, comment);
	}
}

/* Peers that are routers or whole networks need no name; how many others lack one. */
static void tell_nameless(const struct peers *p)
{
	if (p->nameless > 0)
		diag_report(p->n->r->diag, (struct kind){ SEVERITY_NOTE, "names" },
			    (struct spot){ &p->n->source, p->first_nameless, 1 },
			    "a comment in the section names it, as in: # name = laptop",
			    p->nameless == 1 ? "%u peer with an address of its own has no name"
					     : "%u peers with addresses of their own have no names",
			    p->nameless);
}

void names_peers(struct naming *n)
{
	struct peers p = { .n = n };
	struct slice rest = n->text, line;

	while (line_take(&rest, &line))
		take_line(&p, line);
	take_blank(&p); /* comments that touch the last section are about it */
	close_section(&p, rest.octets);
	tell_nameless(&p);
}
