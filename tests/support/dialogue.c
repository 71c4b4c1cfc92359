#include "support/dialogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/ip.h"
#include "dns/rdata.h"
#include "dns/ttl.h"
#include "serve/record.h"
#include "support/sim.h"
#include "support/words.h"

enum { LINES = 4000, LABELS = 16, WORDS = 40, MESSAGE = 65535 };

struct script {
	const char *path;
	char *text;
	char *lines[LINES]; /* comments cut off */
	unsigned count, at; /* the line that is played */
};

struct label {
	char text[32];
	struct sim_packet packet;
};

static struct sim sim;
static struct script script;
static struct label labels[LABELS];
static unsigned label_count;
static struct sim_packet last[FORWARD_UPSTREAMS]; /* taken from each upstream's queue */

static void __attribute__((format(printf, 1, 2), noreturn)) wrong(const char *format, ...)
{
	char what[8192];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	fail_msg("%s:%u: %s\n%s", script.path, script.at + 1, script.lines[script.at], what);
	abort();
}

/* ------ lines and words ------ */

static void load(const char *path)
{
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	script = (struct script){ .path = path, .text = calloc(1, 1 << 20) };
	assert_true(fread(script.text, 1, (1 << 20) - 1, f) > 0);
	fclose(f);
	for (char *p = script.text; *p && script.count < LINES;) {
		char *end = strchr(p, '\n');

		script.lines[script.count++] = p;
		if (!end)
			break;
		*end = '\0';
		p = end + 1;
	}
	for (unsigned i = 0; i < script.count; i++) {
		char *comment = script.lines[i];
		if (*comment == ';')
			*comment = '\0';
		else if ((comment = strstr(comment, " ; ")) != NULL)
			*comment = '\0';
	}
}

struct words_list {
	char room[4096];
	char *at[WORDS];
	unsigned n;
};

static void split(const char *line, struct words_list *out)
{
	char *state = NULL;

	assert_true(strlen(line) < sizeof out->room);
	strcpy(out->room, line);
	out->n = 0;
	for (char *w = strtok_r(out->room, " \t", &state); w; w = strtok_r(NULL, " \t", &state)) {
		assert_true(out->n < WORDS);
		out->at[out->n++] = w;
	}
}

/* The next line if it is indented, without its blanks; NULL otherwise. */
static const char *indented(void)
{
	const char *line = script.at + 1 < script.count ? script.lines[script.at + 1] : "";

	if (*line != ' ' && *line != '\t')
		return NULL;
	script.at++;
	return line + strspn(line, " \t");
}

static bool is(const char *word, const char *text)
{
	return strcmp(word, text) == 0;
}

static bool begins(const char *word, const char *text)
{
	return strncmp(word, text, strlen(text)) == 0;
}

static uint64_t time_ms(const char *word)
{
	char *end;
	unsigned long n = strtoul(word, &end, 10);

	if (is(end, "ms"))
		return n;
	if (is(end, "s"))
		return n * 1000;
	if (is(end, "m"))
		return n * 60000;
	if (is(end, "h"))
		return n * 3600000;
	if (is(end, "d"))
		return n * 86400000;
	wrong("no time: %s", word);
}

/* ------ clients ------ */

/* "192.0.2.7", "2001:db8::7", either with #PORT. */
static struct sim_client client_of(const char *word)
{
	struct sim_client c = { .size = 4, .port = 5000 };
	const char *hash = strchr(word, '#');
	size_t n = hash ? (size_t)(hash - word) : strlen(word);

	if (!ip4_parse((const uint8_t *)word, n, c.address)) {
		c.size = 16;
		if (!ip6_parse((const uint8_t *)word, n, c.address))
			wrong("no address: %s", word);
	}
	if (hash)
		c.port = (uint16_t)atoi(hash + 1);
	return c;
}

