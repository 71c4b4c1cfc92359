/*
 * names_text.c -- what a file of names gives, as text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/ip.h"
#include "support/guard.h"
#include "support/names_text.h"
#include "support/zone_text.h"

struct outputs {
	struct names_text *t;
	struct text given, found;
	const uint8_t *text;
};

static void add(void *self, const struct named_address *n)
{
	struct outputs *o = self;

	if (o->t->count++ == 0)
		o->t->first_at = (size_t)(n->at - o->text);
	name_print(n->owner, &o->given);
	text_put(&o->given, " ");
	assert_true(n->address.size == IP4_SIZE || n->address.size == IP6_SIZE);
	if (n->address.size == IP4_SIZE)
		ip4_print(n->address.octets, &o->given);
	else
		ip6_print(n->address.octets, &o->given);
	text_format(&o->given, " %u%s\n", n->ttl, n->is_alias ? " alias" : "");
}

static void keep(void *self, const struct finding *f)
{
	struct outputs *o = self;

	finding_print(f, o->t->form, &o->found);
}

void names_text_read(struct names_text *t, const void *octets, size_t n)
{
	uint8_t *copy = malloc(n + 1);
	struct outputs o = { t, text_init(t->given, sizeof t->given),
			     text_init(t->found, sizeof t->found), NULL };
	struct diag diag = { .report = keep, .self = &o };
	struct name_buf domain;

	if (n > 0)
		memcpy(copy, octets, n);
	copy[n] = '\n';
	struct source source = { .file = "f", .text = guard_copy(copy, n + 1), .size = n };
	free(copy);
	o.text = source.text;
	assert_null(name_parse_absolute(t->domain ? t->domain : "home.arpa.", &domain));
	struct names_reading r = { .source = &source,
				   .domain = name_view(&domain),
				   .now_s = t->now_s,
				   .diag = &diag,
				   .add = add,
				   .self = &o,
				   .expires_s = -1 };
	t->count = 0;
	names_read(&r, t->format);
	t->expires_s = r.expires_s;
	guard_release();
}

void names_text_expect(struct names_text *t, const char *rule, const char *text, const char *given,
		       const char *found)
{
	names_text_read(t, text, strlen(text));
	expect_text(rule, t->given, given);
	expect_text(rule, t->found, found);
}
