/*
 * Domain names: text, wire, order (RFC 1035, RFC 4034 section 6.1, RFC 4343).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dns/name.h"
#include "support/guard.h"

#define L10 "aaaaaaaaaa"
#define L63 L10 L10 L10 L10 L10 L10 "aaa"
#define L62 L10 L10 L10 L10 L10 L10 "aa"
#define L61 L10 L10 L10 L10 L10 L10 "a"

static struct name name_of(const char *hex)
{
	size_t n;
	const uint8_t *octets = guard_hex(hex, &n);

	return (struct name){ octets, (uint8_t)n };
}

static const char *parse(const char *text, const char *origin_hex, struct name_buf *out)
{
	size_t n = strlen(text);

	return name_parse(guard_copy(text, n), n, name_of(origin_hex), out);
}

/* ------ text ------ */

#define ORIGIN "02646500" /* de. */

static void names_are_read_from_text(void **state)
{
	static const struct {
		const char *name, *text, *hex, *problem;
	} cases[] = {
		{ "an absolute name ends with a dot (RFC 1035 section 5.1)", "a.b.", "01610162 00",
		  NULL },
		{ "a relative one gets the origin", "a.b", "01610162 02646500", NULL },
		{ "@ is the origin", "@", "02646500", NULL },
		{ "@ with more is a label", "@a.", "024061 00", NULL },
		{ "an escaped @ is a label", "\\@", "0140 02646500", NULL },
		{ "@ with a dot is a label", "@.", "0140 00", NULL },
		{ "the root", ".", "00", NULL },
		{ "case is kept (RFC 4343 section 4)", "aB.", "026142 00", NULL },
		{ "\\. is a dot within a label", "a\\.b.", "03612e62 00", NULL },
		{ "\\. at the end does not end the name", "a\\.", "02612e 02646500", NULL },
		{ "\\DDD is an octet", "\\000\\255\\065.", "0300ff41 00", NULL },
		{ "\\\\ is a backslash", "\\\\.", "015c 00", NULL },
		{ "only three digits belong to an escape", "\\0655.", "024135 00", NULL },
		{ "\\X is X whatever X is", "\\a\\;\\\".", "03613b22 00", NULL },
		{ "octets above 127 are octets", "\xc3\xa4.", "02c3a4 00", NULL },
		{ "underscore, star and hyphen need no escape", "_a.*.-.", "025f61 012a 012d 00",
		  NULL },
		{ "nothing is no name", "", NULL, "empty" },
		{ "two dots make an empty label", "a..b.", NULL, "empty label" },
		{ "a dot in front too", ".a.", NULL, "empty label" },
		{ "two dots are not the root", "..", NULL, "empty label" },
		{ "an escape has three digits", "\\12", NULL, "escape" },
		{ "not two and a letter", "\\12a.", NULL, "escape" },
		{ "256 is no octet", "\\256.", NULL, "escape" },
		{ "999 neither", "\\999.", NULL, "escape" },
		{ "a backslash alone is no escape", "a\\", NULL, "escape" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct name_buf out;
		const char *problem = parse(cases[i].text, ORIGIN, &out);
		size_t n;

		if (cases[i].problem) {
			if (!problem || !strstr(problem, cases[i].problem))
				fail_msg("%s: '%s' gives '%s'", cases[i].name, cases[i].text,
					 problem);
			continue;
		}
		const uint8_t *octets = guard_hex(cases[i].hex, &n);
		if (problem || out.size != n || memcmp(out.octets, octets, n) != 0)
			fail_msg("%s: '%s' (%s)", cases[i].name, cases[i].text, problem);
		guard_release();
	}
}

/* Four labels of 63, 63, 63 and `last` octets: 194 + last octets with the root. */
static void text_of_size(char *out, unsigned size, bool absolute)
{
	int last = (int)size - 194;

	sprintf(out, "%s.%s.%s.%.*s%s", L63, L63, L63, last, L63, absolute ? "." : "");
}

static void limits_of_labels_and_names_hold(void **state)
{
	char text[400];
	struct name_buf out;

	(void)state;
	sprintf(text, "%s.", L63);
	assert_null(parse(text, "00", &out));
	assert_int_equal(out.size, 65);
	sprintf(text, "%sa.", L63);
	assert_string_equal(parse(text, "00", &out), "label longer than 63 octets");
	sprintf(text, "%sa", L63);
	assert_string_equal(parse(text, "00", &out), "label longer than 63 octets");
	text_of_size(text, 255, true);
	assert_null(parse(text, "00", &out));
	assert_int_equal(out.size, 255);
	assert_int_equal(name_labels(name_view(&out)), 4);
	text_of_size(text, 256, true);
	assert_non_null(strstr(parse(text, "00", &out), "longer than 255"));
	text_of_size(text, 255, false);
	assert_null(parse(text, "00", &out));
	text_of_size(text, 252, false);
	assert_null(parse(text, ORIGIN, &out));
	assert_int_equal(out.size, 255);
	text_of_size(text, 253, false);
	assert_non_null(strstr(parse(text, ORIGIN, &out), "longer than 255 octets (with origin)"));
	/* 127 labels of one octet are 255 octets; 128 are too many. */
	for (int labels = 127; labels <= 128; labels++) {
		text[0] = '\0';
		for (int i = 0; i < labels; i++)
			strcat(text, "a.");
		const char *problem = parse(text, "00", &out);
		assert_int_equal(problem != NULL, labels == 128);
	}
	assert_int_equal(name_labels(name_view(&out)), 127);
	/* Far too long in one label, and by escapes. */
	for (int i = 0; i < 90; i++)
		memcpy(text + 4 * i, "\\001", 5);
	assert_string_equal(parse(text, "00", &out), "label longer than 63 octets");
	guard_release();
}

/* A name is too long when it is, and not one octet before. */
static void the_first_mistake_of_a_long_name_is_told(void **state)
{
	char text[4 * 63 + 2 + 2];
	struct name_buf out;

	(void)state;
	memset(text, 'x', sizeof text);
	for (size_t i = 62; i < 4 * 63; i += 63)
		text[i] = '.';
	memcpy(text + 4 * 63 + 2, "\\9", 2);
	assert_string_equal(name_parse((const uint8_t *)text, sizeof text, name_root, &out),
			    "bad \\DDD escape in name");
	assert_string_equal(name_parse((const uint8_t *)text, 4 * 63 + 2, name_root, &out),
			    "name longer than 255 octets (with origin)");
}

/*
 * Plain names are read in another way than those with a backslash: the first letter is
 * written both ways here, with labels and names of all sizes around the limits.
 */
static void an_escape_changes_nothing_else(void **state)
{
	static const size_t labels[] = { 1, 2, 7, 8, 9, 62, 63, 64 };
	const struct name origin = { (const uint8_t *)"\3net", 5 };

	(void)state;
	for (size_t i = 0; i < 8 * 2 * 300; i++) {
		uint8_t plain[310], escaped[310];
		struct name_buf a, b;
		size_t label = labels[i % 8], size = 1 + i / 16;

		for (size_t k = 0; k < size; k++)
			plain[k] = k % (label + 1) == label ? '.' : (uint8_t)('a' + k % 26);
		if (i / 8 % 2)
			plain[size - 1] = size > 1 ? '.' : 'a';
		escaped[0] = '\\';
		memcpy(escaped + 1, plain, size);
		const char *why = name_parse(plain, size, origin, &a);
		const char *other = name_parse(escaped, size + 1, origin, &b);
		assert_true(why ? other && strcmp(why, other) == 0 : !other);
		if (!why && (a.size != b.size || memcmp(a.octets, b.octets, a.size) != 0))
			fail_msg("'%.*s'", (int)size, plain);
	}
}

static void absolute_names_need_no_final_dot_in_options(void **state)
{
	struct name_buf a, b;

	(void)state;
	assert_null(name_parse_absolute("example.com", &a));
	assert_null(name_parse_absolute("example.com.", &b));
	assert_int_equal(a.size, 13);
	assert_true(name_equal(name_view(&a), name_view(&b)));
	assert_null(name_parse_absolute(".", &a));
	assert_int_equal(a.size, 1);
	assert_non_null(name_parse_absolute("", &a));
	assert_non_null(name_parse_absolute("a..b", &a));
}

static void names_are_printed_so_that_they_can_be_read_again(void **state)
{
	static const struct {
		const char *name, *hex, *text;
	} cases[] = {
		{ "the root is a dot", "00", "." },
		{ "absolute, with a final dot", "0377777702646500", "www.de." },
		{ "case is kept", "025A7a00", "Zz." },
		{ "characters with a meaning in zone files have a backslash",
		  "092e5c2228293b40240a00", "\\.\\\\\\\"\\(\\)\\;\\@\\$\\010." },
		{ "what cannot be printed is \\DDD (row 15)", "0600 2e 5c 0a 1b ff 00",
		  "\\000\\.\\\\\\010\\027\\255." },
		{ "a blank is \\032, DEL is \\127", "02207f00", "\\032\\127." },
		{ "others stay", "052a2f5f2d7e00", "*/_-~." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char room[NAME_MAX_TEXT];
		struct text out = text_init(room, sizeof room);
		struct name n = name_of(cases[i].hex);
		struct name_buf again;

		name_print(n, &out);
		if (strcmp(room, cases[i].text) != 0)
			fail_msg("%s: %s", cases[i].name, room);
		assert_null(parse(room, ORIGIN, &again));
		assert_int_equal(again.size, n.size);
		assert_memory_equal(again.octets, n.octets, n.size);
		guard_release();
	}
}

/* Every octet value, and the longest text there can be. */
static void every_octet_goes_to_text_and_back(void **state)
{
	char room[NAME_MAX_TEXT];
	struct name_buf name, again;

	(void)state;
	for (int octet = 0; octet < 256; octet++) {
		struct text out = text_init(room, sizeof room);
		memcpy(name.octets, "\3x?x\0", 5);
		name.octets[2] = (uint8_t)octet;
		name.size = 5;
		name_print(name_view(&name), &out);
		assert_false(out.full);
		assert_null(parse(room, ORIGIN, &again));
		assert_int_equal(again.size, 5);
		assert_memory_equal(again.octets, name.octets, 5);
		guard_release();
	}
	memset(name.octets, 0, sizeof name.octets);
	name.octets[0] = name.octets[64] = name.octets[128] = 63;
	name.octets[192] = 61;
	name.size = 255;
	struct text out = text_init(room, sizeof room);
	name_print(name_view(&name), &out);
	assert_false(out.full);
	assert_int_equal(out.used, NAME_MAX_TEXT - 1);
}

/* ------ comparing ------ */

static void names_are_equal_in_any_case_of_ascii_letters(void **state)
{
	static const struct {
		const char *name, *a, *b;
		bool equal;
	} cases[] = {
		{ "A is a", "014100", "016100", true },
		{ "Z is z", "015a00", "017a00", true },
		{ "@ is not ` (0x40, 0x60)", "014000", "016000", false },
		{ "[ is not { (0x5b, 0x7b)", "015b00", "017b00", false },
		{ "0xc1 is not 0xe1: ASCII only (RFC 4343 section 3)", "01c100", "01e100", false },
		{ "labels are not joined by their text", "0361626300", "01610262630 0", false },
		{ "a label of three and one of two and one", "02616201630 0", "01610262630 0",
		  false },
		{ "a parent is not its child", "016200", "0161016200", false },
		{ "the root is the root", "00", "00", true },
		{ "the length octet 65 cannot be, 33 and 1 are no case of each other",
		  "210000000000000000"
		  "00000000000000000000000000000000000000000000000000 00",
		  "0100 00", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct name a = name_of(cases[i].a), b = name_of(cases[i].b);

		if (name_equal(a, b) != cases[i].equal || name_equal(b, a) != cases[i].equal)
			fail_msg("%s", cases[i].name);
		if ((name_compare(a, b) == 0) != cases[i].equal)
			fail_msg("compared, %s", cases[i].name);
		guard_release();
	}
}

static void a_name_is_within_itself_and_its_ancestors(void **state)
{
	static const struct {
		const char *name, *child, *ancestor;
		bool within;
	} cases[] = {
		{ "itself", "0161016200", "0161016200", true },
		{ "its parent", "0161016200", "016200", true },
		{ "in any case", "0161014200", "016200", true },
		{ "the root", "0161016200", "00", true },
		{ "the root is within the root", "00", "00", true },
		{ "not its child", "016200", "0161016200", false },
		{ "not its sibling", "0161016200", "0163016200", false },
		{ "a label's end is no ancestor", "02616200", "016200", false },
		/* The octets of b. stand at the end of the label "x\001b": ends alike, is not below. */
		{ "nor are octets that look like one", "03780162 00", "016200", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (name_is_within(name_of(cases[i].child), name_of(cases[i].ancestor)) !=
		    cases[i].within)
			fail_msg("%s", cases[i].name);
		guard_release();
	}
}

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

/* The example of RFC 4034 section 6.1, in its order, then others. */
static void names_stand_in_canonical_order(void **state)
{
	static const char *const order[] = {
		".",
		"example.",
		"a.example.",
		"yljkjljk.a.example.",
		"Z.a.example.",
		"zABC.a.EXAMPLE.",
		"z.example.",
		"\\001.z.example.",
		"*.z.example.",
		"\\200.z.example.",
		"examplea.",
		"zz.",
		"a.zz.",
		"a\\000.zz.",
		"aa.zz.",
		"b.zz.",
		"\\255.zz.",
	};
	enum { COUNT = sizeof order / sizeof order[0] };
	struct name_buf names[COUNT];

	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		assert_null(parse(order[i], "00", &names[i]));
	for (size_t i = 0; i < COUNT; i++)
		for (size_t j = 0; j < COUNT; j++)
			if (sign(name_compare(name_view(&names[i]), name_view(&names[j]))) !=
			    (i > j) - (i < j))
				fail_msg("%s and %s", order[i], order[j]);
	guard_release();
}

static void the_longest_names_are_compared(void **state)
{
	struct name_buf a, b;

	(void)state;
	for (int i = 0; i < 127; i++)
		memcpy(a.octets + 2 * i, "\1x", 2);
	a.octets[254] = 0;
	a.size = 255;
	b = a;
	assert_int_equal(name_compare(name_view(&a), name_view(&b)), 0);
	b.octets[1] = 'y';
	assert_true(name_compare(name_view(&a), name_view(&b)) < 0);
	assert_true(name_compare(name_parent(name_view(&a)), name_view(&a)) < 0);
	assert_int_equal(name_labels(name_view(&a)), 127);
}

static void a_suffix_is_replaced(void **state)
{
	char text[300];
	struct name_buf out, n, owner, target;

	(void)state;
	assert_null(name_parse_absolute("a.B.c", &n));
	assert_null(name_parse_absolute("C", &owner));
	assert_null(name_parse_absolute("x.y", &target));
	assert_true(
		name_replace_suffix(name_view(&n), name_view(&owner), name_view(&target), &out));
	assert_int_equal(out.size, 9);
	assert_memory_equal(out.octets, "\1a\1B\1x\1y\0", 9);
	assert_true(name_replace_suffix(name_view(&n), name_view(&n), name_root, &out));
	assert_int_equal(out.size, 1);
	/* RFC 6672 section 2.2: 255 octets are a name, 256 are not. */
	for (unsigned size = 251; size <= 252; size++) {
		text_of_size(text, size, true);
		assert_null(name_parse_absolute(text, &target));
		assert_int_equal(name_replace_suffix(name_view(&n), name_view(&owner),
						     name_view(&target), &out),
				 size == 251);
	}
	assert_int_equal(out.size, 255);
}

/* ------ wire ------ */

/* A message: 12 octets of header, then `hex`; the name is read at `at`, up to `end` octets before the end. */
struct wire {
	const char *name, *hex;
	size_t at;
	const char *text; /* NULL: not a name */
	size_t after;     /* where the reader then stands */
};

static bool read_at(const uint8_t *octets, size_t n, size_t at, struct name_buf *out, size_t *after)
{
	struct reader r = reader_init(octets, n);

	reader_take(&r, at);
	bool ok = get_name(&r, out);
	assert_int_equal(ok, !r.bad);
	*after = (size_t)(r.pos - r.base);
	return ok;
}

#define HEADER "000000000000000000000000"

static const struct wire wires[] = {
	{ "labels in line", HEADER "0161016200", 12, "a.b.", 17 },
	{ "the root", HEADER "00", 12, ".", 13 },
	{ "case is kept", HEADER "014100", 12, "A.", 15 },
	{ "a pointer alone (RFC 1035 section 4.1.4)", HEADER "016100 c00c", 15, "a.", 17 },
	{ "labels and a pointer", HEADER "016100 0162c00c", 15, "b.a.", 19 },
	{ "a pointer into the middle of a name", HEADER "0161016200 0163c00e", 17, "c.b.", 21 },
	{ "a pointer to the root of a name", HEADER "016100 c00e", 15, ".", 17 },
	{ "a pointer to a pointer", HEADER "016100 c00c c00f", 17, "a.", 19 },
	{ "pointers through labels", HEADER "016100 0162c00c 0163c00f", 19, "c.b.a.", 23 },
	{ "nothing at all", HEADER, 12, NULL, 0 },
	{ "no end", HEADER "0161", 12, NULL, 0 },
	{ "a label cut short", HEADER "0361 61", 12, NULL, 0 },
	{ "half a pointer", HEADER "016100 c0", 15, NULL, 0 },
	{ "a pointer to itself", HEADER "016100 c00f", 15, NULL, 0 },
	{ "a pointer to its own second octet", HEADER "016100 c010", 15, NULL, 0 },
	{ "a pointer to the start of its own labels", HEADER "016100 0162c00f", 15, NULL, 0 },
	{ "a pointer into its own labels", HEADER "016100 0262 62c011", 15, NULL, 0 },
	{ "a pointer forward", HEADER "c00f 00 016100", 12, NULL, 0 },
	{ "a pointer to the next octet", HEADER "c00e 00", 12, NULL, 0 },
	{ "a pointer beyond the message", HEADER "c0ff", 12, NULL, 0 },
	{ "a pointer to 0", HEADER "c000", 12, NULL, 0 },
	{ "a pointer to the header's last octet", HEADER "c00b", 12, NULL, 0 },
	{ "a pointer whose target points forward again", HEADER "c010 0000 0161c00c", 16, NULL, 0 },
	{ "a target that points forward, though to before the name", HEADER "c00e 016200 0161c00c",
	  17, NULL, 0 },
	{ "two pointers at each other", HEADER "c00e c00c", 14, NULL, 0 },
	{ "a loop through labels", HEADER "0161c010 0162c00c", 16, NULL, 0 },
	{ "a target whose labels run into the pointing name", HEADER "0361 c00c00", 14, NULL, 0 },
	{ "label type 01", HEADER "4100 00", 12, NULL, 0 },
	{ "label type 10", HEADER "8100 00", 12, NULL, 0 },
	{ "label type 01 behind a pointer", HEADER "4100 c00c", 14, NULL, 0 },
	{ "a label of 63",
	  HEADER "3f"
		 "6161616161616161616161616161616161616161616161616161616161616161"
		 "61616161616161616161616161616161616161616161616161616161616161"
		 "00",
	  12, L63 ".", 77 },
};

static void compressed_names_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wires / sizeof wires[0]; i++) {
		const struct wire *c = &wires[i];
		struct name_buf out;
		char room[NAME_MAX_TEXT];
		size_t n, after;
		const uint8_t *octets = guard_hex(c->hex, &n);

		if (read_at(octets, n, c->at, &out, &after) != (c->text != NULL))
			fail_msg("%s", c->name);
		if (c->text) {
			struct text text = text_init(room, sizeof room);
			name_print(name_view(&out), &text);
			if (strcmp(room, c->text) != 0 || after != c->after)
				fail_msg("%s: %s, then at %zu", c->name, room, after);
		}
		guard_release();
	}
}

/* Cut off at every octet nothing is a name, and nothing is read beyond the cut. */
static void no_prefix_of_a_name_is_a_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wires / sizeof wires[0]; i++) {
		size_t whole, after;
		struct name_buf out;

		if (!wires[i].text)
			continue;
		guard_hex(wires[i].hex, &whole);
		for (size_t n = wires[i].at; n < wires[i].after; n++) {
			size_t same;
			const uint8_t *octets = guard_copy(guard_hex(wires[i].hex, &same), n);
			if (read_at(octets, n, wires[i].at, &out, &after))
				fail_msg("%s, %zu octets of it", wires[i].name, n);
		}
		guard_release();
	}
}

