/*
 * config_reading.h -- a configuration that is read from a text, and what was said about it.
 */
#ifndef TESTS_APP_CONFIG_READING_H
#define TESTS_APP_CONFIG_READING_H

#include <string.h>

#include "app/config.h"
#include "support/memory_files.h"

/* A configuration that was read, and what was said about it. */
struct reading {
	struct config c;
	struct diag d;
	bool good;
	char findings[8192]; /* "line:column: message", one a line; '~' for each octet underlined */
	struct text said;
};

static inline void keep(void *self, const struct finding *f)
{
	struct reading *r = self;

	assert_int_equal(f->severity, SEVERITY_ERROR);
	assert_string_equal(f->file, "conf");
	text_format(&r->said, "%u:%u+%u: %s\n", f->line, f->column, f->width, f->message);
}

static inline void read_octets(struct reading *r, const char *text, size_t n)
{
	struct memory_files memory = { .count = 0 };
	struct files files = memory_files(&memory);

	memory_files_add(&memory, "conf", text, n);
	r->said = text_init(r->findings, sizeof r->findings);
	r->d = (struct diag){ .report = keep, .self = r };
	r->good = config_read_file(&r->c, "conf", &files, &r->d);
	assert_int_equal(memory.open, 0);
	assert_int_equal(r->good, r->d.errors == 0);
	assert_true(r->c.has_file);
}

static inline struct reading *reading_of(const char *text)
{
	static struct reading r;

	config_init(&r.c);
	read_octets(&r, text, strlen(text));
	return &r;
}

/* The configuration of a text without errors. */
static inline struct config *good(const char *text)
{
	struct reading *r = reading_of(text);

	if (!r->good)
		fail_msg("'%.60s': %s", text, r->findings);
	return &r->c;
}

struct error_case {
	const char *text, *expect;
};

static inline void check_errors(const struct error_case *c, size_t n)
{
	for (; n > 0; n--, c++) {
		struct reading *r = reading_of(c->text);

		if (strcmp(r->findings, c->expect) != 0)
			fail_msg("'%.60s': '%s' instead of '%s'", c->text, r->findings, c->expect);
		config_free(&r->c);
	}
}

#define CHECK_ERRORS(cases) check_errors(cases, sizeof cases / sizeof cases[0])

static inline void assert_address(const struct address *a, const char *expect)
{
	char room[ADDRESS_TEXT_MAX];
	struct text out = text_init(room, sizeof room);

	address_print(a, &out);
	assert_string_equal(room, expect);
}

static inline void assert_name(const struct name_buf *name, const char *expect)
{
	char room[NAME_MAX_TEXT];
	struct text out = text_init(room, sizeof room);

	name_print(name_view(name), &out);
	assert_string_equal(room, expect);
}

#endif
