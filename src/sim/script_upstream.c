/*
 * script_upstream.c -- upstream servers: what they get, and what they say.
 */
#include "dns/edns.h"
#include "dns/rrtype.h"
#include "sim/compose.h"
#include "sim/scripting.h"
#include "sim/show.h"

enum { RETURN_PORT = 5000 };

static uint8_t message[MESSAGE_MAX_SIZE];

/* ------ upstream servers: what they get ------ */

static bool is_to(const struct sim_mail *m, const struct address *a)
{
	return address_equal(&m->to, a);
}

static bool list_sent(struct script *s, const char *what)
{
	char room[2048];
	struct text text = text_init(room, sizeof room);

	for (size_t i = 0; i < s->sim->mail_count; i++)
		for (size_t n = 1; n <= s->up_count; n++) {
			const struct sim_mail *m = &s->sim->mail[i];

			if (!is_to(m, &s->ups[n]))
				continue;
			text_format(&text, "\nup %u < ", (unsigned)n);
			show_question((struct slice){ m->octets, m->size }, &text);
			text_put(&text, m->tcp ? " tcp" : "");
		}
	return script_fail(s, NULL, "%s; what waits at upstream servers:%s", what,
			   text.used ? room : " nothing");
}

static bool has_word(const struct words *in, const char *text)
{
	for (const struct word *w = in->next; w < in->end; w++)
		if (word_is(w, text))
			return true;
	return false;
}

/* What words say of a packet must be so, and what they do not say must not. */
static bool check_packet(struct script *s, const struct sim_mail *m, const struct words *in)
{
	char room[4096];
	struct text text = text_init(room, sizeof room);
	unsigned flags = FLAG_RD | (has_word(in, "cd") ? FLAG_CD : 0u) |
			 (has_word(in, "ad") ? FLAG_AD : 0u);
	const char *opt = has_word(in, "plain") ? NULL
			  : has_word(in, "do")  ? "\nopt 1232 do\n"
						: "\nopt 1232\n";

	show_message((struct slice){ m->octets, m->size }, "", &text);
	if (load_u16(m->octets + 2) != flags)
		return script_fail(s, NULL, "its flags are %04x", load_u16(m->octets + 2));
	if (opt ? !strstr(room, opt) : strstr(room, "\nopt") != NULL)
		return script_fail(s, NULL, "EDNS is not as it should be:\n%s", room);
	if (m->tcp != has_word(in, "tcp"))
		return script_fail(s, NULL, "it came by %s", m->tcp ? "TCP" : "UDP");
	return true;
}

static bool is_question(struct script *s, const struct sim_mail *m, const struct word *name,
			const struct word *type)
{
	char asked_room[NAME_MAX_TEXT + 16], room[NAME_MAX_TEXT + 16];
	struct text asked = text_init(asked_room, sizeof asked_room);
	struct text wanted = text_init(room, sizeof room);
	uint16_t code;

	show_question((struct slice){ m->octets, m->size }, &asked);
	text_put_octets(&wanted, name->at, name->size);
	text_put_char(&wanted, ' ');
	if (rrtype_parse(type->at, type->size, &code))
		rrtype_print(code, &wanted);
	if (asked.used == wanted.used &&
	    octets_equal_folded((uint8_t *)asked_room, (uint8_t *)room, asked.used))
		return true;
	return list_sent(s, "another question");
}

static struct script_packet keep_packet(const struct sim_mail *m)
{
	struct script_packet p = {
		m->from, m->to, m->tcp, m->size < SCRIPT_PACKET ? m->size : SCRIPT_PACKET, { 0 }
	};

	memcpy(p.octets, m->octets, p.size);
	return p;
}

static bool note_label(struct script *s, const struct word *w, const struct script_packet *p)
{
	struct script_label *l = &s->labels[s->label_count];
	struct text text = text_init(l->text, sizeof l->text);

	if (s->label_count == SCRIPT_LABELS)
		return script_fail(s, w, "more than %d labels", SCRIPT_LABELS);
	s->label_count++;
	text_put_octets(&text, w->at, w->size);
	l->packet = *p;
	return true;
}

/* up N < NAME TYPE [do] [cd] [ad] [plain] [tcp] [as LABEL] */
static bool upstream_hears(struct script *s, size_t up)
{
	struct sim *sim = s->sim;
	struct words *in = &s->line.words;
	const struct word *name = script_word(s, "missing name");
	const struct word *type = name ? script_word(s, "missing type") : NULL;
	size_t i = 0;

	if (!type)
		return false;
	while (i < sim->mail_count && !is_to(&sim->mail[i], &s->ups[up]))
		i++;
	if (i == sim->mail_count)
		return list_sent(s, "nothing was sent there");
	const struct sim_mail *m = &sim->mail[i];
	if (!is_question(s, m, name, type) || !check_packet(s, m, in))
		return false;
	s->last[up] = keep_packet(m);
	sim_drop_mail(sim, i);
	while (words_left(in) > 0) {
		bool is_label = word_is(in->next++, "as");
		const struct word *w = is_label ? script_word(s, "missing label") : NULL;

		if (is_label && (!w || !note_label(s, w, &s->last[up])))
			return false;
	}
	return true;
}

/* ------ upstream servers: what they say ------ */

