/*
 * config.c -- what the user wants: the directives, and files of them.
 */
#include "app/directives.h"
#include "base/line.h"
#include "base/number.h"
#include "base/siphash.h"

#include <stdlib.h>

enum {
	DEFAULT_PORT = 53,
	DEFAULT_WATCH_S = 2,
	DEFAULT_CACHE_SIZE = 4 * 1024 * 1024,
	MAX_WATCH_S = 86400,
	CONFIG_MAX_OCTETS = 16 * 1024 * 1024,
};

/* ------ the directives ------ */

static const char *replace(char **where, const char *s)
{
	free(*where);
	*where = strdup(s);
	return *where ? NULL : "out of memory";
}

/* A number from least to most. */
static const char *take_number(const char *s, uint64_t least, uint64_t most, uint64_t *out)
{
	*out = 0;
	if (number_parse((const uint8_t *)s, strlen(s), most, out) || *out < least)
		return "not a number in the range that is allowed";
	return NULL;
}

static const char *apply_listen(struct config *c, char **words, size_t n, size_t *at)
{
	for (size_t i = 0; i < n; i++) {
		struct address address;
		const char *problem = address_parse(&address, words[i], DEFAULT_PORT);

		*at = i;
		if (problem)
			return problem;
		if (c->listen_count == CONFIG_MAX_LISTENS)
			return "too many addresses to listen at";
		c->listens[c->listen_count] = strdup(words[i]);
		if (!c->listens[c->listen_count++])
			return "out of memory";
	}
	return NULL;
}

static const char *apply_port(struct config *c, char **words, size_t n, size_t *at)
{
	uint64_t port;
	const char *problem = take_number(words[0], 0, 65535, &port);

	(void)n, (void)at;
	c->port = (uint16_t)port;
	return problem;
}

static const char *apply_user(struct config *c, char **words, size_t n, size_t *at)
{
	(void)n, (void)at;
	return replace(&c->user, words[0]);
}

static const char *apply_watch(struct config *c, char **words, size_t n, size_t *at)
{
	uint64_t seconds;
	const char *problem = take_number(words[0], 0, MAX_WATCH_S, &seconds);

	(void)n, (void)at;
	c->watch_s = (unsigned)seconds;
	return problem;
}

static const char *apply_servers(struct config *c, char **words, size_t n, size_t *at)
{
	uint64_t servers;
	const char *problem = take_number(words[0], 1, CONFIG_MAX_SERVERS, &servers);

	(void)n, (void)at;
	c->servers = (unsigned)servers;
	return problem;
}

static const char *apply_minimal(struct config *c, char **words, size_t n, size_t *at)
{
	(void)words, (void)n, (void)at;
	c->minimal = true;
	return NULL;
}

static const char *apply_log_queries(struct config *c, char **words, size_t n, size_t *at)
{
	(void)words, (void)n, (void)at;
	c->log_queries = true;
	return NULL;
}

static const char *apply_verbose(struct config *c, char **words, size_t n, size_t *at)
{
	(void)words, (void)n, (void)at;
	if (c->level < LEVEL_DEBUG)
		c->level++;
	return NULL;
}

static const char *apply_syslog(struct config *c, char **words, size_t n, size_t *at)
{
	(void)words, (void)n, (void)at;
	c->syslog = true;
	return NULL;
}

static const char *apply_nsid(struct config *c, char **words, size_t n, size_t *at)
{
	(void)n, (void)at;
	return strlen(words[0]) > 255 ? "longer than 255 octets" : replace(&c->nsid, words[0]);
}

static const char *apply_version(struct config *c, char **words, size_t n, size_t *at)
{
	(void)n, (void)at;
	return strlen(words[0]) > 255 ? "longer than 255 octets" : replace(&c->version, words[0]);
}