/* RDATA: labels in line may not pass the record's end, though the message goes on. */
static void a_name_ends_within_its_record(void **state)
{
	static const struct {
		const char *name, *hex;
		size_t at, size;
		bool good;
	} cases[] = {
		{ "to the octet", HEADER "0161016200 ffff", 12, 5, true },
		{ "without its root", HEADER "0161016200 ffff", 12, 4, false },
		{ "within a label", HEADER "0161016200 ffff", 12, 3, false },
		{ "half a pointer", HEADER "016100 c00c ffff", 15, 1, false },
		{ "a whole pointer, to what is before the record", HEADER "016100 c00c ffff", 15, 2,
		  true },
		{ "no octet at all", HEADER "016100 c00c ffff", 15, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t n;
		struct reader r = reader_init(guard_hex(cases[i].hex, &n), 0);
		struct name_buf out;

		r = reader_init(r.base, n);
		reader_take(&r, cases[i].at);
		struct reader rdata = reader_sub(&r, cases[i].size);
		if (get_name(&rdata, &out) != cases[i].good)
			fail_msg("%s", cases[i].name);
		guard_release();
	}
}

/* `hops` pointers, each behind one label of one octet when labels are wanted. */
static bool read_chain(unsigned hops, bool labels, struct name_buf *out)
{
	static uint8_t octets[0x4000 + 64];
	size_t n = 12, last = 12, after;

	memset(octets, 0, 12);
	octets[n++] = 0;
	for (unsigned i = 0; i < hops; i++) {
		size_t at = n;
		if (labels) {
			octets[n++] = 1;
			octets[n++] = 'a';
		}
		octets[n++] = (uint8_t)(0xc0 | last >> 8);
		octets[n++] = (uint8_t)last;
		last = at;
	}
	bool ok = read_at(guard_copy(octets, n), n, last, out, &after);
	guard_release();
	return ok;
}

static void pointers_and_octets_are_counted(void **state)
{
	struct name_buf out;

	(void)state;
	assert_true(read_chain(126, false, &out));
	assert_int_equal(out.size, 1);
	assert_false(read_chain(127, false, &out));
	assert_false(read_chain(8000, false, &out));
	/* Each hop with a label: 126 labels are 253 octets. */
	assert_true(read_chain(126, true, &out));
	assert_int_equal(out.size, 253);
	assert_false(read_chain(127, true, &out));
}

/* A name of `size` octets: labels of one octet, the first of two when the size is even. */
static size_t put_labels(uint8_t *p, unsigned size)
{
	size_t n = 0;

	if (size % 2 == 0) {
		memcpy(p, "\2aa", 3);
		n = 3;
	}
	for (; n + 1 < size; n += 2)
		memcpy(p + n, "\1a", 2);
	p[n] = 0;
	return n + 1;
}

static void names_have_255_octets_at_most(void **state)
{
	uint8_t octets[600];
	struct name_buf out;
	struct name view;
	size_t after;

	(void)state;
	memset(octets, 0, sizeof octets);
	for (unsigned size = 250; size <= 260; size++) {
		size_t n = 12 + put_labels(octets + 12, size);
		const uint8_t *copy = guard_copy(octets, n);
		assert_int_equal(n, 12 + size);
		assert_int_equal(read_at(copy, n, 12, &out, &after), size <= 255);
		struct reader r = reader_init(copy, n);
		reader_take(&r, 12);
		assert_int_equal(get_name_view(&r, &view), size <= 255);
		if (size <= 255)
			assert_int_equal(view.size, size);
	}
	/* The same joined by a pointer: one label of two octets more. */
	for (unsigned size = 250; size <= 260; size++) {
		size_t n = 12 + put_labels(octets + 12, size - 2);
		memcpy(octets + n, "\1b\300\14", 4);
		const uint8_t *copy = guard_copy(octets, n + 4);
		assert_int_equal(read_at(copy, n + 4, n, &out, &after), size <= 255);
		if (size <= 255)
			assert_int_equal(out.size, size);
	}
	guard_release();
}

static void names_read_in_place_have_no_pointers(void **state)
{
	static const struct {
		const char *name, *hex;
		int size; /* -1: not a name */
	} cases[] = {
		{ "labels", "0161016200ff", 5 },
		{ "the root", "00ff", 1 },
		{ "a pointer", "0161c000", -1 },
		{ "label type 01", "410000", -1 },
		{ "label type 10", "810000", -1 },
		{ "no end", "0161", -1 },
		{ "nothing", "", -1 },
		{ "a label cut short", "056161", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t n;
		const uint8_t *octets = guard_hex(cases[i].hex, &n);
		struct reader r = reader_init(octets, n), again = r;
		struct name view;
		struct name_buf copy;
		bool good = get_name_view(&r, &view);

		if (good != (cases[i].size >= 0) || good == r.bad)
			fail_msg("%s", cases[i].name);
		assert_int_equal(get_name_plain(&again, &copy), good);
		if (good) {
			assert_ptr_equal(view.octets, octets);
			assert_int_equal(view.size, cases[i].size);
			assert_int_equal(r.pos - r.base, cases[i].size);
			assert_int_equal(copy.size, view.size);
			assert_memory_equal(copy.octets, octets, view.size);
		}
		guard_release();
	}
}

/* RFC 6891 section 5: types 01 and 10 are no lengths, even where as many octets follow. */
static void label_types_are_not_lengths(void **state)
{
	static uint8_t octets[12 + 256];
	static const uint8_t firsts[] = { 0x40, 0x41, 0x7f, 0x80, 0xbf };

	(void)state;
	for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++) {
		size_t n = 12 + 1 + firsts[i] + 1u, after;
		struct name_buf out;
		struct name view;

		memset(octets, 'a', sizeof octets);
		octets[12] = firsts[i];
		octets[n - 1] = 0;
		const uint8_t *copy = guard_copy(octets, n);
		assert_false(read_at(copy, n, 12, &out, &after));
		struct reader r = reader_init(copy + 12, n - 12);
		assert_false(get_name_view(&r, &view));
	}
	guard_release();
}

/* Nor are they pointers, where one would lead to a name. */
static void label_types_are_not_pointers(void **state)
{
	uint8_t octets[12 + 5] = { [12] = 1, 'a', 0, 0xc0, 12 };
	struct name_buf out;
	size_t after;

	(void)state;
	assert_true(read_at(guard_copy(octets, sizeof octets), sizeof octets, 15, &out, &after));
	for (octets[15] = 0x40; octets[15] < 0xc0; octets[15] = (uint8_t)(octets[15] + 0x40))
		assert_false(read_at(guard_copy(octets, sizeof octets), sizeof octets, 15, &out,
				     &after));
	guard_release();
}

/* Failure sticks: a reader that is bad already gives no name. */
static void a_bad_reader_gives_no_name(void **state)
{
	size_t n;
	struct reader r = reader_init(guard_hex("016100", &n), 3);
	struct name_buf out;

	(void)state;
	r.bad = true;
	assert_false(get_name(&r, &out));
	struct name view;
	assert_false(get_name_view(&r, &view));
	assert_ptr_equal(r.pos, r.base);
	guard_release();
}

static void put_name_writes_whole_or_sets_full(void **state)
{
	uint8_t octets[8];

	(void)state;
	for (size_t room = 0; room <= 5; room++) {
		struct writer w = writer_init(octets, room);
		put_name(&w, name_of("0161016200"));
		assert_int_equal(w.full, room < 5);
		assert_int_equal(writer_size(&w), room < 5 ? 0 : 5);
	}
	guard_release();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_read_from_text),
		cmocka_unit_test(limits_of_labels_and_names_hold),
		cmocka_unit_test(the_first_mistake_of_a_long_name_is_told),
		cmocka_unit_test(an_escape_changes_nothing_else),
		cmocka_unit_test(absolute_names_need_no_final_dot_in_options),
		cmocka_unit_test(names_are_printed_so_that_they_can_be_read_again),
		cmocka_unit_test(every_octet_goes_to_text_and_back),
		cmocka_unit_test(names_are_equal_in_any_case_of_ascii_letters),
		cmocka_unit_test(a_name_is_within_itself_and_its_ancestors),
		cmocka_unit_test(names_stand_in_canonical_order),
		cmocka_unit_test(the_longest_names_are_compared),
		cmocka_unit_test(a_suffix_is_replaced),
		cmocka_unit_test(compressed_names_are_read),
		cmocka_unit_test(no_prefix_of_a_name_is_a_name),
		cmocka_unit_test(a_name_ends_within_its_record),
		cmocka_unit_test(pointers_and_octets_are_counted),
		cmocka_unit_test(names_have_255_octets_at_most),
		cmocka_unit_test(names_read_in_place_have_no_pointers),
		cmocka_unit_test(label_types_are_not_lengths),
		cmocka_unit_test(label_types_are_not_pointers),
		cmocka_unit_test(a_bad_reader_gives_no_name),
		cmocka_unit_test(put_name_writes_whole_or_sets_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