/* client > NAME TYPE [words of world_query] [from ADDRESS] [norec] [times N] */
static void client_asks(const struct words_list *w)
{
	struct sim_client from = client_of("192.0.2.7");
	char question[4096] = "";
	uint8_t query[WORLD_QUERY];
	bool rd = true;
	unsigned times = 1;
	enum via via;

	for (unsigned i = 2; i < w->n; i++) {
		if (is(w->at[i], "from"))
			from = client_of(w->at[++i]);
		else if (is(w->at[i], "norec"))
			rd = false;
		else if (is(w->at[i], "times"))
			times = (unsigned)atoi(w->at[++i]);
		else
			snprintf(question + strlen(question), sizeof question - strlen(question),
				 "%s%s", i > 2 ? " " : "", w->at[i]);
	}
	if (rd)
		strcat(question, " rd");
	size_t size = world_query(question, query, &via);
	from.tcp = via == VIA_TCP;
	for (unsigned i = 0; i < times; i++) {
		/* Many of them: from one port, with an id each. */
		if (times > 1)
			store_u16(query, (uint16_t)(i + 1));
		sim_ask(&sim, &from, query, size);
	}
}

/* many-names PREFIX N from ADDRESS: one query for each of so many names */
static void many_names(const struct words_list *w)
{
	struct sim_client from = client_of(w->at[4]);

	for (int i = 0; i < atoi(w->at[2]); i++) {
		char question[128];
		uint8_t query[WORLD_QUERY];
		enum via via;

		snprintf(question, sizeof question, "%s%d.example.com. A rd", w->at[1], i);
		size_t size = world_query(question, query, &via);
		sim_ask(&sim, &from, query, size);
	}
}

static size_t find_reply(const char *selector)
{
	for (size_t i = 0; i < sim.reply_count; i++) {
		const struct sim_reply *r = &sim.replies[i];

		if (!selector)
			return i;
		if (begins(selector, "id=") &&
		    (r->octets[0] << 8 | r->octets[1]) == atoi(selector + 3))
			return i;
		if (!begins(selector, "id=")) {
			struct sim_client c = client_of(selector);
			if (c.port == r->port && memcmp(c.address, r->peer_octets, 16) == 0)
				return i;
		}
	}
	wrong("there is no such reply; there are %zu", sim.reply_count);
}

static void take_text(char *expected, size_t size, const struct words_list *w, unsigned first)
{
	const char *line;

	*expected = '\0';
	for (unsigned i = first; i < w->n; i++) {
		strncat(expected, w->at[i], size - strlen(expected) - 1);
		strncat(expected, i + 1 < w->n ? " " : "\n", size - strlen(expected) - 1);
	}
	while ((line = indented()) != NULL) {
		strncat(expected, line, size - strlen(expected) - 1);
		strncat(expected, "\n", size - strlen(expected) - 1);
	}
}

/* client < [id=N | to=ADDRESS] RCODE FLAGS, and indented lines as support/print.h prints them */
static void client_hears(const struct words_list *w)
{
	static char expected[65536];
	const char *selector = NULL;
	unsigned first = 2;

	if (first < w->n && (begins(w->at[first], "id=") || begins(w->at[first], "to="))) {
		selector = w->at[first++];
		selector += begins(selector, "to=") ? 3 : 0;
	}
	if (first < w->n && is(w->at[first], "nothing")) {
		if (sim.reply_count > 0)
			wrong("there are %zu replies", sim.reply_count);
		return;
	}
	struct sim_reply r = sim_take_reply(&sim, find_reply(selector));
	const struct printed *p = print_reply(r.octets, r.size);
	unsigned line = script.at;
	take_text(expected, sizeof expected, w, first);
	if (p->problem)
		wrong("the reply is broken: %s\n%s", p->problem, p->text);
	if (strcmp(p->text, expected) != 0) {
		script.at = line;
		wrong("expected:\n%sgot:\n%s", expected, p->text);
	}
	free(r.octets);
}

/* replies N: drops so many, whatever they are */
static void drop_replies(const struct words_list *w)
{
	size_t n = (size_t)atoi(w->at[1]);

	if (sim.reply_count != n)
		wrong("there are %zu", sim.reply_count);
	while (sim.reply_count > 0)
		free(sim_take_reply(&sim, 0).octets);
}

/* forget N: drops so many packets that were sent */
static void drop_sent(const struct words_list *w)
{
	if (sim.sent_count != (size_t)atoi(w->at[1]))
		wrong("there are %zu", sim.sent_count);
	sim.sent_count = 0;
}

/* ------ upstream servers: what they get ------ */

