/*
 * script_setup.c -- servers and what they are told.
 *
 * Lines that say nothing else are directives of ten35.conf(5), and collect in the
 * server's configuration.  Before the next event the server is started with it.
 */
#include "base/line.h"
#include "sim/scripting.h"

#include <stdlib.h>

static const char default_ip4[] = "192.0.2.1", default_ip6[] = "2001:db8::1";

/* Upstream servers without an address of their own get these, one after the other. */
enum { FIRST_UPSTREAM = 200 };

static struct script_server *add_server(struct script *s, const struct address *ip4,
					const struct address *ip6)
{
	struct script_server *v = calloc(1, sizeof *v);

	if (!v || !(v->host = sim_add_host(s->sim, ip4, ip6))) {
		free(v);
		script_fail(s, NULL, "more than %d servers, or no memory", SIM_HOSTS);
		return NULL;
	}
	v->config = text_init(v->room, sizeof v->room);
	v->is_behind = true;
	text_put(&v->config, "allow attached\n");
	s->server = s->server_count;
	s->servers[s->server_count++] = v;
	return v;
}

struct script_server *script_server(struct script *s)
{
	struct address ip4, ip6;

	if (s->server_count > 0)
		return s->servers[s->server];
	if (address_parse(&ip4, default_ip4, HOST_PORT) ||
	    address_parse(&ip6, default_ip6, HOST_PORT))
		return NULL;
	return add_server(s, &ip4, &ip6);
}

/* server IPV4 IPV6 [SECONDS]: another machine; what follows is for it */
static bool play_server(struct script *s)
{
	const struct word *a = script_word(s, "missing IPv4 address");
	const struct word *b = a ? script_word(s, "missing IPv6 address") : NULL;
	struct address ip4, ip6;

	if (!b || !script_address(s, a, HOST_PORT, &ip4) || !script_address(s, b, HOST_PORT, &ip6))
		return false;
	for (size_t i = 0; i < s->server_count; i++)
		if (address_same_host(&s->servers[i]->host->kernel.ip4, &ip4)) {
			s->server = i;
			return true;
		}
	if (ip4.family != ADDRESS_IP4 || ip6.family != ADDRESS_IP6)
		return script_fail(s, a, "a server has an address of each family");
	return add_server(s, &ip4, &ip6) != NULL;
}

/* ------ configuration ------ */

static void add_line(struct script_server *v, const void *text, size_t size)
{
	text_put_octets(&v->config, text, size);
	text_put_char(&v->config, '\n');
	v->is_behind = true;
}

bool script_directive(struct script *s)
{
	struct script_server *v = script_server(s);

	if (!v)
		return false;
	add_line(v, s->line.whole.octets, s->line.whole.size);
	return !v->config.full || script_fail(s, NULL, "too long a configuration");
}

/* Indented lines as a text; one that begins with "|" begins with a blank there. */
static bool read_text(struct script *s, struct text *out)
{
	struct slice line;

	while (script_indented(s, &line)) {
		bool is_blank = line.size > 0 && line.octets[0] == '|';

		if (is_blank)
			text_put_char(out, ' ');
		text_put_octets(out, line.octets + is_blank, line.size - is_blank);
		text_put_char(out, '\n');
	}
	return !out->full || script_fail(s, NULL, "too long a text");
}

static bool write_file(struct script *s, struct script_server *v, const char *path)
{
	static char room[SCRIPT_ENTRY];
	struct text text = text_init(room, sizeof room);

	if (!read_text(s, &text))
		return false;
	if (!host_write(v->host, path, (struct slice){ (uint8_t *)room, text.used }))
		return script_fail(s, NULL, "too many files, or no memory");
	return true;
}

/* Changed files are noticed at once. */
static void reload(const struct script_server *v)
{
	if (!v->is_behind)
		host_reload(v->host);
}

/* file PATH, then its text */
static bool play_file(struct script *s)
{
	struct script_server *v = script_server(s);
	const struct word *w = script_word(s, "missing path");
	char room[FILE_NAME_MAX];
	struct text path = text_init(room, sizeof room);

	if (!v || !w)
		return false;
	text_put_octets(&path, w->at, w->size);
	if (!write_file(s, v, room))
		return false;
	reload(v);
	return true;
}

/* A file's name that tells a zone's versions apart: all the words behind "zone". */
static void put_zone_path(const struct script_line *line, struct text *out)
{
	const struct word *w = line->words.next;

	for (; w < line->words.end; w++) {
		for (uint32_t i = 0; i < w->size; i++)
			text_put_char(out, w->at[i] == '/' ? '-' : (char)w->at[i]);
		text_put_char(out, '-');
	}
	text_put(out, "zone");
}

static bool has_line(const struct script_server *v, const char *line)
{
	return strstr(v->room, line) != NULL;
}

