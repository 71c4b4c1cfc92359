/*
 * RRsets of a sealed zone written into a message.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "serve/record.h"
#include "support/guard.h"
#include "support/world.h"
#include "zone/lookup.h"

static struct world w;

static int open_world(void **state)
{
	static char text[60000];
	char *p = text;

	(void)state;
	p += sprintf(p, "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\n@ NS ns.sub\n"
			"mail MX 10 mail\nmail MX 20 mail.sub\nsrv SRV 1 2 3 mail\nd DNAME mail\n"
			"a A 192.0.2.1\na A 192.0.2.2\na A 192.0.2.3\n"
			"t TXT short\nt TXT \"a longer one\"\nl LOC 1 N 2 E 3m\n"
			"rp RP mail.a srv.a\nkx KX 1 mail\nminfo MINFO mail srv\n");
	for (int i = 0; i < 400; i++)
		p += sprintf(p, "many TXT \"%050d\"\n", i);
	world_init(&w);
	world_zone(&w, "x.", text);
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_free(&w);
	return 0;
}

/* An RRset of the zone, and its owner name. */
static const struct rrset *find(const char *name, uint16_t type, struct name_buf *owner)
{
	struct probe probe;
	uint8_t octets[256];

	owner->size = (uint8_t)print_name_octets(name, octets);
	memcpy(owner->octets, octets, owner->size);
	probe_init(&probe, &w.catalog.key, name_view(owner));
	struct match match = zone_lookup(&w.zones[0], &probe);
	assert_int_equal(match.found, FOUND_NODE);
	const struct rrset *set = node_find(match.node, type);
	assert_non_null(set);
	return set;
}

/* A message in exactly `size` octets; the question is for the owner itself. */
static uint8_t *begin(struct message *m, size_t size, struct name qname)
{
	uint8_t *octets = malloc(size);

	message_init(m, octets, size);
	put_question(m, &(struct question){ qname, 255, 1 });
	return octets;
}

static void rrsets_are_written_to_the_octet(void **state)
{
	static const struct {
		const char *name, *owner;
		uint16_t type;
		const char *hex; /* behind the question, which is at 12 */
	} cases[] = {
		{ "the owner is a pointer to the question, in every record (RFC 1035 section 4.1.4)",
		  "a.x.", 1,
		  "c00c 0001 0001 00000e10 0004 c0000201"
		  "c00c 0001 0001 00000e10 0004 c0000202"
		  "c00c 0001 0001 00000e10 0004 c0000203" },
		{ "names in the RDATA of RFC 1035's types are compressed, to the one before too",
		  "mail.x.", 15,
		  "c00c 000f 0001 00000e10 0004 000a c00c"
		  "c00c 000f 0001 00000e10 000d 0014 046d61696c 03737562 c011" },
		{ "MINFO is one of them", "minfo.x.", 14,
		  "c00c 000e 0001 00000e10 000d 046d61696c c012 03737276 c012" },
		{ "names in later types are not (RFC 3597 section 4)", "srv.x.", 33,
		  "c00c 0021 0001 00000e10 000e 0001 0002 0003 046d61696c 0178 00" },
		{ "nor in DNAME (RFC 6672 section 2.5)", "d.x.", 39,
		  "c00c 0027 0001 00000e10 0008 046d61696c 0178 00" },
		{ "nor in RP and KX, which came before that rule but not in RFC 1035", "rp.x.", 17,
		  "c00c 0011 0001 00000e10 0013 046d61696c 0161 0178 00 03737276 0161 0178 00" },
		{ "KX", "kx.x.", 36, "c00c 0024 0001 00000e10 000a 0001 046d61696c 0178 00" },
		{ "records of one RRset have a length of their own each", "t.x.", 16,
		  "c00c 0010 0001 00000e10 0006 0573686f7274"
		  "c00c 0010 0001 00000e10 000d 0c61206c6f6e676572206f6e65" },
		{ "SOA has two names and five numbers", "x.", 6,
		  "c00c 0006 0001 00000e10 001d 026e73 c00c 0168 c00c"
		  "00000001 00000002 00000003 00000004 0000003c" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct name_buf name;
		struct message m;
		const struct rrset *set = find(cases[i].owner, cases[i].type, &name);
		struct owner owner = { name_view(&name), 12 };
		uint8_t *octets = begin(&m, 2000, name_view(&name));
		size_t start = message_size(&m), n;
		const uint8_t *expect = guard_hex(cases[i].hex, &n);

		assert_true(put_rrset(&m, &w.zones[0], &owner, set, 3600, SECTION_ANSWER));
		if (message_size(&m) - start != n || memcmp(octets + start, expect, n) != 0)
			fail_msg("%s: %zu octets, not %zu", cases[i].name, message_size(&m) - start,
				 n);
		assert_int_equal(m.count[SECTION_ANSWER], set->count);
		free(octets);
		guard_release();
	}
}

/* RFC 2181 section 5: whole or not at all, and then as if nothing had been tried. */
static void an_rrset_that_does_not_fit_leaves_no_trace(void **state)
{
	static const struct {
		const char *owner;
		uint16_t type;
	} sets[] = { { "a.x.", 1 }, { "mail.x.", 15 }, { "srv.x.", 33 }, { "t.x.", 16 },
		     { "x.", 2 },   { "x.", 6 },       { "many.x.", 16 } };
	static uint8_t whole[40000];

	(void)state;
	for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
		struct name_buf name, ns;
		struct message m;
		const struct rrset *set = find(sets[i].owner, sets[i].type, &name);
		const struct rrset *before = find("x.", 2, &ns);
		struct owner owner = { name_view(&name), 0 }, first = { name_view(&ns), 0 };
		uint8_t *octets = begin(&m, sizeof whole, name_root);

		assert_true(put_rrset(&m, &w.zones[0], &first, before, 1, SECTION_ANSWER));
		size_t start = message_size(&m);
		assert_true(put_rrset(&m, &w.zones[0], &owner, set, 1, SECTION_AUTHORITY));
		size_t need = message_size(&m);
		memcpy(whole, octets, need);
		free(octets);
		for (size_t size = start; size<need; size += need> 2000 ? 37 : 1) {
			octets = begin(&m, size, name_root);
			first.offset = owner.offset = 0;
			assert_true(put_rrset(&m, &w.zones[0], &first, before, 1, SECTION_ANSWER));
			assert_false(put_rrset(&m, &w.zones[0], &owner, set, 1, SECTION_AUTHORITY));
			assert_int_equal(message_size(&m), start);
			assert_int_equal(m.count[SECTION_ANSWER], before->count);
			assert_int_equal(m.count[SECTION_AUTHORITY], 0);
			assert_int_equal(owner.offset, 0);
			assert_false(m.w.full);
			/* With room again it is written as if for the first time. */
			if (size == need - 1) {
				octets = realloc(octets, need);
				struct message again = m;
				again.w.base = octets;
				again.w.pos = octets + start;
				again.w.end = octets + need;
				assert_true(put_rrset(&again, &w.zones[0], &owner, set, 1,
						      SECTION_AUTHORITY));
				/* Behind the header, which is not written yet. */
				assert_memory_equal(octets + 12, whole + 12, need - 12);
			}
			free(octets);
		}
	}
}

