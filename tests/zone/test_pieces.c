/*
 * test_pieces.c -- a zone file read in pieces is the zone of the whole file, with the same
 * findings at the same lines and columns (RFC 1035 §5.1 knows no pieces).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/folder.h"
#include "zone/zonefile.h"

enum { ZONE_ROOM = 1 << 18, FOUND_ROOM = 1 << 16, ALL = 1 << 30 };

static char zone[ZONE_ROOM];
static size_t used;
static uint64_t state_of_chance;
static size_t page;

static unsigned chance(unsigned n)
{
	state_of_chance = state_of_chance * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state_of_chance >> 33) % n;
}

#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
static void
put(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int n = vsnprintf(zone + used, sizeof zone - used, format, args);
	va_end(args);
	assert_true(n >= 0 && used + (size_t)n < sizeof zone);
	used += (size_t)n;
}

static void begin_zone(uint64_t seed)
{
	state_of_chance = seed;
	used = 0;
	put("$TTL 300\n@ SOA ns hostmaster ( 1 3h 1h 1w 1d )\n@ NS ns\nns A 192.0.2.1\n");
}

/* As long as a piece, or several; comments and quotes in it hide what would end it. */
static void put_long_entry(unsigned words)
{
	put("long%u TXT ( ; ( \"\n", chance(1000));
	for (unsigned i = 0; i < words; i++)
		put(chance(3) ? "\t\"%u ) ;\"\n" : "%u ; )\n", i);
	put(")\n");
}

static void put_line(bool with_errors)
{
	static const char *const wrong[] = { "bad A 192.0.2\n", "bad MX\n",
					     "bad \"open\n",    "bad ) A\n",
					     "bad TXT \\\n",    "b..d A 192.0.2.1\n",
					     "bad NOTYPE x\n" };
	unsigned n = chance(1000);

	switch (chance(with_errors ? 12 : 11)) {
	case 0:
		put("\tAAAA 2001:db8::%x\n", n); /* of the owner above, maybe in another piece */
		break;
	case 1:
		put_long_entry(chance(40));
		break;
	case 2:
		put("; %*u\n", (int)chance(500), n);
		break;
	case 3:
		put("\n \n\t; nothing\n");
		break;
	case 4:
		put("$GENERATE 1-3 g%u-$ A 192.0.2.$\n", n);
		break;
	case 5:
		put("$ORIGIN %s\n", chance(2) ? "sub.example." : "example.");
		break;
	case 6:
		put("alias%u CNAME host%u\r\n", n, chance(1000));
		break;
	case 11:
		put("%s", wrong[chance(sizeof wrong / sizeof wrong[0])]);
		break;
	default:
		put("host%u %u IN A 192.0.2.%u\n", n, chance(9) + 1, chance(256));
	}
}

/* ------ read twice ------ */

struct outcome {
	uint8_t *image;
	size_t size;
	char found[FOUND_ROOM];
	struct text text;
};

static void tell(void *self, const struct finding *f)
{
	struct outcome *o = self;

	finding_print(f, FORM_PLAIN, &o->text);
}

static struct outcome *read_by(size_t piece)
{
	static const struct siphash_key key = { 1, 2 };
	struct outcome *o = calloc(1, sizeof *o);
	struct files files = files_system();
	struct diag diag = { .report = tell, .self = o };
	struct zonefile zf = {
		.files = &files,
		.path = folder_path("zone"),
		.origin = "example",
		.key = &key,
		.limits = builder_limits_default,
		.piece = piece,
		.diag = &diag,
		.wants_lint = true,
	};

	assert_non_null(o);
	o->text = text_init(o->found, sizeof o->found);
	o->image = zonefile_image(&zf, &o->size);
	zonefile_free(&zf);
	return o;
}

static void forget(struct outcome *o)
{
	free(o->image);
	free(o);
}

static void expect_same(const char *what, size_t piece)
{
	folder_write("zone", zone);
	struct outcome *whole = read_by(ALL), *pieces = read_by(piece);

	assert_false(whole->text.full);
	if (strcmp(text_str(&whole->text), text_str(&pieces->text)) != 0)
		fail_msg("%s, whole:\n%s\nin pieces of %zu:\n%s", what, text_str(&whole->text),
			 piece, text_str(&pieces->text));
	assert_int_equal(whole->image != NULL, pieces->image != NULL);
	assert_int_equal(whole->size, pieces->size);
	if (whole->image)
		assert_memory_equal(whole->image, pieces->image, whole->size);
	forget(whole);
	forget(pieces);
}

