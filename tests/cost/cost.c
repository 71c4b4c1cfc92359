/*
 * cost.c -- the worst that each kind of input can ask for, to be counted in instructions.
 *
 *	cost              names of all cases, each with its size
 *	cost NAME N       prepares an input of N parts, and has it done by measure()
 *
 * tests/cost/run.py runs it under callgrind, which collects while measure() is on the
 * stack and nowhere else.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/config.h"
#include "dns/edns.h"
#include "dns/rrtype.h"
#include "serve/response.h"
#include "sim/sim.h"
#include "support/memory_files.h"
#include "support/property.h"
#include "support/quiet_zone.h"
#include "zone/diff.h"
#include "zone/zonefile.h"

enum { TEXT_MAX = 64 << 20 };

static const struct siphash_key key = { 3, 4 };
static char text[TEXT_MAX];
static size_t used;

/* All that is counted happens below this. */
void measure(void (*run)(void));
__attribute__((noinline)) void measure(void (*run)(void))
{
	run();
}

static void __attribute__((format(printf, 1, 2))) add(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	used += (size_t)vsnprintf(text + used, sizeof text - used, format, args);
	va_end(args);
	PROPERTY(used < sizeof text);
}

static void ignore(void *self, const struct finding *f)
{
	(void)self, (void)f;
}

/* ------ zone text ------ */

static const char head[] = "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n";

static void address_line(unsigned i)
{
	add("host-%u A 192.0.2.%u\n", i, i % 256);
}

static void line_of_one_rrset(unsigned i)
{
	add("many A 10.0.%u.%u\n", i / 256 % 256, i % 256);
}

static void line_of_one_name(unsigned i)
{
	add("many TYPE%u \\# 1 00\n", 30000 + i);
}

static void deep_line(unsigned i)
{
	add("x%u.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a A "
	    "10.0.0.1\n",
	    i);
}

static void alias_line(unsigned i)
{
	add("c%u CNAME c%u\n", i, i + 1);
}

static void cut_line(unsigned i)
{
	add("d%u NS ns.d%u\nns.d%u A 192.0.2.1\n", i, i, i);
}

static void wildcard_line(unsigned i)
{
	add("*.w%u MX 10 nowhere%u\n", i, i);
}

static void same_line(unsigned i)
{
	(void)i;
	add("same A 192.0.2.1\n");
}

static void wrong_line(unsigned i)
{
	add("wrong%u A 192.0.2.256\n", i);
}

static void mail_line(unsigned i)
{
	add("many MX %u mail%u\n", i, i);
}

static void open_line(unsigned i)
{
	add(i == 0 ? "open TXT ( a\n" : " a\n");
}

static void comment_line(unsigned i)
{
	(void)i;
	add(" ; a comment that is as long as comments are, for somebody who may read it\n");
}

static void escaped_line(unsigned i)
{
	add("e%u TXT \"\\000\\001\\002\\003\\004\\005\\006\\007\\008\\009\\010\\011\\012\\013\\014\"\n",
	    i);
}

static void bitmap_line(unsigned i)
{
	add("b%u NSEC b TYPE65535 TYPE%u A TYPE32768 MX TYPE256 TYPE512 TYPE1024\n", i, i % 65000);
}

static void names_line(unsigned i)
{
	add("10.%u.%u.%u name-%u other-%u\n", i / 65536 % 256, i / 256 % 256, i % 256, i, i);
}

static void lease_line(unsigned i)
{
	add("2000000000 02:00:00:00:00:01 10.%u.%u.%u lease-%u *\n", i / 65536 % 256, i / 256 % 256,
	    i % 256, i);
}

static void peer_line(unsigned i)
{
	add("[Peer]\n# peer-%u\nPublicKey = x\nAllowedIPs = 10.%u.%u.%u/32\n", i, i / 65536 % 256,
	    i / 256 % 256, i % 256);
}

static enum names_format format;
static bool is_names;

