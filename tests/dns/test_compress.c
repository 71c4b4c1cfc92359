/*
 * Name compression (RFC 1035 section 4.1.4): pointers written by hand, and the
 * bounds of the table, which cost octets but never correctness.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dns/compress.h"
#include "support/guard.h"

enum { NAMES = 20, ROOM = 100000 };

static struct name_buf bufs[NAMES];

static struct name name_of(size_t i, const char *text)
{
	assert_null(name_parse_absolute(text, &bufs[i]));
	return name_view(&bufs[i]);
}

static void names_are_written_with_the_longest_suffix_that_is_known(void **state)
{
	static const struct {
		const char *name, *names[NAMES], *hex; /* behind 12 octets of header */
	} cases[] = {
		{ "the first name in full", { "a.b." }, "0161016200" },
		{ "the same name is a pointer", { "a.b.", "a.b." }, "0161016200 c00c" },
		{ "and again: to the name, not to the pointer",
		  { "a.b.", "a.b.", "a.b." },
		  "0161016200 c00c c00c" },
		{ "a parent", { "a.b.", "b." }, "0161016200 c00e" },
		{ "a child: one label and a pointer", { "b.", "a.b." }, "016200 0161c00c" },
		{ "a sibling", { "a.b.", "c.b." }, "0161016200 0163c00e" },
		{ "the longest of two suffixes",
		  { "b.", "a.b.", "c.a.b." },
		  "016200 0161c00c 0163c00f" },
		{ "a name behind a pointer is known from its own labels",
		  { "b.", "x.a.b.", "a.b." },
		  "016200 01780161c00c c011" },
		{ "the root is one octet and no pointer leads to it",
		  { "a.", ".", ".", "a." },
		  "016100 00 00 c00c" },
		{ "case does not matter (RFC 4343 section 4.1)",
		  { "A.b.", "a.B." },
		  "0141016200 c00c" },
		{ "a label's end is no suffix", { "ab.", "b." }, "02616200 016200" },
		{ "nor a suffix of the text", { "x\\.b.", "b." }, "03782e6200 016200" },
		{ "nor octets that look like labels", { "x\\001b.", "b." }, "0378016200 016200" },
		{ "nothing in common", { "a.b.", "c.d." }, "0161016200 0163016400" },
		{ "equal lengths, other octets",
		  { "aa.b.", "ab.b.", "ab.b." },
		  "026161016200 026162c00f c012" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t octets[200];
		struct writer w = writer_init(octets, sizeof octets);
		struct compressor c;
		size_t n;
		const uint8_t *expect = guard_hex(cases[i].hex, &n);

		compressor_init(&c);
		writer_room(&w, 12);
		for (size_t j = 0; cases[i].names[j]; j++)
			put_name_compressed(&w, &c, name_of(j, cases[i].names[j]));
		if (writer_size(&w) - 12 != n || memcmp(octets + 12, expect, n) != 0)
			fail_msg("%s", cases[i].name);
		guard_release();
	}
}

/* The question stands at 12, written by somebody else. */
static void the_question_is_known_from_the_start(void **state)
{
	uint8_t octets[100];
	struct writer w = writer_init(octets, sizeof octets);
	struct compressor c;

	(void)state;
	compressor_init(&c);
	c.question = name_of(0, "a.b.");
	writer_room(&w, 12);
	put_name(&w, c.question);
	writer_room(&w, 4);
	put_name_compressed(&w, &c, name_of(1, "A.b."));
	put_name_compressed(&w, &c, name_of(2, "x.b."));
	assert_memory_equal(octets + 21, "\300\14\1x\300\16", 6);
	/* The root as a question is no place to point to. */
	w = writer_init(octets, sizeof octets);
	compressor_init(&c);
	c.question = name_root;
	writer_room(&w, 17);
	put_name_compressed(&w, &c, name_root);
	put_name_compressed(&w, &c, name_of(0, "a."));
	assert_memory_equal(octets + 17, "\0\1a\0", 4);
}