static void a_zone_is_the_same_in_pieces(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		begin_zone(seed);
		while (used < 12 * page)
			put_line(false);
		expect_same("a good zone", page << seed % 2);
	}
}

static void errors_are_the_same_in_pieces(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		begin_zone(seed);
		while (used < 12 * page)
			put_line(seed % 3 != 0 || used > 10 * page);
		expect_same("a bad zone", page);
	}
}

static void an_entry_may_be_longer_than_a_piece(void **state)
{
	(void)state;
	for (unsigned lines = 300; lines <= 3000; lines += 900) {
		begin_zone(lines);
		put_long_entry(lines);
		put("last A 192.0.2.1\n");
		expect_same("a long entry", page);
	}
}

/* The line of the parenthesis, however far above the end of the file. */
static void a_parenthesis_that_nobody_closes_is_found_where_it_is(void **state)
{
	(void)state;
	begin_zone(1);
	put("open TXT (\n");
	while (used < 12 * page)
		put("word ; )\n");
	expect_same("an open parenthesis", page);
	struct outcome *o = read_by(page);
	assert_non_null(strstr(text_str(&o->text), "'(' is never closed"));
	forget(o);
}

static void a_line_may_be_longer_than_a_piece(void **state)
{
	(void)state;
	begin_zone(1);
	put("; ");
	while (used < 12 * page)
		put("%u ", chance(1000));
	put("\nlast A 192.0.2.1\nlong TXT");
	while (used < 24 * page)
		put(" \"%u\"", chance(1000));
	expect_same("a long line, and none that ends the last", page);
}

/* Its text is in no piece any more when the next one is compared with it. */
static void the_last_owner_may_be_far_above(void **state)
{
	(void)state;
	begin_zone(1);
	for (unsigned i = 0; i < 9; i++) {
		put("%s A 192.0.2.%u\n", i % 3 == 0 ? "name" : i > 6 ? "out.test." : "same", i);
		for (size_t until = used + 3 * page; used < until;)
			put("; %400u\n", i);
		put("\tAAAA 2001:db8::%u\n", i);
	}
	expect_same("owners with comments in between", page);
}

static void files_that_are_included_are_read_in_pieces_too(void **state)
{
	(void)state;
	begin_zone(7);
	while (used < 12 * page)
		put_line(false);
	put("$ORIGIN example.\nin A 192.0.2.1\nbad A 192.0.2\n");
	folder_write("inner", zone + strlen("$TTL 300\n@ SOA ns hostmaster ( 1 3h 1h 1w 1d )\n"));
	begin_zone(8);
	while (used < 6 * page)
		put_line(false);
	put("owner A 192.0.2.1\n$INCLUDE inner deep\n\tAAAA 2001:db8::1\n");
	while (used < 12 * page)
		put_line(false);
	put("bad A 192.0.2\n");
	expect_same("a file in the middle of another", page);
	remove(folder_path("inner"));
}

/* ------ files that change ------ */

/* The file system, but for somebody who writes to the file as soon as its first piece was read. */
static const char *read_and_write(void *self, const char *folder, const char *path, size_t limit,
				  size_t piece, struct file_text *out)
{
	struct files files = files_system();
	const char *problem = files.read_pieces(self, folder, path, limit, piece, out);
	FILE *f = fopen(path, "ab");

	assert_non_null(f);
	fputs("; more\n", f);
	fclose(f);
	return problem;
}

static struct zonefile changing_zone(struct files *files, struct diag *diag, struct outcome *o)
{
	static const struct siphash_key key = { 1, 2 };

	*o = (struct outcome){ .text = { 0 } };
	o->text = text_init(o->found, sizeof o->found);
	*files = files_system();
	*diag = (struct diag){ .report = tell, .self = o };
	begin_zone(3);
	put("mail MX 10 nobody\n");
	while (used < 12 * page)
		put("host%u A 192.0.2.1\n", chance(1000000));
	folder_write("zone", zone);
	return (struct zonefile){
		.files = files,
		.path = folder_path("zone"),
		.origin = "example",
		.key = &key,
		.limits = builder_limits_default,
		.piece = page,
		.diag = diag,
	};
}