static void __attribute__((noreturn)) list_sent(const char *what)
{
	char text[4096] = "";

	for (size_t i = 0; i < sim.sent_count && strlen(text) < sizeof text - 1300; i++) {
		const struct sim_packet *p = &sim.sent[i];
		char room[NAME_MAX_TEXT];
		struct text name = text_init(room, sizeof room);
		struct reader r = reader_init(p->octets, p->size);
		struct question q;

		reader_take(&r, HEADER_SIZE);
		get_question(&r, &q);
		name_print(q.name, &name);
		sprintf(text + strlen(text), "up %u%s < %s TYPE%u\n", p->upstream + 1,
			p->tcp ? " tcp" : "", room, q.type);
	}
	wrong("%s; packets that wait:\n%s", what, text);
}

/* What the words say of a packet must be so, and what they do not say must not. */
static void check_packet(const struct sim_packet *p, const struct words_list *w)
{
	const struct printed *m;
	struct reader r = reader_init(p->octets, p->size);
	struct header h;
	struct question q;
	struct name_buf name;
	uint16_t type;
	bool dnssec = false, plain = false, cd = false, ad = false, tcp = false;

	for (unsigned i = 5; i < w->n && !is(w->at[i], "as"); i++) {
		dnssec = dnssec || is(w->at[i], "do");
		plain = plain || is(w->at[i], "plain");
		cd = cd || is(w->at[i], "cd");
		ad = ad || is(w->at[i], "ad");
		tcp = tcp || is(w->at[i], "tcp");
	}
	get_header(&r, &h);
	get_question(&r, &q);
	if (name_parse_absolute(w->at[3], &name) ||
	    !rrtype_parse((const uint8_t *)w->at[4], strlen(w->at[4]), &type))
		wrong("no question");
	if (!name_equal(q.name, name_view(&name)) || q.type != type || q.class != CLASS_IN)
		list_sent("another question");
	m = print_reply(p->octets, p->size);
	if (h.flags != (FLAG_RD | (cd ? FLAG_CD : 0) | (ad ? FLAG_AD : 0)))
		wrong("flags are %04x", h.flags);
	if (m->opt == plain || (strstr(m->text, "opt 1232 do") != NULL) != dnssec)
		wrong("EDNS is not as it should be:\n%s", m->text);
	if (strstr(m->text, "option") || strstr(m->text, "cookie"))
		wrong("an option went out:\n%s", m->text);
	if (tcp != p->tcp)
		wrong("it went by %s", p->tcp ? "TCP" : "UDP");
}

/* up N < NAME TYPE [do] [cd] [ad] [plain] [tcp] [as LABEL] */
static void upstream_hears(unsigned up, const struct words_list *w)
{
	size_t i = 0;

	while (i < sim.sent_count && sim.sent[i].upstream != up)
		i++;
	if (i == sim.sent_count)
		list_sent("nothing was sent there");
	check_packet(&sim.sent[i], w);
	last[up] = sim_take_sent(&sim, i);
	if (w->n > 6 && is(w->at[w->n - 2], "as")) {
		assert_true(label_count < LABELS);
		snprintf(labels[label_count].text, sizeof labels[0].text, "%s", w->at[w->n - 1]);
		labels[label_count++].packet = last[up];
	}
}

/* ------ upstream servers: what they say ------ */

/* OWNER TTL TYPE RDATA; RDATA may be hex:... and need not make sense then. */
static void put_line(struct message *m, const char *line, enum section section)
{
	static uint8_t rdata_room[64][4096];
	static struct name_buf owners[64];
	static unsigned next;
	struct words_list w;
	struct words rest;
	uint16_t type;
	const char *problem = NULL;
	uint32_t ttl = 0;
	struct name_buf *owner = &owners[next % 64];
	struct writer rdata = writer_init(rdata_room[next++ % 64], 4096);

	split(line, &w);
	if (w.n < 5 || name_parse_absolute(w.at[1], owner) ||
	    !ttl_parse((const uint8_t *)w.at[2], strlen(w.at[2]), &ttl, &problem) ||
	    !rrtype_parse((const uint8_t *)w.at[3], strlen(w.at[3]), &type))
		wrong("no record: %s", line);
	if (begins(w.at[4], "hex:")) {
		for (const char *p = w.at[4] + 4; p[0] && p[1]; p += 2) {
			unsigned octet;
			sscanf(p, "%2x", &octet);
			put_u8(&rdata, (uint8_t)octet);
		}
		uint8_t *rdlength = begin_record(m, name_view(owner), type, CLASS_IN, ttl);
		put_octets(&m->w, rdata.base, writer_size(&rdata));
		end_record(m, rdlength, section);
		return;
	}
	const char *text = strstr(line, w.at[3]) + strlen(w.at[3]);
	if (!words_split((const uint8_t *)text, strlen(text), &rest) ||
	    !rdata_parse(rrtype_find(type), &rest, name_root, &rdata))
		wrong("no data: %s (%s)", text, rest.problem ? rest.problem : "?");
	put_foreign(m,
		    &(struct foreign_record){
			    name_view(owner), type, ttl, { rdata.base, writer_size(&rdata) } },
		    section);
}