/* clang-format off */
const struct directive directives[] = {
	{ "zone",         0,   2, CONFIG_MAX_WORDS, "ORIGIN FILE [overlay] [no-ptr] [for WHOM]",
	  apply_zone,        takes_zone_words,
	  "serve this file; overlay: ask upstream for what it lacks" },
	{ "hosts",        0,   3, CONFIG_MAX_WORDS, "FILE in DOMAIN [no-ptr]",
	  apply_hosts,       takes_names_words,
	  "names of a hosts(5) file, or of all in a folder" },
	{ "leases",       0,   3, CONFIG_MAX_WORDS, "FILE in DOMAIN [no-ptr]",
	  apply_leases,      takes_names_words,
	  "names of hosts that got addresses from a DHCP server" },
	{ "peers",        0,   3, CONFIG_MAX_WORDS, "FILE in DOMAIN [no-ptr]",
	  apply_peers,       takes_names_words,
	  "names of the peers of a WireGuard configuration" },
	{ "forward",      0,   2, CONFIG_MAX_WORDS, "DOMAIN UPSTREAM...",
	  apply_forward,     NULL,
	  "ask these servers for the names of a domain (. for all names)" },
	{ "allow",        0,   1, CONFIG_MAX_WORDS, "NETWORK...",
	  apply_allow,       NULL,
	  "for whom others are asked: 10.8.0.0/16, attached (the default), any" },
	{ "private-ok",   0,   1, CONFIG_MAX_WORDS, "DOMAIN...",
	  apply_private_ok,  NULL,
	  "names of this domain may have private addresses" },
	{ "cache",        0,   1, 1,                "SIZE",
	  apply_cache,       NULL,
	  "keep answers in so much memory (4M)" },
	{ "stale",        0,   0, 1,                "[TIME]",
	  apply_stale,       takes_stale_time,
	  "give answers that are over when there are no others (1d)" },
	{ "trust-ad",     0,   0, 0,                "",
	  apply_trust_ad,    NULL,
	  "believe upstream servers that they have checked signatures" },
	{ "listen",       'a', 1, CONFIG_MAX_WORDS, "ADDRESS",
	  apply_listen,      NULL,
	  "listen here only; ADDRESS@PORT or ADDRESS#PORT names a port too (repeat)" },
	{ "port",         'p', 1, 1,                "PORT",
	  apply_port,        NULL,
	  "listen on this port (53)" },
	{ "user",         'u', 1, 1,                "USER",
	  apply_user,        NULL,
	  "user (or UID:GID) to become when started as root (nobody)" },
	{ "minimal",      0,   0, 0,                "",
	  apply_minimal,     NULL,
	  "leave out what was not asked for: NS and addresses beside answers" },
	{ "watch",        0,   1, 1,                "SECONDS",
	  apply_watch,       NULL,
	  "look at the files this often (2); 0: only on SIGHUP" },
	{ "servers",      0,   1, 1,                "N",
	  apply_servers,     NULL,
	  "processes that answer (1); one a core is enough" },
	{ "log-queries",  'q', 0, 0,                "",
	  apply_log_queries, NULL,
	  "log every query, one line each" },
	{ "verbose",      'v', 0, 0,                "",
	  apply_verbose,     NULL,
	  "say more (twice: still more)" },
	{ "syslog",       0,   0, 0,                "",
	  apply_syslog,      NULL,
	  "log to syslog instead of stderr" },
	{ "nsid",         0,   1, 1,                "TEXT",
	  apply_nsid,        NULL,
	  "name of this server, for NSID and id.server. (not told)" },
	{ "version-text", 0,   1, 1,                "TEXT",
	  apply_version,     NULL,
	  "answer to version.bind. (not told)" },
};
/* clang-format on */

const size_t directive_count = sizeof directives / sizeof directives[0];

const struct directive *directive_find(const char *text)
{
	for (size_t i = 0; i < directive_count; i++)
		if (strcmp(directives[i].text, text) == 0)
			return &directives[i];
	return NULL;
}

const struct directive *directive_by_letter(char letter)
{
	for (size_t i = 0; i < directive_count; i++)
		if (directives[i].letter == letter)
			return &directives[i];
	return NULL;
}

/* How many single changes make one word of the other, counted up to a row's end. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[32];
	size_t n = strlen(b);

	if (n >= 32)
		return 32;
	for (unsigned j = 0; j <= n; j++)
		row[j] = j;
	for (unsigned i = 1; a[i - 1] != '\0'; i++) {
		unsigned corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			unsigned change = corner + (a[i - 1] != b[j - 1]);
			unsigned least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;

			corner = row[j];
			row[j] = change < least ? change : least;
		}
	}
	return row[n];
}

const char *directive_guess(const char *text)
{
	const char *best = NULL;
	unsigned least = 3; /* two typing errors are a guess, three are another word */

	for (size_t i = 0; i < directive_count; i++) {
		unsigned d = distance(text, directives[i].text);
		if (d < least) {
			least = d;
			best = directives[i].text;
		}
	}
	return best;
}

/* ------ the file ------ */

/* One line, its words copied into `room` and ended by NULs. */
struct line {
	char room[4096];
	char *words[CONFIG_MAX_WORDS + 1];
	const uint8_t *places[CONFIG_MAX_WORDS + 1]; /* in the source */
	size_t count;
	bool too_long;
	const char *problem; /* with the text itself, at `wrong` */
	const uint8_t *wrong;
};

/* Copies one word, which quotes may hold together. */
static const uint8_t *split_word(struct line *l, const uint8_t *p, const uint8_t *end, size_t *used)
{
	bool quoted = *p == '"';
	const uint8_t *start = p;

	l->places[l->count] = p;
	l->words[l->count] = l->room + *used;
	p += quoted;
	while (p < end && (quoted ? *p != '"' : !octet_is_blank(*p)) && *used + 1 < sizeof l->room)
		l->room[(*used)++] = (char)*p++;
	l->too_long = l->too_long || *used + 1 >= sizeof l->room;
	l->room[(*used)++] = '\0';
	l->count++;
	if (quoted && p == end) {
		l->problem = "this quotation has no end";
		l->wrong = start;
	}
	return quoted && p < end ? p + 1 : p;
}