/* Pointers have 14 bits: behind 0x4000 the owner is written in full, and read back right. */
static void far_behind_in_a_message_names_go_without_pointers_to_there(void **state)
{
	struct name_buf name, other;
	struct message m;
	const struct rrset *many = find("many.x.", 16, &name), *a = find("a.x.", 1, &other);
	uint8_t *octets = begin(&m, 65535, name_root);
	struct owner owner = { name_view(&name), 0 };

	(void)state;
	assert_true(put_rrset(&m, &w.zones[0], &owner, many, 60, SECTION_ANSWER));
	assert_true(message_size(&m) > 0x4000);
	assert_int_equal(owner.offset, 12 + 5);
	owner = (struct owner){ name_view(&other), 0 };
	assert_true(put_rrset(&m, &w.zones[0], &owner, a, 60, SECTION_AUTHORITY));
	assert_int_equal(owner.offset, 0);
	owner = (struct owner){ name_view(&name), 0 };
	assert_true(put_rrset(&m, &w.zones[0], &owner, many, 61, SECTION_ADDITIONAL));
	message_finish(&m, 1, FLAG_QR);
	const struct printed *p = print_reply(octets, message_size(&m));
	assert_null(p->problem);
	assert_int_equal(p->record_count, 400 + 3 + 400);
	assert_true(print_has(p, "ns", "a.x. 60 A 192.0.2.3"));
	free(octets);
}

static void the_owner_of_a_later_record_is_found_again(void **state)
{
	struct name_buf name;
	struct message m;
	const struct rrset *set = find("a.x.", 1, &name);
	uint8_t *octets = begin(&m, 512, name_root);
	struct owner owner = { name_view(&name), 0 };

	(void)state;
	assert_true(put_rrset(&m, &w.zones[0], &owner, set, 60, SECTION_ANSWER));
	assert_int_equal(owner.offset, 17); /* behind header and question, where it was written */
	size_t before = message_size(&m);
	struct owner again = { name_view(&name), 0 };
	assert_true(put_rrset(&m, &w.zones[0], &again, set, 60, SECTION_ADDITIONAL));
	assert_int_equal(message_size(&m) - before, 3 * 16);
	assert_int_equal(again.offset, 17); /* where the pointer leads, not where it stands */
	free(octets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rrsets_are_written_to_the_octet),
		cmocka_unit_test(an_rrset_that_does_not_fit_leaves_no_trace),
		cmocka_unit_test(far_behind_in_a_message_names_go_without_pointers_to_there),
		cmocka_unit_test(the_owner_of_a_later_record_is_found_again),
	};

	return cmocka_run_group_tests(tests, open_world, close_world);
}