/* "many OWNER TTL N": so many A records */
static void put_many(struct message *m, const char *line)
{
	char owner[256];
	unsigned ttl, n;

	if (sscanf(line, "many %255s %u %u", owner, &ttl, &n) != 3)
		wrong("many OWNER TTL N");
	for (unsigned i = 0; i < n; i++) {
		char text[512];
		snprintf(text, sizeof text, "an %s %u A 198.%u.%u.%u", owner, ttl, 18 + (i >> 16),
			 i >> 8 & 255, i & 255);
		put_line(m, text, SECTION_ANSWER);
	}
}

struct speech {
	unsigned flags, rcode;
	int id_change;
	bool lower, no_question, query, twice;
	long cut;
	const char *other_question;
	bool opt;
	unsigned ede;
};

static unsigned rcode_of(const char *word)
{
	for (unsigned i = 0; i < 24; i++)
		if (rcode_text(i) && is(word, rcode_text(i)))
			return i;
	if (begins(word, "RCODE"))
		return (unsigned)atoi(word + 5);
	wrong("no RCODE: %s", word);
}

static struct speech speech_of(const struct words_list *w, unsigned first)
{
	static const struct {
		const char *text;
		unsigned bit;
	} flags[] = { { "aa", FLAG_AA },
		      { "tc", FLAG_TC },
		      { "ra", FLAG_RA },
		      { "ad", FLAG_AD },
		      { "cd", FLAG_CD } };
	struct speech s = { .flags = FLAG_QR | FLAG_RD, .cut = -1, .ede = UINT16_MAX };

	s.rcode = rcode_of(w->at[first]);
	s.opt = s.rcode > 15;
	for (unsigned i = first + 1; i < w->n; i++) {
		const char *word = w->at[i];
		bool known = false;

		for (size_t k = 0; k < sizeof flags / sizeof flags[0]; k++)
			if (is(word, flags[k].text)) {
				s.flags |= flags[k].bit;
				known = true;
			}
		if (known)
			continue;
		if (begins(word, "id"))
			s.id_change = atoi(word + 2);
		else if (is(word, "lowercase"))
			s.lower = true;
		else if (is(word, "noquestion"))
			s.no_question = true;
		else if (is(word, "query"))
			s.query = true;
		else if (is(word, "twice"))
			s.twice = true;
		else if (begins(word, "cut="))
			s.cut = atol(word + 4);
		else if (begins(word, "asked="))
			s.other_question = word + 6;
		else if (begins(word, "ede="))
			s.ede = (unsigned)atoi(word + 4), s.opt = true;
		else
			wrong("unknown word %s", word);
	}
	return s;
}

static struct question question_of(const struct sim_packet *p, const struct speech *s)
{
	static uint8_t lower[NAME_MAX_SIZE];
	static struct name_buf other;
	struct reader r = reader_init(p->octets, p->size);
	struct question q;

	reader_take(&r, HEADER_SIZE);
	get_question(&r, &q);
	if (s->lower) {
		octets_fold(lower, q.name.octets, q.name.size);
		q.name.octets = lower;
	}
	if (s->other_question) { /* NAME/TYPE */
		char copy[256];
		snprintf(copy, sizeof copy, "%s", s->other_question);
		char *slash = strchr(copy, '/');
		*slash = '\0';
		if (name_parse_absolute(copy, &other) ||
		    !rrtype_parse((const uint8_t *)slash + 1, strlen(slash + 1), &q.type))
			wrong("no question");
		q.name = name_view(&other);
	}
	return q;
}