/* up N > RCODE [flags] [what is odd], and indented records */
static bool upstream_says(struct script *s, const struct script_packet *to)
{
	static struct compose_response c;
	static struct word room[SCRIPT_WORDS];
	struct words in;
	struct slice line, query = { to->octets, to->size };

	if (!compose_begin(&c, query, &s->line.words, message, sizeof message))
		return script_fail_words(s, &s->line.words);
	while (script_indented(s, &line)) {
		if (!script_split(line, room, &in) || words_left(&in) == 0)
			continue;
		if (!compose_record(&c, &in))
			return script_fail_words(s, &in);
	}
	size_t size = compose_end(&c);
	for (int i = 0; i <= c.twice; i++)
		sim_send(s->sim, &to->to, &to->from, to->tcp, (struct slice){ message, size });
	return true;
}

/* up N returns ADDRESS: our own packet comes back to us from there */
static bool upstream_returns(struct script *s, const struct script_packet *p)
{
	const struct word *w = script_word(s, "missing address");
	struct address from;

	if (!w || !script_address(s, w, RETURN_PORT, &from))
		return false;
	struct address to = script_target(s, &from);
	sim_send(s->sim, &from, &to, false, (struct slice){ p->octets, p->size });
	return true;
}

/* up N answers | cut | lies | fails | silent | listens: how it behaves by itself from now on */
static bool set_manners(struct script *s, size_t up, bool *is_known)
{
	static const struct {
		char text[8];
		enum sim_manners manners;
	} known[] = { { "answers", MANNERS_HONEST }, { "cut", MANNERS_CUT },
		      { "lies", MANNERS_LYING },     { "fails", MANNERS_BROKEN },
		      { "silent", MANNERS_SILENT },  { "listens", MANNERS_NONE } };
	struct sim_peer *peer = sim_peer(s->sim, &s->ups[up]);

	*is_known = true;
	for (size_t i = 0; peer && i < sizeof known / sizeof known[0]; i++)
		if (script_take(s, known[i].text)) {
			peer->manners = known[i].manners;
			return true;
		}
	return *is_known = false;
}

/* up N tcp works | refused | silent */
static bool set_tcp(struct script *s, size_t up)
{
	struct sim_peer *peer = sim_peer(s->sim, &s->ups[up]);

	if (!peer)
		return script_fail(s, NULL, "too many peers");
	if (script_take(s, "works"))
		peer->tcp = TCP_WORKS;
	else if (script_take(s, "refused"))
		peer->tcp = TCP_REFUSED;
	else if (script_take(s, "silent"))
		peer->tcp = TCP_SILENT;
	else
		return script_fail(s, NULL, "TCP works, is refused, or is silent");
	return true;
}

/* The last packet of an upstream server, or that with a label. */
static const struct script_packet *find_packet(struct script *s, const struct word *w, size_t *up)
{
	uint64_t n;

	*up = 0;
	for (size_t i = s->label_count; i-- > 0;)
		if (word_is(w, s->labels[i].text))
			return &s->labels[i].packet;
	if (!script_number(s, w, s->up_count, &n))
		return NULL;
	if (n == 0) {
		script_fail(s, w, "upstream servers are numbered from 1");
		return NULL;
	}
	*up = (size_t)n;
	return &s->last[n];
}

static bool play_up(struct script *s)
{
	const struct word *w = script_word(s, "missing number");
	size_t up = 0;
	bool is_known;
	const struct script_packet *p = w ? find_packet(s, w, &up) : NULL;

	if (!p)
		return false;
	if (up && script_take(s, "<"))
		return upstream_hears(s, up);
	if (up && script_take(s, "tcp"))
		return set_tcp(s, up);
	if (up && set_manners(s, up, &is_known))
		return true;
	if (p->size == 0)
		return script_fail(s, w, "nothing was sent there");
	if (script_take(s, ">"))
		return upstream_says(s, p);
	if (script_take(s, "returns"))
		return upstream_returns(s, p);
	if (script_take(s, "unreachable")) {
		sim_unreachable(s->sim, &p->to, &p->from);
		return true;
	}
	if (script_take(s, "closes"))
		return sim_hang_up(s->sim, &p->to, &p->from, false) ||
		       script_fail(s, NULL, "there is no connection");
	return script_fail(s, NULL, "what does the upstream server do?");
}

/* forget N: so many packets wait at upstream servers; they are passed over */
static bool play_forget(struct script *s)
{
	const struct word *w = script_word(s, "missing number");
	size_t waiting = s->sim->mail_count - script_replies(s);
	uint64_t n;

	if (!w || !script_number(s, w, SIM_MAIL, &n))
		return false;
	if (waiting != n)
		return script_fail(s, w, "there are %u", (unsigned)waiting);
	for (size_t i = s->sim->mail_count; i-- > 0;)
		if (s->sim->mail[i].from.port != HOST_PORT)
			sim_drop_mail(s->sim, i);
	return true;
}

/* idle: no reply and no packet is left that was not looked at */
static bool play_idle(struct script *s)
{
	if (script_replies(s) > 0)
		return script_fail(s, NULL, "there are %u replies", (unsigned)script_replies(s));
	return s->sim->mail_count == 0 || list_sent(s, "not idle");
}

const struct script_verb script_upstream[] = {
	{ "up", true, play_up },
	{ "forget", true, play_forget },
	{ "idle", true, play_idle },
};
const size_t script_upstream_count = sizeof script_upstream / sizeof script_upstream[0];