static void a_rewind_forgets_what_came_behind_it(void **state)
{
	(void)state;
	for (int kept = 0; kept < 3; kept++) {
		uint8_t octets[200];
		struct writer w = writer_init(octets, sizeof octets);
		struct compressor c;

		compressor_init(&c);
		c.question = name_of(0, "q.");
		writer_room(&w, 12);
		put_name(&w, c.question);
		for (int i = 0; i < kept; i++)
			put_name_compressed(&w, &c, name_of(1, i ? "y.q." : "x.q."));
		uint8_t count = c.count, *pos = w.pos;
		put_name_compressed(&w, &c, name_of(4, "f.g.q."));
		put_name_compressed(&w, &c, name_of(5, "h.i."));
		writer_rewind(&w, pos);
		compressor_rewind(&c, count);
		put_name_compressed(&w, &c, name_of(6, "g.q."));
		assert_memory_equal(pos, "\1g\300\14", 4);
		put_name_compressed(&w, &c, name_of(7, "i."));
		assert_memory_equal(pos + 4, "\1i", 3);
		/* What came before is known still. */
		put_name_compressed(&w, &c, name_of(8, "z.q."));
		assert_memory_equal(pos + 7, "\1z\300\14", 4);
	}
}

/* The octets a name had for a short time must not be looked at after a rewind. */
static void a_rewound_name_is_not_looked_at_again(void **state)
{
	uint8_t octets[200];
	struct writer w = writer_init(octets, sizeof octets);
	struct compressor c;
	uint8_t *gone = malloc(5);

	(void)state;
	memcpy(gone, "\1a\1b", 5);
	compressor_init(&c);
	writer_room(&w, 12);
	put_name_compressed(&w, &c, name_of(0, "x.y."));
	uint8_t count = c.count, *pos = w.pos;
	put_name_compressed(&w, &c, (struct name){ gone, 5 });
	writer_rewind(&w, pos);
	compressor_rewind(&c, count);
	free(gone);
	put_name_compressed(&w, &c, name_of(1, "a.b."));
	assert_memory_equal(pos, "\1a\1b", 5);
}

/* A name that did not fit leaves nothing that could be pointed to. */
static void a_name_that_does_not_fit_is_not_remembered(void **state)
{
	uint8_t octets[40];

	(void)state;
	for (size_t room = 12; room < 12 + 5; room++) {
		struct writer w = writer_init(octets, room);
		struct compressor c;

		compressor_init(&c);
		writer_room(&w, 12);
		put_name_compressed(&w, &c, name_of(0, "a.b."));
		assert_true(w.full);
		w = writer_init(octets, sizeof octets);
		writer_room(&w, 12);
		put_name_compressed(&w, &c, name_of(1, "a.b."));
		assert_int_equal(writer_size(&w), 12 + 5);
	}
}

/* Reads back `count` names that were written one behind the other. */
static void check_names(const uint8_t *octets, size_t size, size_t at, const struct name_buf *names,
			size_t count)
{
	struct reader r = reader_init(octets, size);
	struct name_buf got;

	reader_take(&r, at);
	for (size_t i = 0; i < count; i++) {
		const uint8_t *start = r.pos;
		assert_true(get_name(&r, &got));
		if (!name_equal(name_view(&got), name_view(&names[i])))
			fail_msg("name %zu of %zu is another one", i, count);
		/* RFC 1035 section 4.1.4: 14 bits; what stands further on is not pointed to. */
		for (const uint8_t *p = start; p < r.pos; p += *p + 1)
			if (*p >= 0xc0) {
				assert_true(((*p & 0x3f) << 8 | p[1]) < p - octets);
				break;
			}
	}
	assert_int_equal(reader_left(&r), 0);
}

static struct name_buf many[2000];

enum shape {
	ONE_LENGTH,   /* all names and their parents of one length: one bucket each */
	MANY_LENGTHS, /* and few names in common */
	MANY_LABELS,  /* one name fills a quarter of the table */
	SHAPES,
};

