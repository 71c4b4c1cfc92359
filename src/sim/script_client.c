/*
 * script_client.c -- clients: what they ask, and what they hear.
 */
#include "base/line.h"
#include "dns/edns.h"
#include "dns/rrtype.h"
#include "sim/compose.h"
#include "sim/peer.h"
#include "sim/scripting.h"
#include "sim/show.h"

static const char default_client[] = "192.0.2.7";

enum { CLIENT_PORT = 5000, EXPECTED = 1 << 17, RIGHT_WAIT_MS = 6000 };

static uint8_t message[MESSAGE_MAX_SIZE];

/* ------ clients ------ */

struct address script_target(const struct script *s, const struct address *client)
{
	const struct kernel *k = &s->servers[0]->host->kernel;

	return client->family == ADDRESS_IP4 ? k->ip4 : k->ip6;
}

/* What the words of "client >" say of the client, and those of its query in order. */
struct asking {
	struct address from, to;
	uint64_t times;
	bool has_target;
	struct word room[SCRIPT_WORDS];
	struct words query;
};

static bool read_asking(struct script *s, struct asking *a)
{
	size_t count = 0;
	const struct word *w;

	a->times = 1;
	if (address_parse(&a->from, default_client, CLIENT_PORT))
		return false;
	while (words_left(&s->line.words) > 0) {
		if (script_take(s, "from")) {
			if (!(w = script_word(s, "missing address")) ||
			    !script_address(s, w, CLIENT_PORT, &a->from))
				return false;
		} else if (script_take(s, "at")) {
			if (!(w = script_word(s, "missing address")) ||
			    !script_address(s, w, HOST_PORT, &a->to))
				return false;
			a->has_target = true;
		} else if (script_take(s, "times")) {
			if (!(w = script_word(s, "missing number")) ||
			    !script_number(s, w, UINT16_MAX, &a->times))
				return false;
		} else {
			a->room[count++] = *s->line.words.next++;
		}
	}
	a->query = (struct words){ a->room, a->room + count, .tail = s->line.words.tail };
	if (!a->has_target)
		a->to = script_target(s, &a->from);
	return true;
}

/* client > NAME TYPE [words of compose.h] [from ADDRESS] [at SERVER] [times N] [tcp] */
static bool client_asks(struct script *s)
{
	static struct asking a;
	struct compose_query what;

	a = (struct asking){ .times = 1 };
	if (!read_asking(s, &a))
		return false;
	size_t size = compose_query(&a.query, &what, message, sizeof message);
	if (size == 0)
		return script_fail_words(s, &a.query);
	for (uint64_t i = 0; i < a.times; i++) {
		/* Many of them: from one port, with an id each. */
		if (a.times > 1)
			store_u16(message, (uint16_t)(i + 1));
		sim_send(s->sim, &a.from, &a.to, what.tcp, (struct slice){ message, size });
		if (a.times > 1)
			sim_settle(s->sim);
	}
	return true;
}

size_t script_replies(const struct script *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->sim->mail_count; i++)
		n += s->sim->mail[i].from.port == HOST_PORT;
	return n;
}

static bool is_reply(const struct sim_mail *m)
{
	return m->from.port == HOST_PORT && m->size >= HEADER_SIZE;
}

/* The oldest reply that "id=N" or "to=ADDRESS" tells, or the oldest of all. */
static bool find_reply(struct script *s, size_t *found)
{
	const struct word *w = words_left(&s->line.words) > 0 ? s->line.words.next : NULL;
	bool by_id = w && word_begins(w, "id="), by_address = w && word_begins(w, "to=");
	struct word value = { NULL, 0, false };
	uint64_t id = 0;
	struct address to;

	if (by_id || by_address) {
		value = (struct word){ w->at + 3, w->size - 3, false };
		s->line.words.next++;
	}
	if ((by_id && !script_number(s, &value, UINT16_MAX, &id)) ||
	    (by_address && !script_address(s, &value, CLIENT_PORT, &to)))
		return false;
	for (size_t i = 0; i < s->sim->mail_count; i++) {
		const struct sim_mail *m = &s->sim->mail[i];

		if (!is_reply(m) || (by_id && load_u16(m->octets) != id) ||
		    (by_address && !address_equal(&m->to, &to)))
			continue;
		*found = i;
		return true;
	}
	return script_fail(s, NULL, "there is no such reply; there are %u",
			   (unsigned)script_replies(s));
}

/* The rest of the line and the indented lines, blanks between words made one. */
static void read_expected(struct script *s, struct text *out)
{
	struct words *in = &s->line.words;
	struct slice line;

	for (; in->next < in->end; in->next++) {
		text_put_octets(out, in->next->at, in->next->size);
		text_put_char(out, in->next + 1 < in->end ? ' ' : '\n');
	}
	while (script_indented(s, &line)) {
		text_put_octets(out, line.octets, line.size);
		text_put_char(out, '\n');
	}
}