static void split_line(struct line *l, const uint8_t *p, const uint8_t *end)
{
	size_t used = 0;

	l->count = 0;
	l->too_long = false;
	l->wrong = memchr(p, 0, (size_t)(end - p));
	l->problem = l->wrong ? "an octet of value 0 is in no text" : NULL;
	while (p < end && !l->too_long) {
		if (octet_is_blank(*p)) {
			p++;
		} else if (*p == '#') {
			return;
		} else if (l->count == CONFIG_MAX_WORDS + 1) {
			l->too_long = true;
		} else {
			p = split_word(l, p, end, &used);
		}
	}
}

/* Where that stands which may turn out to be wrong when all has been read. */
static void note_places(struct config *c, const struct source *s, const struct line *l,
			const struct directive *applied)
{
	if (applied->apply == apply_zone) {
		c->zones[c->zone_count - 1].origin_at = (uint32_t)(l->places[1] - s->text);
		c->zones[c->zone_count - 1].file_at = (uint32_t)(l->places[2] - s->text);
	} else if (applied->apply == apply_user) {
		c->user_at = (uint32_t)(l->places[1] - s->text);
	}
}

/* A word of a line, for a finding. */
static struct spot spot_of(const struct source *s, const struct line *l, size_t word)
{
	return (struct spot){ s, l->places[word], strlen(l->words[word]) };
}

static void report_unknown(const struct source *s, const struct line *l, struct diag *d)
{
	const char *meant = directive_guess(l->words[0]);
	char shown[256];
	struct text word = text_init(shown, sizeof shown);

	text_put_escaped(&word, l->words[0], strlen(l->words[0]), 60);
	diag_report(d, SYNTAX_ERROR, spot_of(s, l, 0), NULL,
		    meant ? "unknown word '%s': did you mean '%s'?" : "unknown word '%s'%.0s",
		    shown, meant ? meant : "");
}

static void apply_line(struct config *c, const struct source *s, struct line *l, struct diag *d)
{
	const struct directive *found = directive_find(l->words[0]);
	size_t n = l->count - 1, at = 0;

	if (!found) {
		report_unknown(s, l, d);
		return;
	}
	if (l->too_long || n < found->min_words || n > found->max_words) {
		diag_report(d, SYNTAX_ERROR, spot_of(s, l, 0), NULL, "expected '%s%s%s'",
			    found->text, *found->arguments ? " " : "", found->arguments);
		return;
	}
	const char *problem = found->apply(c, l->words + 1, n, &at);
	if (problem)
		diag_report(d, SYNTAX_ERROR, spot_of(s, l, n > 0 ? at + 1 : 0), NULL, "%s",
			    problem);
	else
		note_places(c, s, l, found);
}

static void read_lines(struct config *c, const struct source *s, struct diag *d)
{
	struct slice rest = { s->text, s->size }, text;
	struct line line;

	while (line_take(&rest, &text)) {
		split_line(&line, text.octets, text.octets + text.size);
		if (line.problem)
			diag_report(d, SYNTAX_ERROR, (struct spot){ s, line.wrong, 1 }, NULL, "%s",
				    line.problem);
		else if (line.count > 0)
			apply_line(c, s, &line, d);
	}
}

bool config_read_file(struct config *c, const char *path, const struct files *files, struct diag *d)
{
	struct file_text text;
	struct source source = { .file = path };

	c->has_file = true;
	const char *problem = files->read(files->self, NULL, path, CONFIG_MAX_OCTETS, &text);

	if (problem) {
		log_write(LEVEL_ERROR, "%s: cannot read: %s", path, problem);
		return false;
	}
	const struct siphash_key chained = { c->fingerprint, 0 };
	c->fingerprint = siphash13(&chained, text.octets, text.size);
	source.text = text.octets;
	source.size = text.size;
	source.is_secret = names_are_secret(NAMES_HOSTS, (struct slice){ text.octets, text.size });
	read_lines(c, &source, d);
	if (c->wants_check)
		config_check(c, &source, d);
	files->release(files->self, &text);
	return d->errors == 0;
}

void config_init(struct config *c)
{
	*c = (struct config){
		.port = DEFAULT_PORT,
		.watch_s = DEFAULT_WATCH_S,
		.servers = 1,
		.level = LEVEL_NOTICE,
		.cache_size = DEFAULT_CACHE_SIZE,
	};
}

void config_free(struct config *c)
{
	config_free_zones(c);
	for (size_t i = 0; i < c->listen_count; i++)
		free(c->listens[i]);
	config_free_forwards(c);
	free(c->user);
	free(c->nsid);
	free(c->version);
}
