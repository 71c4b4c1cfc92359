/*
 * test_files_pieces.c -- a large file piece by piece: the same octets at the same addresses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/files.h"
#include "support/folder.h"

enum { ROOM = 1 << 20 };

static uint8_t octets[ROOM];
static size_t page;

static int make_folder(void **state)
{
	(void)state;
	page = (size_t)getpagesize();
	for (size_t i = 0; i < ROOM; i++)
		octets[i] = (uint8_t)(i * 2654435761u >> 13);
	folder_make();
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	remove(folder_path("file"));
	return rmdir(test_folder);
}

static void write_file(size_t size, const char *mode)
{
	FILE *f = fopen(folder_path("file"), mode);

	assert_non_null(f);
	assert_int_equal(fwrite(octets, 1, size, f), size);
	fclose(f);
}

static void begin(struct file_text *text, size_t size, size_t piece)
{
	struct files files = files_system();

	write_file(size, "wb");
	assert_null(files.read_pieces(files.self, NULL, folder_path("file"), ROOM, piece, text));
	assert_int_equal(text->size, size);
}

static void end(struct file_text *text)
{
	struct files files = files_system();

	files.release(files.self, text);
}

static void look(const struct file_text *text)
{
	assert_memory_equal(text->octets + text->from, octets + text->from,
			    text->ready - text->from);
	if (text->ready == text->size)
		assert_int_equal(text->octets[text->size], '\n');
}

static void a_file_of_few_pieces_is_read_as_a_whole(void **state)
{
	struct file_text text;

	(void)state;
	begin(&text, 4 * page - 1, page);
	assert_int_equal(text.ready, 0);
	assert_memory_equal(text.octets, octets, text.size);
	assert_int_equal(text.octets[text.size], '\n');
	assert_null(file_text_recall(&text));
	end(&text);
}

/* The last octet at the end of a page, and on either side of it. */
static void pieces_are_the_file_one_behind_the_other(void **state)
{
	(void)state;
	for (size_t size = 8 * page - 1; size <= 8 * page + 1; size++) {
		for (size_t left = 0; left < 2 * page; left += page / 2 - 1) {
			struct file_text text;

			begin(&text, size, page);
			assert_true(text.ready == page);
			look(&text);
			while (text.ready < size) {
				size_t behind = left < text.ready ? text.ready - left : 0;

				assert_null(file_text_more(&text, text.octets + behind));
				assert_true(text.from <= behind && behind < text.from + 3 * page);
				look(&text);
			}
			end(&text);
		}
	}
}

/* Two pieces are in memory at a time, however long the file is. */
static void what_is_not_kept_is_not_in_memory(void **state)
{
	struct file_text text;
	size_t most = 0;

	(void)state;
	begin(&text, 64 * page, 4 * page);
	while (text.ready < text.size) {
		assert_null(file_text_more(&text, text.octets + text.ready - 1));
		if (text.ready - text.from > most)
			most = text.ready - text.from;
	}
	assert_int_equal(most, 8 * page);
	end(&text);
}

/* Somebody else who asks for memory could get them, and a message would write over his. */
static void the_addresses_of_what_is_not_kept_stay_taken(void **state)
{
	struct file_text text;

	(void)state;
	begin(&text, 16 * page, page);
	while (text.ready < text.size)
		assert_null(file_text_more(&text, text.octets + text.ready));
	assert_true(text.from > 0);
	for (size_t at = 0; at < text.size; at += page)
		assert_int_equal(msync(text.octets + at, page, MS_ASYNC), 0);
	end(&text);
}

/* An entry that is as long as the file: it is lexed anew a few times, not once a piece. */
static void a_piece_is_as_large_as_what_is_kept(void **state)
{
	struct file_text text;
	unsigned pieces = 1;

	(void)state;
	begin(&text, 128 * page, page);
	for (; text.ready < text.size; pieces++)
		assert_null(file_text_more(&text, text.octets));
	assert_int_equal(pieces, 8);
	assert_memory_equal(text.octets, octets, text.size);
	end(&text);
}

static void all_of_it_can_be_called_back_at_any_time(void **state)
{
	(void)state;
	for (size_t n = 1; n <= 10 * page; n += page) {
		struct file_text text;

		begin(&text, 10 * page, page);
		while (text.ready < n)
			assert_null(file_text_more(&text, text.octets + text.ready - 1));
		assert_null(file_text_recall(&text));
		assert_int_equal(text.from, 0);
		assert_int_equal(text.ready, text.size);
		look(&text);
		assert_null(file_text_recall(&text));
		end(&text);
	}
}

static void a_file_that_changes_between_two_pieces_is_told(void **state)
{
	struct file_text text;

	(void)state;
	begin(&text, 8 * page, page);
	write_file(1, "ab");
	assert_ptr_equal(file_text_more(&text, text.octets + text.ready), file_changes);
	assert_ptr_equal(file_text_recall(&text), file_changes);
	assert_ptr_equal(file_text_recall(&text), file_changes);
	end(&text);
}

/* As editors save: the old file is read to its end. */
static void a_file_that_is_replaced_is_the_old_one_still(void **state)
{
	struct file_text text;

	(void)state;
	begin(&text, 8 * page, page);
	assert_int_equal(remove(folder_path("file")), 0);
	assert_null(file_text_more(&text, text.octets + text.ready));
	look(&text);
	end(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_of_few_pieces_is_read_as_a_whole),
		cmocka_unit_test(pieces_are_the_file_one_behind_the_other),
		cmocka_unit_test(what_is_not_kept_is_not_in_memory),
		cmocka_unit_test(the_addresses_of_what_is_not_kept_stay_taken),
		cmocka_unit_test(a_piece_is_as_large_as_what_is_kept),
		cmocka_unit_test(all_of_it_can_be_called_back_at_any_time),
		cmocka_unit_test(a_file_that_changes_between_two_pieces_is_told),
		cmocka_unit_test(a_file_that_is_replaced_is_the_old_one_still),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