/* client < [id=N | to=ADDRESS] RCODE FLAGS, then the records; or: client < nothing */
static bool client_hears(struct script *s)
{
	static char expected_room[EXPECTED], got_room[EXPECTED];
	struct text expected = text_init(expected_room, sizeof expected_room);
	struct text got = text_init(got_room, sizeof got_room);
	size_t i = 0;

	if (script_take(s, "nothing"))
		return script_replies(s) == 0 ||
		       script_fail(s, NULL, "there are %u replies", (unsigned)script_replies(s));
	if (!find_reply(s, &i))
		return false;
	const struct sim_mail *m = &s->sim->mail[i];
	read_expected(s, &expected);
	show_message((struct slice){ m->octets, m->size }, "", &got);
	sim_drop_mail(s->sim, i);
	return strcmp(expected_room, got_room) == 0 ||
	       script_fail(s, NULL, "this was expected:\n%sand this was heard:\n%s", expected_room,
			   got_room);
}

static bool play_client(struct script *s)
{
	if (script_take(s, ">"))
		return client_asks(s);
	if (script_take(s, "<"))
		return client_hears(s);
	return script_fail(s, NULL, "a client asks (>) or hears (<)");
}

/* replies N: so many are left; they are passed over */
static bool play_replies(struct script *s)
{
	const struct word *w = script_word(s, "missing number");
	uint64_t n;

	if (!w || !script_number(s, w, SIM_MAIL, &n))
		return false;
	if (script_replies(s) != n)
		return script_fail(s, w, "there are %u", (unsigned)script_replies(s));
	for (size_t i = s->sim->mail_count; i-- > 0;)
		if (s->sim->mail[i].from.port == HOST_PORT)
			sim_drop_mail(s->sim, i);
	return true;
}

/* many-names PREFIX N from ADDRESS: a query for each of so many names */
static bool play_many_names(struct script *s)
{
	const struct word *prefix = script_word(s, "missing prefix");
	const struct word *count = prefix ? script_word(s, "missing number") : NULL;
	const struct word *from =
		count && script_take(s, "from") ? script_word(s, "missing address") : NULL;
	struct address client;
	uint64_t n;

	if (!from || !script_number(s, count, UINT16_MAX, &n) ||
	    !script_address(s, from, CLIENT_PORT, &client))
		return from ? false : script_fail(s, NULL, "many-names PREFIX N from ADDRESS");
	struct address to = script_target(s, &client);
	for (uint64_t i = 0; i < n; i++) {
		char room[128];
		struct text line = text_init(room, sizeof room);
		struct word words[SCRIPT_WORDS];
		struct words in;
		struct compose_query what;

		text_put_octets(&line, prefix->at, prefix->size);
		text_format(&line, "%u.example.com. A", (unsigned)i);
		if (!script_split((struct slice){ (uint8_t *)room, line.used }, words, &in))
			return false;
		size_t size = compose_query(&in, &what, message, sizeof message);
		sim_send(s->sim, &client, &to, false, (struct slice){ message, size });
		sim_settle(s->sim);
	}
	return true;
}

/* ------ the right answer ------ */

static bool is_right(const struct sim_mail *m, struct name name)
{
	struct reader r = reader_init(m->octets, m->size);
	struct header h;
	struct question q;
	struct record rr;
	uint8_t right[4];

	peer_address(name, right);
	if (!get_header(&r, &h) || !get_question(&r, &q) || (h.flags & RCODE_MASK) != 0)
		return false;
	for (unsigned i = 0; i < h.count[SECTION_ANSWER] && get_record(&r, &rr); i++)
		if (rr.type == TYPE_A && reader_left(&rr.rdata) == sizeof right &&
		    memcmp(rr.rdata.pos, right, sizeof right) == 0)
			return true;
	return false;
}

/* right NAME [from ADDRESS] [tcp]: asks for A, and what an honest server says comes back in time */
static bool play_right(struct script *s)
{
	static struct asking a;
	static const uint8_t type[] = "A";
	struct compose_query what;
	struct name_buf name;
	char room[NAME_MAX_TEXT];
	struct text text = text_init(room, sizeof room);

	a = (struct asking){ .times = 1 };
	if (!read_asking(s, &a))
		return false;
	size_t count = words_left(&a.query);
	if (count == 0 || count > 2)
		return script_fail(s, NULL, "right NAME [from ADDRESS] [tcp]");
	text_put_octets(&text, a.room[0].at, a.room[0].size);
	if (name_parse_absolute(room, &name))
		return script_fail(s, NULL, "no name");
	a.room[2] = a.room[1];
	a.room[1] = (struct word){ type, 1, false };
	a.query.end++;
	size_t size = compose_query(&a.query, &what, message, sizeof message);
	uint64_t end_ms = s->sim->net.now_ms + RIGHT_WAIT_MS;
	sim_send(s->sim, &a.from, &a.to, what.tcp, (struct slice){ message, size });
	while (s->sim->net.now_ms < end_ms && !sim_broken(s->sim)) {
		sim_run(s->sim, s->sim->net.now_ms + 1);
		for (size_t i = 0; i < s->sim->mail_count; i++) {
			if (!is_reply(&s->sim->mail[i]) ||
			    !address_equal(&s->sim->mail[i].to, &a.from))
				continue;
			bool right = is_right(&s->sim->mail[i], name_view(&name));
			sim_drop_mail(s->sim, i);
			return right || script_fail(s, NULL, "the answer is not right");
		}
	}
	return sim_broken(s->sim) || script_fail(s, NULL, "no answer comes");
}

const struct script_verb script_client[] = {
	{ "client", true, play_client },
	{ "replies", true, play_replies },
	{ "many-names", true, play_many_names },
	{ "right", true, play_right },
};
const size_t script_client_count = sizeof script_client / sizeof script_client[0];