static uint8_t *image_of(size_t *size)
{
	struct memory_files memory = { .count = 0 };
	struct files files = memory_files(&memory);
	struct diag diag = { .report = ignore };
	struct names_file names = { format, "names" };
	struct zonefile zf = { .files = &files,
			       .path = is_names ? NULL : "zone",
			       .origin = "example.",
			       .key = &key,
			       .diag = &diag,
			       .names = &names,
			       .name_count = is_names,
			       .now_s = 1700000000,
			       .limits = builder_limits_default,
			       .wants_lint = true,
			       .wants_pointers = true };

	memory_files_add(&memory, is_names ? "names" : "zone", text, used);
	uint8_t *octets = zonefile_image(&zf, size);
	zonefile_free(&zf);
	return octets;
}

static void read_zone(void)
{
	size_t size;

	free(image_of(&size));
}

static void cost_of_lines(void (*line)(unsigned i), unsigned n)
{
	if (!is_names)
		add("%s", head);
	for (unsigned i = 0; i < n; i++)
		line(i);
	if (line == open_line)
		add(")\n");
	measure(read_zone);
}

static void generate(unsigned n)
{
	add("%s$GENERATE 1-%u host-$ A 10.0.0.1\n", head, n);
	measure(read_zone);
}

/* ------ two zones ------ */

static struct image was, is;

static void report(void *self, const struct difference *d)
{
	(void)self, (void)d;
}

static void compare(void)
{
	static struct zone_diff d;

	d.report = report;
	PROPERTY(zone_diff(&d, &was, &is));
}

static void open_zone(struct image *z, unsigned n, const char *name)
{
	size_t size;

	used = 0;
	add("%s", head);
	for (unsigned i = 0; i < n; i++)
		add("%s%u A 192.0.2.1\n", name, i);
	uint8_t *octets = image_of(&size);
	PROPERTY(octets && image_open(z, octets, size));
}

static void difference(unsigned n)
{
	open_zone(&was, n, "old");
	open_zone(&is, n, "new");
	measure(compare);
}

/* ------ configuration ------ */

static void read_config(void)
{
	struct memory_files memory = { .count = 0 };
	struct files files = memory_files(&memory);
	struct diag diag = { .report = ignore };
	struct config c;

	memory_files_add(&memory, "conf", text, used);
	config_init(&c);
	(void)(config_read_file(&c, "conf", &files, &diag) && config_complete(&c));
	config_free(&c);
}

static void zone_directives(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		add("zone z%u.test file-%u\n", i, i);
	measure(read_config);
}

static void forward_directives(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		add("forward f%u.test 192.0.2.1 192.0.2.2\n", i);
	measure(read_config);
}

static void wrong_directives(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		add("forwrad f%u.test\n", i);
	measure(read_config);
}

/* ------ zones that come one after the other ------ */

static struct image *zones;
static struct image_header *headers;
static struct catalog catalog;

static void take_zones(void)
{
	for (size_t i = 0; i < catalog.count; i++) {
		const struct image fresh = { .header = &headers[i] };

		PROPERTY(catalog_replace(&catalog, i, &fresh));
	}
}

static void zones_come(unsigned n)
{
	zones = calloc(n, sizeof *zones);
	headers = calloc(n, sizeof *headers);
	PROPERTY(zones && headers && catalog_init(&catalog, zones, n, &key));
	for (unsigned i = 0; i < n; i++) {
		char room[32];
		struct text name = text_init(room, sizeof room);
		struct name_buf origin;

		text_format(&name, "z%u.example.", i);
		PROPERTY(!name_parse_absolute(room, &origin));
		name_copy(&headers[i].origin, name_view(&origin));
	}
	measure(take_zones);
}

/* ------ queries ------ */

static uint8_t message[65536];
static struct writer w;
static struct quiet_zone zone;
static enum via via;

static void answer(void)
{
	static uint8_t out[RESPOND_MAX_SIZE];
	const uint8_t peer[4] = { 192, 0, 2, 9 };
	struct request req = { .octets = message,
			       .size = writer_size(&w),
			       .via = via,
			       .peer = { peer, 4 },
			       .now_s = 1700000000 };
	struct response what;

	(void)respond(&zone.responder, &req, out, via == VIA_TCP ? RESPOND_MAX_SIZE : 4096, &what);
}

