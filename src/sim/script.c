/*
 * script.c -- plays what is written down: lines, and which of them is whose.
 */
#include "sim/script.h"
#include "base/ip.h"
#include "base/line.h"
#include "base/number.h"
#include "sim/scripting.h"

#include <stdlib.h>

/* ------ errors ------ */

bool script_fail(struct script *s, const struct word *at, const char *format, ...)
{
	struct spot spot = { &s->source, s->line.whole.octets, s->line.whole.size };
	va_list args;

	if (at && at->size > 0)
		spot = (struct spot){ &s->source, at->at, at->size };
	va_start(args, format);
	diag_vreport(s->diag, SYNTAX_ERROR, spot, NULL, format, args);
	va_end(args);
	return false;
}

bool script_fail_words(struct script *s, const struct words *in)
{
	return script_fail(s, &in->problem_at, "%s", in->problem ? in->problem : "not understood");
}

/* ------ words ------ */

static const uint8_t *word_end(const uint8_t *at, const uint8_t *end, bool quoted)
{
	while (at < end && *at != '"' && (quoted || !octet_is_blank(*at)))
		at += *at == '\\' && at + 1 < end ? 2 : 1;
	return at;
}

bool script_split(struct slice line, struct word room[SCRIPT_WORDS], struct words *out)
{
	const uint8_t *at = line.octets, *end = at + line.size;
	size_t count = 0;

	for (;;) {
		while (at < end && octet_is_blank(*at))
			at++;
		if (at == end || count == SCRIPT_WORDS)
			break;
		bool quoted = *at == '"';
		const uint8_t *begin = at + quoted;
		at = word_end(begin, end, quoted);
		room[count++] = (struct word){ begin, (uint32_t)(at - begin), quoted };
		at += quoted && at < end;
	}
	*out = (struct words){ .next = room, .end = room + count, .tail = end };
	return at == end;
}

const struct word *script_word(struct script *s, const char *missing)
{
	const struct word *w = words_take(&s->line.words, missing);

	if (!w)
		script_fail_words(s, &s->line.words);
	return w;
}

bool script_take(struct script *s, const char *text)
{
	struct words *in = &s->line.words;

	if (words_left(in) == 0 || !word_is(in->next, text))
		return false;
	in->next++;
	return true;
}

bool script_number(struct script *s, const struct word *w, uint64_t most, uint64_t *out)
{
	const char *problem = number_parse(w->at, w->size, most, out);

	return !problem || script_fail(s, w, "%s", problem);
}

bool script_time(struct script *s, const struct word *w, uint64_t *ms)
{
	static const struct {
		char text[3];
		uint32_t ms;
	} units[] = {
		{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 }
	};
	uint32_t digits = 0;

	while (digits < w->size && w->at[digits] >= '0' && w->at[digits] <= '9')
		digits++;
	struct word unit = { w->at + digits, w->size - digits, false };
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (word_is(&unit, units[i].text) && !number_parse(w->at, digits, UINT32_MAX, ms)) {
			*ms *= units[i].ms;
			return true;
		}
	return script_fail(s, w, "no time: as in 400ms, 20s, 5m, 1h or 2d");
}

bool script_address(struct script *s, const struct word *w, uint16_t port, struct address *out)
{
	uint32_t n = 0;
	uint64_t number = port;

	while (n < w->size && w->at[n] != '#' && w->at[n] != '@')
		n++;
	struct word digits = n < w->size ? word_from(w, n + 1) : word_from(w, n);
	if (n < w->size && !script_number(s, &digits, UINT16_MAX, &number))
		return false;
	*out = (struct address){ .port = (uint16_t)number };
	out->family = (uint8_t)ip_parse(w->at, n, out->octets);
	if (out->family == IP6_SIZE)
		out->family = ADDRESS_IP6;
	return out->family ? true : script_fail(s, w, "no address");
}

bool script_hex(struct script *s, const struct word *w, struct writer *out)
{
	if (!word_hex(w, out))
		return script_fail(s, w, "no octets in hexadecimal digits");
	return !out->full || script_fail(s, w, "more octets than a message has");
}

/* ------ lines ------ */

/* What stands in front of ";" at the begin or " ; " elsewhere. */
static struct slice without_comment(struct slice line)
{
	for (size_t i = 0; i < line.size; i++)
		if (line.octets[i] == ';' &&
		    (i == 0 || (line.octets[i - 1] == ' ' &&
				(i + 1 == line.size || line.octets[i + 1] == ' ')))) {
			line.size = i;
			break;
		}
	while (line.size > 0 && octet_is_blank(line.octets[line.size - 1]))
		line.size--;
	return line;
}

bool script_indented(struct script *s, struct slice *line)
{
	if (s->rest.size == 0 || (s->rest.octets[0] != ' ' && s->rest.octets[0] != '\t'))
		return false;
	(void)line_take(&s->rest, line);
	*line = line_trim(without_comment(*line));
	return true;
}

static const struct script_verb *find_in(const struct script_verb *verbs, size_t count,
					 const struct word *w)
{
	for (size_t i = 0; i < count; i++)
		if (word_is(w, verbs[i].text))
			return &verbs[i];
	return NULL;
}

static const struct script_verb *find_verb(const struct word *w)
{
	const struct script_verb *v = find_in(script_setup, script_setup_count, w);

	if (!v)
		v = find_in(script_client, script_client_count, w);
	if (!v)
		v = find_in(script_upstream, script_upstream_count, w);
	return v ? v : find_in(script_world, script_world_count, w);
}

static bool play_line(struct script *s)
{
	const struct script_verb *v;

	if (!script_split(s->line.whole, s->line.room, &s->line.words))
		return script_fail(s, NULL, "more than %d words in a line", SCRIPT_WORDS);
	v = find_verb(s->line.words.next);
	if (!v)
		return script_directive(s);
	if (v->is_event && !script_start_servers(s))
		return false;
	s->line.words.next++;
	if (!v->play(s))
		return false;
	if (v->is_event)
		sim_settle(s->sim);
	if (sim_broken(s->sim))
		return script_fail(s, NULL, "a rule is broken: %s", sim_broken(s->sim));
	return words_left(&s->line.words) == 0 ||
	       script_fail(s, s->line.words.next, "this word is not understood here");
}

bool script_play(struct script *s, const char *path, struct slice text)
{
	s->source = (struct source){ .file = path, .text = text.octets, .size = text.size };
	s->rest = text;
	while (line_take(&s->rest, &s->line.whole)) {
		s->line.whole = without_comment(s->line.whole);
		if (line_trim(s->line.whole).size > 0 && !play_line(s))
			return false;
	}
	return true;
}

bool script_finish(struct script *s)
{
	const struct sim *sim = s->sim;

	if (sim->mail_count > 0)
		return script_fail(s, NULL, "at the end %u messages are left that nobody looked at",
				   (unsigned)sim->mail_count);
	return true;
}

void script_init(struct script *s, struct sim *sim, struct diag *diag)
{
	s->sim = sim;
	s->diag = diag;
}

void script_free(struct script *s)
{
	for (size_t i = 0; i < s->server_count; i++)
		free(s->servers[i]);
	s->server_count = 0;
}
