/*
 * fuzz_respond.c -- a whole query: whatever comes, the reply is a message that
 * fits, has the query's id, and can be read to its end.
 */
#include "fuzz.h"
#include "support/memory_files.h"
#include "serve/respond.h"
#include "zone/zonefile.h"

static const char text[] = "$TTL 60\n@ SOA ns h 1 2 3 4 5\n NS ns\n NS ns.sub\nns A 192.0.2.1\n"
			   "a CNAME b\nb CNAME c.sub\n*.w CNAME x.w\nx.y.z TXT t\n"
			   "sub NS ns.sub\nns.sub A 192.0.2.2\nd DNAME e\n*.e MX 10 ns\n"
			   "big TXT ( \"0123456789\" )\nloop CNAME pool\npool CNAME loop\n";

static void ignore(void *self, const struct finding *f)
{
	(void)self, (void)f;
}

static const struct responder *responder(void)
{
	static const struct siphash_key key = { 3, 4 };
	static struct responder r;
	static struct catalog catalog;
	static struct image z;
	struct memory_files memory = { .count = 0 };
	struct diag diag = { .report = ignore };
	struct zonefile zf = { .path = "zone", .origin = "example.", .key = &key, .diag = &diag };
	size_t size;

	if (r.zones)
		return &r;
	memory_files_add(&memory, "zone", text, sizeof text - 1);
	struct files files = memory_files(&memory);
	zf.files = &files;
	zf.limits = builder_limits_default;
	uint8_t *image = zonefile_image(&zf, &size);
	PROPERTY(image && image_open(&z, image, size) && catalog_init(&catalog, &z, 1, &key));
	zonefile_free(&zf);
	r = (struct responder){ .zones = &catalog, .identity = { "v", "s" } };
	return &r;
}

static void ask(const uint8_t *octets, size_t size, enum via via)
{
	static uint8_t out[RESPOND_MAX_SIZE];
	const uint8_t peer[4] = { 192, 0, 2, 99 };
	struct request req = { .octets = octets,
			       .size = size,
			       .via = via,
			       .peer = { peer, sizeof peer },
			       .now_s = 1700000000 };
	size_t room = via == VIA_UDP ? RESPOND_UDP_SIZE : RESPOND_MAX_SIZE;
	struct response what;
	struct header h;
	struct question q;
	struct record rr;

	if (respond(responder(), &req, out, room, &what) == OUTCOME_DROP)
		return;
	PROPERTY(what.size <= room && what.size >= HEADER_SIZE);
	struct reader r = reader_init(out, what.size);
	PROPERTY(get_header(&r, &h) && h.flags & FLAG_QR && h.id == (octets[0] << 8 | octets[1]));
	for (unsigned i = 0; i < h.count[SECTION_QUESTION]; i++)
		PROPERTY(get_question(&r, &q));
	for (size_t i = (size_t)h.count[1] + h.count[2] + h.count[3]; i > 0; i--)
		PROPERTY(get_record(&r, &rr));
	PROPERTY(reader_left(&r) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	ask(octets, size, VIA_UDP);
	ask(octets, size, VIA_TCP);
	return 0;
}