static void put_header(unsigned questions, unsigned additional)
{
	w = writer_init(message, sizeof message);
	put_u16(&w, 1);
	put_u16(&w, FLAG_RD);
	put_u16(&w, (uint16_t)questions);
	put_u32(&w, 0);
	put_u16(&w, (uint16_t)additional);
}

static void put_text_name(const char *name)
{
	struct name_buf n;

	PROPERTY(!name_parse_absolute(name, &n));
	put_octets(&w, name_view(&n).octets, name_view(&n).size);
}

static void put_query(const char *name, uint16_t type)
{
	put_header(1, 0);
	put_text_name(name);
	put_u16(&w, type);
	put_u16(&w, CLASS_IN);
}

static void open_asked(void (*line)(unsigned i), unsigned n)
{
	used = 0;
	add("%s", head);
	for (unsigned i = 0; i < n; i++)
		line(i);
	PROPERTY(quiet_zone_open(&zone, QUIET_ORIGIN, (struct slice){ (uint8_t *)text, used }));
}

/* A name among n: no dearer than among half of them. */
static void query_among(unsigned n)
{
	open_asked(address_line, n);
	put_query("host-7.example.", TYPE_A);
	measure(answer);
}

static void query_for_many(unsigned n)
{
	open_asked(mail_line, n);
	put_query("many.example.", TYPE_MX);
	via = VIA_TCP;
	measure(answer);
}

static void query_of_labels(unsigned n)
{
	char name[300] = "";

	open_asked(wildcard_line, 1);
	for (unsigned i = 0; i < n; i++)
		strcat(name, "a.");
	strcat(name, "nowhere.example.");
	put_query(name, TYPE_A);
	measure(answer);
}

static void query_of_aliases(unsigned n)
{
	open_asked(alias_line, n);
	put_query("c0.example.", TYPE_A);
	via = VIA_TCP;
	measure(answer);
}

static void query_of_options(unsigned n)
{
	open_asked(address_line, 1);
	put_header(1, 1);
	put_text_name("host-0.example.");
	put_u16(&w, TYPE_A);
	put_u16(&w, CLASS_IN);
	put_u8(&w, 0);
	put_u16(&w, TYPE_OPT);
	put_u16(&w, 1232);
	put_u32(&w, 0);
	put_u16(&w, (uint16_t)(4 * n));
	for (unsigned i = 0; i < n; i++)
		put_u32(&w, 65001u << 16);
	measure(answer);
}

static void query_of_records(unsigned n)
{
	open_asked(address_line, 1);
	put_header(1, n);
	put_text_name("host-0.example.");
	put_u16(&w, TYPE_A);
	put_u16(&w, CLASS_IN);
	for (unsigned i = 0; i < n; i++) {
		put_u16(&w, 0xc00c);
		put_u16(&w, TYPE_A);
		put_u16(&w, CLASS_IN);
		put_u32(&w, 0);
		put_u16(&w, 0);
	}
	via = VIA_TCP;
	measure(answer);
}

/* ------ names ------ */

static void read_names(void)
{
	struct reader r = reader_init(message, writer_size(&w));
	struct name_buf n;

	reader_take(&r, HEADER_SIZE);
	while (reader_left(&r) > 0)
		PROPERTY(get_name(&r, &n));
}

/* Names of as many pieces as may be, each found by a pointer; then n that are such a pointer. */
static void names_by_pointers(unsigned n)
{
	size_t last = HEADER_SIZE;

	put_header(0, 0);
	put_u8(&w, 0);
	for (unsigned i = 0; i < NAME_MAX_POINTERS - 1; i++) {
		size_t at = writer_size(&w);

		put_u16(&w, 1 << 8 | 'a');
		put_u16(&w, (uint16_t)(0xc000 | last));
		last = at;
	}
	for (unsigned i = 0; i < n; i++)
		put_u16(&w, (uint16_t)(0xc000 | last));
	measure(read_names);
}

/* ------ responses of upstream servers ------ */