/* zone ORIGIN [WORDS], then the zone: a directive, with a file made up for it */
static bool play_zone(struct script *s)
{
	struct script_server *v = script_server(s);
	struct words *in = &s->line.words;
	char path_room[FILE_NAME_MAX], room[1024];
	struct text path = text_init(path_room, sizeof path_room);
	struct text line = text_init(room, sizeof room);

	if (!v)
		return false;
	if (s->rest.size == 0 || (s->rest.octets[0] != ' ' && s->rest.octets[0] != '\t')) {
		in->next = in->end;
		return script_directive(s);
	}
	put_zone_path(&s->line, &path);
	const struct word *origin = script_word(s, "missing origin");
	if (!origin)
		return false;
	text_put(&line, "zone ");
	text_put_octets(&line, origin->at, origin->size);
	text_format(&line, " %s", path_room);
	for (; in->next < in->end; in->next++) {
		text_put_char(&line, ' ');
		text_put_octets(&line, in->next->at, in->next->size);
	}
	if (!write_file(s, v, path_room))
		return false;
	if (!has_line(v, room))
		add_line(v, room, line.used);
	reload(v);
	return true;
}

/* ------ upstream servers ------ */

static bool add_upstream(struct script *s, const struct address *a)
{
	if (s->up_count == SIM_PEERS)
		return script_fail(s, NULL, "more than %d upstream servers", SIM_PEERS);
	s->ups[++s->up_count] = *a;
	return true;
}

static bool add_next_upstream(struct script *s, struct text *line)
{
	struct address a = { .octets = { 192, 0, 2 }, .port = HOST_PORT, .family = ADDRESS_IP4 };

	a.octets[3] = (uint8_t)(FIRST_UPSTREAM + s->up_count);
	text_put_char(line, ' ');
	address_print(&a, line);
	return add_upstream(s, &a);
}

/* An address is a new upstream server, unless a server of ours has it. */
static bool note_upstream(struct script *s, const struct word *w)
{
	struct address a;

	if (!script_address(s, w, HOST_PORT, &a))
		return false;
	for (size_t i = 1; i <= s->up_count; i++)
		if (address_equal(&s->ups[i], &a))
			return true;
	return add_upstream(s, &a);
}

static bool is_number(const struct word *w)
{
	return w->size <= 2 && w->at[0] >= '0' && w->at[0] <= '9';
}

/* forward DOMAIN [N | ADDRESS... | none] */
static bool play_forward(struct script *s)
{
	struct script_server *v = script_server(s);
	const struct word *domain = script_word(s, "missing domain");
	struct words *in = &s->line.words;
	char room[2048];
	struct text line = text_init(room, sizeof room);
	uint64_t count = 1;

	if (!v || !domain)
		return false;
	v->has_root = v->has_root || word_is(domain, ".");
	text_put(&line, "forward ");
	text_put_octets(&line, domain->at, domain->size);
	bool is_count = words_left(in) == 0 || (words_left(in) == 1 && is_number(in->next));
	if (is_count && words_left(in) == 1 && !script_number(s, in->next++, SIM_PEERS, &count))
		return false;
	for (uint64_t i = 0; is_count && i < count; i++)
		if (!add_next_upstream(s, &line))
			return false;
	for (; in->next < in->end; in->next++) {
		if (!word_is(in->next, "none") && !note_upstream(s, in->next))
			return false;
		text_put_char(&line, ' ');
		text_put_octets(&line, in->next->at, in->next->size);
	}
	add_line(v, room, line.used);
	return true;
}

/* none DOMAIN */
static bool play_none(struct script *s)
{
	struct script_server *v = script_server(s);
	const struct word *domain = script_word(s, "missing domain");
	char room[512];
	struct text line = text_init(room, sizeof room);

	if (!v || !domain)
		return false;
	text_put(&line, "forward ");
	text_put_octets(&line, domain->at, domain->size);
	text_put(&line, " none");
	add_line(v, room, line.used);
	return true;
}

/* cache OCTETS: also smaller than ten35.conf(5) allows */
static bool play_cache(struct script *s)
{
	struct script_server *v = script_server(s);
	const struct word *w = script_word(s, "missing size");
	uint64_t size;

	if (!v || !w || !script_number(s, w, 1 << 30, &size))
		return false;
	if (size < CACHE_MIN_SIZE)
		return script_fail(s, w, "at least %d", CACHE_MIN_SIZE);
	v->host->cache_size = (size_t)size;
	v->is_behind = true;
	return true;
}

/* ------ starting ------ */

static bool start(struct script *s, struct script_server *v)
{
	static const char none[] = "forward . none";

	if (!v->has_root)
		add_line(v, none, strlen(none));
	v->has_root = true;
	if (!v->host->cache_size)
		v->host->cache_size = CACHE_MIN_SIZE;
	struct slice text = { (uint8_t *)v->room, v->config.used };
	if (!host_write(v->host, HOST_CONFIG, text) || !host_start(v->host))
		return script_fail(s, NULL, "the server cannot be started: %s", s->sim->last_error);
	v->is_behind = false;
	return true;
}

bool script_start_servers(struct script *s)
{
	if (!script_server(s))
		return false;
	for (size_t i = 0; i < s->server_count; i++)
		if (s->servers[i]->is_behind && !start(s, s->servers[i]))
			return false;
	return true;
}

const struct script_verb script_setup[] = {
	{ "server", false, play_server }, { "zone", false, play_zone },
	{ "file", false, play_file },     { "forward", false, play_forward },
	{ "none", false, play_none },     { "cache", false, play_cache },
};
const size_t script_setup_count = sizeof script_setup / sizeof script_setup[0];