static void put_speech_opt(struct message *m, const struct speech *s)
{
	uint8_t *rdlength =
		begin_record(m, name_root, TYPE_OPT, 1232, (uint32_t)(s->rcode >> 4) << 24);

	if (s->ede != UINT16_MAX) {
		put_u16(&m->w, OPTION_EDE);
		put_u16(&m->w, 2);
		put_u16(&m->w, (uint16_t)s->ede);
	}
	end_record(m, rdlength, SECTION_ADDITIONAL);
}

/* up N > RCODE [flags] [what is odd], and indented records */
static void upstream_says(const struct sim_packet *to, const struct words_list *w, unsigned first)
{
	static uint8_t octets[MESSAGE];
	struct message m;
	const char *line;
	struct speech s = speech_of(w, first);
	struct question q = question_of(to, &s);

	message_init(&m, octets, sizeof octets);
	if (!s.no_question)
		put_question(&m, &q);
	while ((line = indented()) != NULL) {
		if (begins(line, "many "))
			put_many(&m, line);
		else if (begins(line, "an "))
			put_line(&m, line, SECTION_ANSWER);
		else if (begins(line, "ns "))
			put_line(&m, line, SECTION_AUTHORITY);
		else if (begins(line, "ar "))
			put_line(&m, line, SECTION_ADDITIONAL);
		else if (*line)
			wrong("no section: %s", line);
	}
	if (s.opt)
		put_speech_opt(&m, &s);
	if (m.w.full)
		wrong("more than a message");
	message_finish(&m, (uint16_t)((to->octets[0] << 8 | to->octets[1]) + s.id_change),
		       (uint16_t)((s.query ? s.flags & ~FLAG_QR : s.flags) | (s.rcode & 15)));
	size_t size = s.cut >= 0 ? (size_t)s.cut : message_size(&m);
	for (int i = 0; i <= s.twice; i++) {
		if (to->tcp)
			sim_stream(&sim, to->upstream, octets, size);
		else
			sim_datagram(&sim, to, octets, size);
	}
}

static const struct sim_packet *packet_of(const char *word)
{
	for (unsigned i = label_count; i-- > 0;)
		if (is(labels[i].text, word))
			return &labels[i].packet;
	unsigned up = (unsigned)atoi(word);
	if (up < 1 || up > FORWARD_UPSTREAMS || last[up - 1].size == 0)
		wrong("nothing was sent to %s", word);
	return &last[up - 1];
}

static void upstream(const struct words_list *w)
{
	const char *what = w->at[2];

	if (is(what, "<"))
		upstream_hears((unsigned)atoi(w->at[1]) - 1, w);
	else if (is(what, ">"))
		upstream_says(packet_of(w->at[1]), w, 3);
	else if (is(what, "returns")) { /* our own packet comes to us from ADDRESS */
		const struct sim_packet *p = packet_of(w->at[1]);
		struct sim_client from = client_of(w->at[3]);
		sim_ask(&sim, &from, p->octets, p->size);
	} else if (is(what, "unreachable"))
		sim_unreachable(&sim, packet_of(w->at[1]));
	else if (is(what, "closed"))
		sim_stream_ended(&sim, (uint8_t)(atoi(w->at[1]) - 1),
				 w->n == 3               ? FORWARD_END_FAILED
				 : is(w->at[3], "again") ? FORWARD_END_AGAIN
							 : FORWARD_END_SILENT);
	else
		wrong("what does the upstream do?");
}

/* ------ the rest ------ */

