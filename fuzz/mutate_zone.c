/*
 * mutate_zone.c -- changes zone text as somebody does who knows RFC 1035 §5.
 *
 * The text is taken apart into lines and words, roughly: what stands between
 * blanks.  Then one to four things are done: to whole lines, to words, numbers
 * and types, with parentheses, quotes and escapes, and with directives.
 */
#include "mutate.h"
#include "examples.h"
#include "base/text.h"

#include <stdio.h>

enum { WORDS = 1024, LINES = 256, LINE_SIZE = 512 };

struct range {
	size_t at, end;
};

struct layout {
	struct mutation *m;
	struct range words[WORDS], lines[LINES];
	size_t word_count, line_count;
};

/* ------ taking apart ------ */

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void read_lines(struct layout *l)
{
	for (size_t at = 0; at < l->m->size && l->line_count < LINES;) {
		const uint8_t *end = memchr(l->m->octets + at, '\n', l->m->size - at);
		size_t next = end ? (size_t)(end - l->m->octets) + 1 : l->m->size;

		l->lines[l->line_count++] = (struct range){ at, next };
		at = next;
	}
}

static void read_words(struct layout *l)
{
	const uint8_t *octets = l->m->octets;

	for (size_t at = 0; l->word_count < WORDS;) {
		while (at < l->m->size && is_blank(octets[at]))
			at++;
		size_t end = at;
		while (end < l->m->size && !is_blank(octets[end]))
			end++;
		if (end == at)
			break;
		l->words[l->word_count++] = (struct range){ at, end };
		at = end;
	}
}

static const struct range *any(struct layout *l, const struct range *ranges, size_t count)
{
	static const struct range nothing;

	return count > 0 ? &ranges[mutation_below(l->m, count)] : &nothing;
}

static const struct range *any_line(struct layout *l)
{
	return any(l, l->lines, l->line_count);
}

static const struct range *any_word(struct layout *l)
{
	return any(l, l->words, l->word_count);
}

static void replace(struct layout *l, const struct range *r, const char *text)
{
	mutation_replace(l->m, r->at, r->end - r->at, text, strlen(text));
}

static void insert(struct layout *l, size_t at, const char *text)
{
	mutation_replace(l->m, at, 0, text, strlen(text));
}

#define ANY_OF(l, table) (table)[mutation_below((l)->m, sizeof(table) / sizeof((table)[0]))]

/* ------ lines ------ */

static void copy_line(struct layout *l)
{
	const struct range *from = any_line(l), *to = any_line(l);

	mutation_replace(l->m, to->at, 0, l->m->octets + from->at, from->end - from->at);
}

static void drop_line(struct layout *l)
{
	replace(l, any_line(l), "");
}

static void swap_lines(struct layout *l)
{
	const struct range *a = any_line(l), *b = any_line(l);

	if (a < b)
		mutation_swap(l->m, a->at, a->end, b->at, b->end);
}

/* Two lines become one, or one becomes two. */
static void move_end(struct layout *l)
{
	const struct range *line = any_line(l), *word = any_word(l);

	if (mutation_below(l->m, 2) && line->end > line->at)
		mutation_replace(l->m, line->end - 1, 1, " ", 1);
	else
		insert(l, word->at, mutation_below(l->m, 2) ? "\n" : "\n ");
}

/* ------ words ------ */

static void copy_word(struct layout *l)
{
	const struct range *from = any_word(l), *to = any_word(l);

	if (mutation_below(l->m, 2))
		mutation_replace(l->m, to->at, to->end - to->at, l->m->octets + from->at,
				 from->end - from->at);
	else if (mutation_replace(l->m, to->end, 0, l->m->octets + from->at, from->end - from->at))
		insert(l, to->end, " ");
}

static void drop_word(struct layout *l)
{
	replace(l, any_word(l), "");
}