static struct response_room room;

static void take_response(void)
{
	struct reader r = reader_init(message, writer_size(&w));
	struct header h;
	struct question q;
	struct response_taken taken;

	PROPERTY(get_header(&r, &h) && get_question(&r, &q));
	const struct response_question asked = { q.name, q.type, 0, 0, false };
	(void)response_take(&room, &asked, (struct slice){ message, writer_size(&w) }, &taken);
}

static void put_response(unsigned answers)
{
	static struct catalog none;
	static struct routes routes;

	PROPERTY(catalog_init(&none, NULL, 0, &key) && routes_init(&routes, &key));
	PROPERTY(routes_add(&routes, name_root) == 0);
	room.routes = &routes;
	room.zones = &none;
	put_query("a.example.", TYPE_A);
	message[2] |= 0x80;
	store_u16(message + 6, (uint16_t)answers);
}

static void put_answer_record(unsigned label, uint16_t type, const void *rdata, unsigned size)
{
	const uint8_t owner[] = { 2, (uint8_t)('a' + label % 26), (uint8_t)(1 + label / 26 % 255) };

	if (label != UINT_MAX)
		put_octets(&w, owner, sizeof owner);
	put_u16(&w, 0xc00c);
	put_u16(&w, type);
	put_u16(&w, CLASS_IN);
	put_u32(&w, 60);
	put_u16(&w, (uint16_t)size);
	put_octets(&w, rdata, size);
}

static void response_of_addresses(unsigned n)
{
	put_response(n);
	for (unsigned i = 0; i < n; i++)
		put_answer_record(UINT_MAX, TYPE_A, "\xc0\0\2\1", 4);
	measure(take_response);
}

static void cost_of_owners(unsigned n, uint16_t type, const void *rdata, unsigned size)
{
	put_response(n);
	for (unsigned i = 0; i < n; i++)
		put_answer_record(i, type, rdata, size);
	measure(take_response);
}

static void response_of_owners(unsigned n)
{
	cost_of_owners(n, TYPE_TXT, "\0", 1);
}

static void response_of_aliases(unsigned n)
{
	cost_of_owners(n, TYPE_CNAME, "\xc0\x0c", 2);
}

static void response_of_dnames(unsigned n)
{
	cost_of_owners(n, TYPE_DNAME, "\0", 1);
}

/* ------ a whole server ------ */

static struct sim sim;
static unsigned queries;
static void (*name_of)(unsigned i, char name[64]);

static void ask_all(void)
{
	struct address client, server;

	PROPERTY(!address_parse(&client, "192.0.2.7", 5000));
	PROPERTY(!address_parse(&server, "192.0.2.1", 53));
	for (unsigned i = 0; i < queries; i++) {
		char name[64];

		name_of(i, name);
		put_query(name, TYPE_A);
		store_u16(message, (uint16_t)i);
		sim_send(&sim, &client, &server, false, (struct slice){ message, writer_size(&w) });
		sim_settle(&sim);
		while (sim.mail_count > 0)
			sim_drop_mail(&sim, sim.mail_count - 1);
	}
}

static void ask_a_server(void (*name)(unsigned i, char name[64]), unsigned n)
{
	static const char config[] = "forward . 192.0.2.200\nallow attached\nminimal\n"
				     "zone example. zone\n";
	struct address ip4, ip6, up;

	sim_init(&sim, 1);
	PROPERTY(!address_parse(&ip4, "192.0.2.1", 53) && !address_parse(&ip6, "2001:db8::1", 53));
	PROPERTY(!address_parse(&up, "192.0.2.200", 53));
	struct host *h = sim_add_host(&sim, &ip4, &ip6);
	PROPERTY(h && host_write(h, HOST_CONFIG,
				 (struct slice){ (const uint8_t *)config, strlen(config) }));
	PROPERTY(host_write(h, "zone", quiet_zone_text) && host_start(h));
	sim_peer(&sim, &up)->manners = MANNERS_HONEST;
	name_of = name;
	queries = n;
	measure(ask_all);
	PROPERTY(!sim_broken(&sim));
}