static void check_counter(const struct words_list *w)
{
	const struct forward_counters *c = &sim.forward.counters;
	const struct {
		const char *text;
		uint64_t value;
	} known[] = {
		{ "asks", c->asks },
		{ "packets", c->packets },
		{ "streams", c->streams },
		{ "answers", c->answers },
		{ "failures", c->failures },
		{ "silent", c->silent },
		{ "forged", c->forged },
		{ "blocked", c->blocked },
		{ "looped", c->looped },
		{ "refused", c->refused },
		{ "kept", sim.cache.counters.added },
		{ "sockets", sim.open_sockets },
		{ "sent", sim.sent_ever },
		{ "waiting", sim.sent_count },
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (is(known[i].text, w->at[1])) {
			if (known[i].value != strtoull(w->at[2], NULL, 10))
				wrong("%s is %llu", w->at[1], (unsigned long long)known[i].value);
			return;
		}
	wrong("no such counter");
}

static struct network network_of(const char *word)
{
	const char *slash = strchr(word, '/');
	char host[64];

	snprintf(host, sizeof host, "%.*s", (int)(slash - word), word);
	struct sim_client c = client_of(host);
	struct network n = { .size = c.size, .bits = (uint8_t)atoi(slash + 1) };
	memcpy(n.octets, c.address, 16);
	return n;
}

static void read_zone(const struct words_list *w)
{
	static char text[65536];
	const char *line;

	*text = '\0';
	while ((line = indented()) != NULL) {
		/* A line that begins with "|" begins with a blank: the owner is the last one. */
		strcat(text, *line == '|' ? " " : "");
		strcat(strcat(text, *line == '|' ? line + 1 : line), "\n");
	}
	sim_zone(&sim, w->at[1], text, w->n > 2 && is(w->at[2], "overlay"));
	if (w->n > 3 && is(w->at[w->n - 2], "for")) {
		struct network whom = network_of(w->at[w->n - 1]);

		sim_zone_for(&sim, &whom);
	}
}

static void allow(const char *word)
{
	sim.networks[sim.access.count++] = network_of(word);
}

static void set_up(const struct words_list *w)
{
	struct name_buf name;
	const char *what = w->at[0];

	if (is(what, "forward")) {
		sim_route(&sim, w->at[1], w->n > 2 ? (unsigned)atoi(w->at[2]) : 1);
	} else if (is(what, "none")) {
		assert_null(name_parse_absolute(w->at[1], &name));
		assert_true(routes_block(&sim.routes, name_view(&name)));
	} else if (is(what, "private-ok")) {
		assert_null(name_parse_absolute(w->at[1], &name));
		assert_true(routes_trust(&sim.routes, name_view(&name)));
	} else if (is(what, "trust-ad")) {
		sim.room.trust_ad = true;
	} else if (is(what, "allow")) {
		allow(w->at[1]);
	} else if (is(what, "unseeded")) {
		sim.unseeded = true;
		sim.random.seeded = false;
	} else if (is(what, "seeded")) {
		sim.unseeded = false;
	} else if (is(what, "nosockets")) {
		sim.no_sockets = true;
	} else if (!is(what, "stale") && !is(what, "cache")) {
		wrong("unknown word");
	}
}

static void play_line(void)
{
	struct words_list w;

	split(script.lines[script.at], &w);
	if (w.n == 0)
		return;
	if (is(w.at[0], "client") && w.n > 2)
		is(w.at[1], ">") ? client_asks(&w) : client_hears(&w);
	else if (is(w.at[0], "up") && w.n > 2)
		upstream(&w);
	else if (is(w.at[0], "wait"))
		sim_wait(&sim, time_ms(w.at[1]));
	else if (is(w.at[0], "zone"))
		read_zone(&w);
	else if (is(w.at[0], "counter"))
		check_counter(&w);
	else if (is(w.at[0], "many-names"))
		many_names(&w);
	else if (is(w.at[0], "forget"))
		drop_sent(&w);
	else if (is(w.at[0], "replies"))
		drop_replies(&w);
	else if (is(w.at[0], "idle")) {
		if (sim.reply_count > 0)
			wrong("there are %zu replies", sim.reply_count);
		if (sim.sent_count > 0)
			list_sent("not idle");
	} else {
		set_up(&w);
	}
}

/* What has to be known from the start. */
static void begin(void)
{
	size_t cache_size = CACHE_MIN_SIZE;
	uint32_t stale_s = 0;

	for (script.at = 0; script.at < script.count; script.at++) {
		struct words_list w;

		split(script.lines[script.at], &w);
		if (w.n == 2 && is(w.at[0], "stale"))
			stale_s = (uint32_t)(time_ms(w.at[1]) / 1000);
		if (w.n == 2 && is(w.at[0], "cache"))
			cache_size = (size_t)atol(w.at[1]);
	}
	sim_init(&sim, cache_size, stale_s);
}

void dialogue_run(const char *path)
{
	load(path);
	begin();
	label_count = 0;
	memset(last, 0, sizeof last);
	allow("192.0.2.0/24");
	allow("2001:db8::/32");
	for (script.at = 0; script.at < script.count; script.at++)
		play_line();
	script.at = script.count - 1;
	if (sim.reply_count > 0)
		wrong("%zu replies were not looked at", sim.reply_count);
	if (sim.sent_count > 0)
		list_sent("packets that were not looked at");
	sim_free(&sim);
	free(script.text);
}