static void a_file_that_changes_while_it_is_read_makes_no_zone(void **state)
{
	static struct outcome o;
	struct files files;
	struct diag diag;
	struct zonefile zf = changing_zone(&files, &diag, &o);

	(void)state;
	files.read_pieces = read_and_write;
	assert_false(zonefile_read(&zf));
	assert_non_null(strstr(text_str(&o.text),
			       ": error: cannot read on: the file changed while it was read"));
	assert_true(zf.is_changing);
	zonefile_free(&zf);
}

/* The file system, but for a text of which nothing can be called back. */
static const char *read_and_lose(void *self, const char *folder, const char *path, size_t limit,
				 size_t piece, struct file_text *out)
{
	struct files files = files_system();
	const char *problem = files.read_pieces(self, folder, path, limit, piece, out);

	out->is_lost = true;
	return problem;
}

static void what_cannot_be_shown_is_told_without_a_line(void **state)
{
	static struct outcome o;
	struct files files;
	struct diag diag;
	struct zonefile zf = changing_zone(&files, &diag, &o);

	(void)state;
	put("@ SOA ns hostmaster 2 2 2 2 2\nalias CNAME ns\nalias A 192.0.2.1\n");
	folder_write("zone", zone);
	files.read_pieces = read_and_lose;
	assert_false(zonefile_read(&zf));
	assert_non_null(strstr(text_str(&o.text),
			       "zone: error: second SOA record at 'example.' (the "
			       "first is on line 0)"));
	assert_non_null(strstr(text_str(&o.text), "zone: error: CNAME and other data"));
	zonefile_free(&zf);
}

/* Which names get PTR records may stand there. */
static void a_zone_whose_marks_cannot_be_read_is_none(void **state)
{
	static struct outcome o;
	struct files files;
	struct diag diag;
	struct zonefile zf = changing_zone(&files, &diag, &o);

	(void)state;
	files.read_pieces = read_and_lose;
	zf.wants_pointers = true;
	assert_false(zonefile_read(&zf));
	assert_true(zf.is_changing);
	assert_non_null(strstr(text_str(&o.text), "zone: error: cannot be read again"));
	zonefile_free(&zf);
}

/* A line of it might be another one by now. */
static void of_a_file_that_changed_no_line_is_shown(void **state)
{
	static struct outcome o;
	struct files files;
	struct diag diag;

	(void)state;
	for (int changes = 0; changes < 2; changes++) {
		struct zonefile zf = changing_zone(&files, &diag, &o);

		assert_true(zonefile_read(&zf));
		assert_string_equal(text_str(&o.text), "");
		if (changes)
			folder_write("zone", "; all new\n");
		zonefile_lint(&zf);
		assert_non_null(strstr(text_str(&o.text), "[target-missing]"));
		assert_true((strstr(text_str(&o.text), "zone:5:12: warning") != NULL) == !changes);
		assert_true((strstr(text_str(&o.text), "mail MX 10 nobody") != NULL) == !changes);
		zonefile_free(&zf);
	}
}

static int make_folder(void **state)
{
	(void)state;
	page = (size_t)getpagesize();
	folder_make();
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	remove(folder_path("zone"));
	return rmdir(test_folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zone_is_the_same_in_pieces),
		cmocka_unit_test(errors_are_the_same_in_pieces),
		cmocka_unit_test(an_entry_may_be_longer_than_a_piece),
		cmocka_unit_test(a_parenthesis_that_nobody_closes_is_found_where_it_is),
		cmocka_unit_test(a_line_may_be_longer_than_a_piece),
		cmocka_unit_test(the_last_owner_may_be_far_above),
		cmocka_unit_test(files_that_are_included_are_read_in_pieces_too),
		cmocka_unit_test(a_file_that_changes_while_it_is_read_makes_no_zone),
		cmocka_unit_test(of_a_file_that_changed_no_line_is_shown),
		cmocka_unit_test(what_cannot_be_shown_is_told_without_a_line),
		cmocka_unit_test(a_zone_whose_marks_cannot_be_read_is_none),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