static void one_name(unsigned i, char name[64])
{
	(void)i;
	strcpy(name, "www.example.com.");
}

static void many_names(unsigned i, char name[64])
{
	snprintf(name, 64, "n%u.example.com.", i);
}

static void own_name(unsigned i, char name[64])
{
	(void)i;
	strcpy(name, "ns.example.");
}

static void hits(unsigned n)
{
	ask_a_server(one_name, n);
}

static void misses(unsigned n)
{
	ask_a_server(many_names, n);
}

static void own(unsigned n)
{
	ask_a_server(own_name, n);
}

/* ------ the list ------ */

static const struct {
	const char *name;
	unsigned n;
	void (*run)(unsigned n);
	void (*line)(unsigned i);
	char names; /* format of a file of names, or 0: a zone file */
} cases[] = {
	{ "zone-addresses", 2000, NULL, address_line, 0 },
	{ "zone-one-rrset", 500, NULL, line_of_one_rrset, 0 },
	{ "zone-one-name", 500, NULL, line_of_one_name, 0 },
	{ "zone-deep-names", 300, NULL, deep_line, 0 },
	{ "zone-aliases", 2000, NULL, alias_line, 0 },
	{ "zone-cuts", 1000, NULL, cut_line, 0 },
	{ "zone-wildcards", 1000, NULL, wildcard_line, 0 },
	{ "zone-same-record", 2000, NULL, same_line, 0 },
	{ "zone-errors", 2000, NULL, wrong_line, 0 },
	{ "zone-parentheses", 2000, NULL, open_line, 0 },
	{ "zone-comments", 2000, NULL, comment_line, 0 },
	{ "zone-escapes", 1000, NULL, escaped_line, 0 },
	{ "zone-bitmaps", 500, NULL, bitmap_line, 0 },
	{ "zone-generate", 5000, generate, NULL, 0 },
	{ "names-hosts", 1000, NULL, names_line, 'h' },
	{ "names-leases", 1000, NULL, lease_line, 'l' },
	{ "names-peers", 1000, NULL, peer_line, 'p' },
	{ "diff-all", 2000, difference, NULL, 0 },
	{ "config-zones", 300, zone_directives, NULL, 0 },
	{ "config-forwards", 200, forward_directives, NULL, 0 },
	{ "config-errors", 200, wrong_directives, NULL, 0 },
	{ "zones-come", 2000, zones_come, NULL, 0 },
	{ "query-in-a-zone-of", 10000, query_among, NULL, 0 },
	{ "query-rrset-of", 1000, query_for_many, NULL, 0 },
	{ "query-labels", 55, query_of_labels, NULL, 0 },
	{ "query-aliases", 20, query_of_aliases, NULL, 0 },
	{ "query-options", 30, query_of_options, NULL, 0 },
	{ "query-records", 2000, query_of_records, NULL, 0 },
	{ "name-pointers", 2000, names_by_pointers, NULL, 0 },
	{ "response-addresses", 1500, response_of_addresses, NULL, 0 },
	{ "response-owners", 1500, response_of_owners, NULL, 0 },
	{ "response-aliases", 1500, response_of_aliases, NULL, 0 },
	{ "response-dnames", 1500, response_of_dnames, NULL, 0 },
	{ "server-hits", 500, hits, NULL, 0 },
	{ "server-misses", 500, misses, NULL, 0 },
	{ "server-own", 500, own, NULL, 0 },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		unsigned n = argc == 3 ? (unsigned)atoi(argv[2]) : 0;

		if (argc != 3)
			printf("%s %u\n", cases[i].name, cases[i].n);
		if (argc != 3 || strcmp(cases[i].name, argv[1]) != 0)
			continue;
		is_names = cases[i].names != 0;
		format = cases[i].names == 'l'   ? NAMES_LEASES
			 : cases[i].names == 'p' ? NAMES_PEERS
						 : NAMES_HOSTS;
		if (cases[i].line)
			cost_of_lines(cases[i].line, n);
		else
			cases[i].run(n);
		return 0;
	}
	return argc == 3;
}