static void swap_words(struct layout *l)
{
	const struct range *a = any_word(l), *b = any_word(l);

	if (a < b)
		mutation_swap(l->m, a->at, a->end, b->at, b->end);
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* A number that stands somewhere becomes one at an edge. */
static void change_number(struct layout *l)
{
	static const char *const edges[] = {
		"0",
		"1",
		"00",
		"-1",
		"63",
		"64",
		"127",
		"128",
		"255",
		"256",
		"32767",
		"65535",
		"65536",
		"2147483647",
		"2147483648",
		"4294967295",
		"4294967296",
		"1w2d3h4m5s",
		"18446744073709551615",
		"18446744073709551616",
		"1h",
		"99999999999999999999999",
	};
	const struct mutation *m = l->m;
	size_t at = any_word(l)->at;

	while (at < m->size && !is_digit(m->octets[at]))
		at++;
	struct range number = { at, at };
	while (number.end < m->size && is_digit(m->octets[number.end]))
		number.end++;
	if (number.end > number.at)
		replace(l, &number, ANY_OF(l, edges));
}

/* A type becomes another one, alone or with data that fit it. */
static void change_type(struct layout *l)
{
	const struct mutation *m = l->m;
	size_t count, start = mutation_below(l->m, l->word_count + 1);
	const struct example *e = examples(&count);
	uint16_t code;

	e += mutation_below(l->m, count);
	for (size_t i = start; i < l->word_count; i++) {
		struct range r = l->words[i];

		if (!rrtype_parse(m->octets + r.at, r.end - r.at, &code))
			continue;
		bool whole = mutation_below(l->m, 2);
		while (whole && r.end < m->size && m->octets[r.end] != '\n')
			r.end++;
		replace(l, &r, whole ? e->text : rrtype_find(e->type)->text);
		return;
	}
}

static void change_name(struct layout *l)
{
	static const char *const names[] = { "@",   ".",   "*",     "*.w",          "a",
					     "a.a", "sub", "x.sub", "www.example.", "\\000",
					     "\\.", "*.*", "inc" };
	const struct range *line = any_line(l), *word = any_word(l);
	struct range owner = { line->at, line->at };

	while (owner.end < line->end && !is_blank(l->m->octets[owner.end]))
		owner.end++;
	replace(l, mutation_below(l->m, 2) ? &owner : word, ANY_OF(l, names));
}

/* ------ marks ------ */

static void add_parentheses(struct layout *l)
{
	const struct range *a = any_word(l), *b = any_word(l);

	if (a > b || mutation_below(l->m, 4) == 0)
		insert(l, a->at, mutation_below(l->m, 2) ? "(" : ")");
	else {
		insert(l, b->end, mutation_below(l->m, 2) ? "\n)" : ")");
		insert(l, a->at, "( ");
	}
}

static void add_quotes(struct layout *l)
{
	const struct range *a = any_word(l);

	if (mutation_below(l->m, 4) > 0)
		insert(l, a->end, "\"");
	insert(l, a->at, "\"");
}

/* A character by its number, or a backslash in front of it. */
static void escape(struct layout *l)
{
	const struct range *word = any_word(l);
	char text[8];

	if (word->end == word->at)
		return;
	size_t at = word->at + mutation_below(l->m, word->end - word->at);
	if (mutation_below(l->m, 2)) {
		insert(l, at, "\\");
		return;
	}
	snprintf(text, sizeof text, "\\%03u",
		 mutation_below(l->m, 4) ? l->m->octets[at] : (unsigned)mutation_below(l->m, 999));
	replace(l, &(struct range){ at, at + 1 }, text);
}

static void add_mark(struct layout *l)
{
	static const char *const marks[] = { ";",   "\t",  "\r", "\\", "\n",
					     ";\n", "\\#", ".",  "@",  "$" };
	const struct range *word = any_word(l);

	insert(l, mutation_below(l->m, 2) ? word->at : word->end, ANY_OF(l, marks));
}

/* ------ entries ------ */

static void insert_directive(struct layout *l)
{
	static const char *const directives[] = {
		"$ORIGIN sub\n",
		"$ORIGIN .\n",
		"$ORIGIN example.\n",
		"$TTL 1h\n",
		"$TTL 0\n",
		"$INCLUDE other\n",
		"$INCLUDE other x\n",
		"$INCLUDE zone\n",
		"$INCLUDE none\n",
		"$GENERATE 1-3 h$ A 192.0.2.$\n",
		"$GENERATE 0-9/3 ${0,3,d}.x PTR a$$.${-1,2,x}\n",
		"$GENERATE 3-1 $ TXT $\n",
		"$GENERATE 1-2 ${1,5,n} CNAME ${1,2,N}\n",
	};

	insert(l, any_line(l)->at, ANY_OF(l, directives));
}

static void insert_example(struct layout *l)
{
	static const char *const owners[] = { "a ",   "@ ",          " ",    "*.w ",
					      "sub ", "x.sub 5 IN ", "b 1h " };
	char line[LINE_SIZE];
	struct text text = text_init(line, sizeof line);
	size_t count;
	const struct example *e = examples(&count);

	e += mutation_below(l->m, count);
	text_format(&text, "%s%s\n", ANY_OF(l, owners), e->text);
	insert(l, any_line(l)->end, line);
}

/* The same as insert_example, its data as octets (RFC 3597 §5). */
static void insert_generic(struct layout *l)
{
	char line[LINE_SIZE];
	struct text text = text_init(line, sizeof line);
	size_t count;
	const struct example *e = examples(&count);

	e += mutation_below(l->m, count);
	text_format(&text, "a TYPE%u \\# %u ", (unsigned)e->type, (unsigned)e->size);
	for (size_t i = 0; i < e->size; i++)
		text_format(&text, "%02x", (unsigned)e->rdata[i]);
	text_put(&text, "\n");
	insert(l, any_line(l)->end, line);
}

/* ------ all of it ------ */

static void change(struct mutation *m)
{
	static void (*const changes[])(struct layout *) = {
		copy_line,       drop_line,      swap_lines,    move_end,    copy_word,
		drop_word,       swap_words,     change_number, change_type, change_name,
		add_parentheses, add_quotes,     escape,        add_mark,    insert_directive,
		insert_example,  insert_generic, change_number, change_type, change_name,
	};
	static struct layout l;

	l.m = m;
	l.word_count = l.line_count = 0;
	read_lines(&l);
	read_words(&l);
	ANY_OF(&l, changes)(&l);
}

size_t mutate_zone(uint8_t *octets, size_t size, size_t room, unsigned seed)
{
	struct mutation m = mutation_init(octets, size, room, seed);

	for (size_t n = 1 + mutation_below(&m, 4); n > 0; n--)
		change(&m);
	return m.size;
}
