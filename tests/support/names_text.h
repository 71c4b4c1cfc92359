/*
 * names_text.h -- what a file of names gives, as text.
 *
 *	nas.home.arpa. 10.0.0.3 300            given by the reader, in its order
 *	files.home.arpa. 10.0.0.3 300 alias
 *
 * and what was found, as it is printed for people.
 */
#ifndef SUPPORT_NAMES_TEXT_H
#define SUPPORT_NAMES_TEXT_H

#include "zone/names.h"

struct names_text {
	enum names_format format;
	const char *domain; /* NULL: home.arpa. */
	int64_t now_s;
	enum finding_form form; /* of the findings */
	/* Filled in. */
	char given[64 * 1024];
	char found[64 * 1024];
	size_t count;
	size_t first_at; /* where the first name stands in the text */
	int64_t expires_s;
};

/*
 * Reads n octets against a guard page; a '\n' stands behind them, as the readers
 * are promised, and the octet behind that cannot be read.
 */
void names_text_read(struct names_text *t, const void *octets, size_t n);

/* The same for a C string; fails the test unless it gives and finds this. */
void names_text_expect(struct names_text *t, const char *rule, const char *text, const char *given,
		       const char *found);

#endif
