/*
 * response_world.h -- a response that is written record by record, and the routes
 * and zones of who takes it.
 */
#ifndef TESTS_SERVE_RESPONSE_WORLD_H
#define TESTS_SERVE_RESPONSE_WORLD_H

#include <stdio.h>
#include <string.h>

#include "dns/rdata.h"
#include "serve/response.h"
#include "support/guard.h"
#include "support/words.h"
#include "support/world.h"

enum { ID = 0x1234, ROUTE_ROOT = 0, ROUTE_CORP = 1 };

static struct routes routes;
static struct world w;
static struct response_room room;
static struct response_taken taken;

static uint8_t wire[MESSAGE_MAX_SIZE];
static struct message m;
static struct name_buf qname;
static struct response_question asked;

static inline struct name name_of(const char *text, struct name_buf *out)
{
	assert_null(name_parse_absolute(text, out));
	return name_view(out);
}

static inline int setup(void **state)
{
	struct name_buf corp;

	(void)state;
	assert_true(routes_init(&routes, &world_key));
	assert_int_equal(routes_add(&routes, name_root), ROUTE_ROOT);
	assert_int_equal(routes_add(&routes, name_of("corp.example.", &corp)), ROUTE_CORP);
	room.routes = &routes;
	world_init(&w);
	world_zone(&w, "ours.example.", "@ 60 SOA ns h 1 2 3 4 60\n@ 60 NS ns.example.\n");
	room.zones = &w.catalog;
	room.trust_ad = false;
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	routes_free(&routes);
	world_free(&w);
	guard_release();
	return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* ------ responses as text ------ */

static inline void begin(const char *name, uint16_t type)
{
	asked = (struct response_question){ name_of(name, &qname), type, 0, ROUTE_ROOT, false };
	message_init(&m, wire, sizeof wire);
	put_question(&m, &(struct question){ asked.name, type, CLASS_IN });
}

/* A record whose owner is given as octets: a name, or the end of one and a pointer. */
static inline void add_raw(struct slice owner, uint16_t type, enum section section, uint32_t ttl,
			   struct slice rdata)
{
	put_octets(&m.w, owner.octets, owner.size);
	put_u16(&m.w, type);
	put_u16(&m.w, CLASS_IN);
	put_u32(&m.w, ttl);
	put_u16(&m.w, (uint16_t)rdata.size);
	put_octets(&m.w, rdata.octets, rdata.size);
	m.count[section]++;
}

static inline enum section section_of(const char *text)
{
	if (strcmp(text, "an") == 0)
		return SECTION_ANSWER;
	return strcmp(text, "ns") == 0 ? SECTION_AUTHORITY : SECTION_ADDITIONAL;
}

/* "SECTION OWNER TTL TYPE RDATA": an, ns or ar first, as print_reply() prints it. */
static inline void add(const char *line)
{
	uint8_t rdata[1000];
	struct writer out = writer_init(rdata, sizeof rdata);
	char section[3], owner[300], type_text[20];
	struct name_buf name;
	struct words words;
	unsigned long ttl;
	uint16_t type;
	int end;

	assert_int_equal(
		sscanf(line, "%2s %299s %lu %19s %n", section, owner, &ttl, type_text, &end), 4);
	assert_true(rrtype_parse((const uint8_t *)type_text, strlen(type_text), &type));
	assert_true(words_of(line + end, &words));
	if (!rdata_parse(rrtype_find(type), &words, name_root, &out))
		fail_msg("%s: %s", line, words.problem);
	name_of(owner, &name);
	add_raw((struct slice){ name.octets, name.size }, type, section_of(section), (uint32_t)ttl,
		(struct slice){ rdata, writer_size(&out) });
}

#endif