static void make_names(size_t count, enum shape shape)
{
	for (unsigned i = 0; i < count; i++) {
		char text[200];

		if (shape == ONE_LENGTH)
			snprintf(text, sizeof text, "n%04u.x%03u.example.com", i, i * 7919 % 1000);
		else if (shape == MANY_LENGTHS)
			snprintf(text, sizeof text, "n%u.x%u.c%u", i, i * 7919 % 1000, i % 3);
		else
			snprintf(text, sizeof text,
				 "%u.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.%u", i, i % 5);
		assert_null(name_parse_absolute(text, &many[i]));
	}
}

/* More names than the table holds, in ways that fill it, its buckets, and its 14 bits. */
static void a_full_table_costs_octets_and_nothing_else(void **state)
{
	static const size_t starts[] = { 12, 0x3f00, 0x3ff0, 0x4000, 0x8000 };
	uint8_t *octets = malloc(ROOM);

	(void)state;
	for (enum shape shape = 0; shape < SHAPES; shape++) {
		for (size_t s = 0; s < sizeof starts / sizeof starts[0]; s++) {
			struct writer w = writer_init(octets, ROOM);
			struct compressor c;

			make_names(1000, shape);
			compressor_init(&c);
			writer_room(&w, starts[s]);
			for (size_t i = 0; i < 1000; i++)
				put_name_compressed(&w, &c, name_view(&many[i]));
			assert_false(w.full);
			check_names(octets, writer_size(&w), starts[s], many, 1000);
		}
	}
	free(octets);
}

/* Offsets grow past 0x3fff one by one: never a pointer to 0x4000, which would read as 0. */
static void no_pointer_leads_to_0x4000_or_beyond(void **state)
{
	uint8_t *octets = calloc(1, ROOM);
	struct name_buf names[2];

	(void)state;
	assert_null(name_parse_absolute("a.b.c", &names[0]));
	names[1] = names[0];
	for (size_t start = 0x3ff8; start <= 0x4002; start++) {
		struct writer w = writer_init(octets, ROOM);
		struct compressor c;

		compressor_init(&c);
		writer_room(&w, start);
		put_name_compressed(&w, &c, name_view(&names[0]));
		put_name_compressed(&w, &c, name_view(&names[1]));
		check_names(octets, writer_size(&w), start, names, 2);
		/* The suffixes a.b.c., b.c. and c. stand at start, start + 2 and start + 4. */
		size_t second = start <= 0x3fff       ? 2
				: start + 2 <= 0x3fff ? 4
				: start + 4 <= 0x3fff ? 6
						      : 7;
		assert_int_equal(writer_size(&w) - start - 7, second);
	}
	free(octets);
}

/*
 * Work is bounded: however many names of one length and last letter there are, a name that
 * is not among the last COMPRESS_SEARCH of them goes out in full.
 */
static void only_some_names_of_one_length_are_looked_at(void **state)
{
	uint8_t octets[4000];
	struct writer w = writer_init(octets, sizeof octets);
	struct compressor c;

	(void)state;
	for (unsigned i = 0; i < COMPRESS_SEARCH + 1; i++) {
		char text[10];
		snprintf(text, sizeof text, "n%03ux", i);
		assert_null(name_parse_absolute(text, &many[i]));
	}
	compressor_init(&c);
	writer_room(&w, 12);
	for (size_t i = 0; i < COMPRESS_SEARCH + 1; i++)
		put_name_compressed(&w, &c, name_view(&many[i]));
	size_t before = writer_size(&w);
	put_name_compressed(&w, &c, name_view(&many[1])); /* the last that is looked at */
	assert_int_equal(writer_size(&w) - before, 2);
	before = writer_size(&w);
	put_name_compressed(&w, &c, name_view(&many[0]));
	assert_int_equal(writer_size(&w) - before, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_written_with_the_longest_suffix_that_is_known),
		cmocka_unit_test(the_question_is_known_from_the_start),
		cmocka_unit_test(a_rewind_forgets_what_came_behind_it),
		cmocka_unit_test(a_rewound_name_is_not_looked_at_again),
		cmocka_unit_test(a_name_that_does_not_fit_is_not_remembered),
		cmocka_unit_test(a_full_table_costs_octets_and_nothing_else),
		cmocka_unit_test(no_pointer_leads_to_0x4000_or_beyond),
		cmocka_unit_test(only_some_names_of_one_length_are_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
