#include "support/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dns/rrtype.h"
#include "support/guard.h"
#include "support/looked_ahead.h"
#include "support/neighbour.h"
#include "zone/zonefile.h"

const struct siphash_key world_key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };
static const uint8_t peer[4] = { 192, 0, 2, 53 };

/* ------ a disk ------ */

void world_disk_put(struct world_disk *d, const char *path, const char *text)
{
	assert_true(d->count < WORLD_FILES);
	d->path[d->count] = path;
	d->text[d->count++] = text;
}

static const char *disk_find(const struct world_disk *d, const char *path)
{
	for (size_t i = 0; i < d->count; i++)
		if (strcmp(d->path[i], path) == 0)
			return d->text[i];
	return NULL;
}

static const char *disk_read(void *self, const char *folder, const char *path, size_t limit,
			     struct file_text *out)
{
	char whole[512];

	snprintf(whole, sizeof whole, "%s%s%s", folder ? folder : "", folder ? "/" : "", path);
	const char *text = disk_find(self, whole);
	if (!text && folder)
		text = disk_find(self, path);
	if (!text)
		return "no such file";
	size_t n = strlen(text);
	if (n > limit)
		return "the file is larger than the limit";
	out->octets = malloc(n + 1);
	memcpy(out->octets, text, n);
	out->octets[n] = '\n';
	out->size = n;
	out->id = (struct file_id){ .device = 1, .inode = (uint64_t)(uintptr_t)text, .size = n };
	return NULL;
}

static void disk_release(void *self, struct file_text *text)
{
	(void)self;
	free(text->octets);
	text->octets = NULL;
}

static bool disk_identify(void *self, const char *path, struct file_id *out)
{
	const char *text = disk_find(self, path);

	*out = (struct file_id){ .device = 1, .inode = (uint64_t)(uintptr_t)text };
	return text != NULL;
}

struct files world_files(struct world_disk *d)
{
	return (struct files){
		.read = disk_read, .release = disk_release, .identify = disk_identify, .self = d
	};
}

/* ------ zones ------ */

static void complain(void *self, const struct finding *f)
{
	char room[DIAG_FINDING_SIZE];
	struct text out = text_init(room, sizeof room);

	(void)self;
	finding_print(f, FORM_PLAIN, &out);
	fputs(room, stderr);
}

void world_init(struct world *w)
{
	*w = (struct world){ .now_s = 1559731985 };
	w->responder = (struct responder){
		.zones = &w->catalog,
		.cookie_secret = { 0x3fa4b2a6e573e9e5, 0xcfbf379e84dce748 },
	};
	assert_true(catalog_init(&w->catalog, w->zones, 0, &world_key));
}

void world_free(struct world *w)
{
	catalog_free(&w->catalog);
	for (size_t i = 0; i < w->count; i++)
		free((void *)(uintptr_t)w->zones[i].base);
	w->count = 0;
}

void world_zone(struct world *w, const char *origin, const char *text)
{
	struct files files = world_files(&w->disk);
	struct diag diag = { .report = complain };
	struct zonefile zf = {
		.files = &files,
		.path = "zone",
		.origin = origin,
		.key = &world_key,
		.limits = builder_limits_default,
		.diag = &diag,
		.wants_pointers = true,
	};
	size_t size = 0, files_before = w->disk.count;

	world_disk_put(&w->disk, "zone", text);
	uint8_t *block = zonefile_image(&zf, &size);
	zonefile_free(&zf);
	w->disk.count = files_before;
	if (!block)
		fail_msg("the zone %s is not a good one", origin);
	/* Exactly as large as it says it is: what reads beyond it is found. */
	block = realloc(block, size);
	assert_true(w->count < WORLD_ZONES);
	assert_true(image_open(&w->zones[w->count++], block, size));
	catalog_free(&w->catalog);
	assert_true(catalog_init(&w->catalog, w->zones, w->count, &world_key));
}

/* ------ questions ------ */

static void store16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static size_t hex(const char *text, uint8_t *out)
{
	size_t n = 0;
	unsigned octet;

	while (sscanf(text, "%2x", &octet) == 1) {
		out[n++] = (uint8_t)octet;
		text += 2;
	}
	return n;
}

struct draft {
	unsigned flags, id, edns, version, dnssec;
	bool has_edns;
	uint8_t options[2048];
	size_t options_size;
};

static void add_option(struct draft *d, unsigned code, const char *value)
{
	uint8_t *p = d->options + d->options_size;
	size_t n = hex(value, p + 4);

	store16(p, code);
	store16(p + 2, (unsigned)n);
	d->options_size += 4 + n;
	d->has_edns = true;
}

static void read_word(struct draft *d, enum via *via, const char *word)
{
	static const struct {
		const char *text;
		unsigned bit;
	} flags[] = { { "aa", 0x0400 }, { "tc", 0x0200 }, { "rd", 0x0100 }, { "ra", 0x0080 },
		      { "z", 0x0040 },  { "ad", 0x0020 }, { "cd", 0x0010 } };
	const char *value = strchr(word, '=');
	unsigned n = value ? (unsigned)strtoul(value + 1, NULL, 0) : 0;

	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		if (strcmp(word, flags[i].text) == 0) {
			d->flags |= flags[i].bit;
			return;
		}
	if (strcmp(word, "tcp") == 0) {
		*via = VIA_TCP;
	} else if (strncmp(word, "id=", 3) == 0) {
		d->id = n;
	} else if (strncmp(word, "opcode=", 7) == 0) {
		d->flags |= n << 11;
	} else {
		d->has_edns = true;
		if (strncmp(word, "edns=", 5) == 0)
			d->edns = n;
		else if (strncmp(word, "version=", 8) == 0)
			d->version = n;
		else if (strcmp(word, "do") == 0)
			d->dnssec = 1;
		else if (strcmp(word, "nsid") == 0)
			add_option(d, 3, "");
		else if (strncmp(word, "cookie=", 7) == 0)
			add_option(d, 10, value + 1);
		else if (strncmp(word, "option=", 7) == 0)
			add_option(d, n, strchr(word, ':') + 1);
		else if (strcmp(word, "edns") != 0)
			fail_msg("a word that questions do not have: %s", word);
	}
}

size_t world_query(const char *question, uint8_t out[WORLD_QUERY], enum via *via)
{
	struct draft d = { .id = 0x1234, .edns = 1232 };
	char copy[4096], *state = NULL;
	uint16_t type, class = 1;

	assert_true(strlen(question) < sizeof copy);
	strcpy(copy, question);
	*via = VIA_UDP;
	const char *name = strtok_r(copy, " ", &state), *word = strtok_r(NULL, " ", &state);
	if (!rrtype_parse((const uint8_t *)word, strlen(word), &type))
		fail_msg("no type: %s", word);
	size_t n = print_name_octets(name, out + 12);
	assert_true(n > 0);
	word = strtok_r(NULL, " ", &state);
	if (word && rrclass_parse((const uint8_t *)word, strlen(word), &class))
		word = strtok_r(NULL, " ", &state);
	for (; word; word = strtok_r(NULL, " ", &state))
		read_word(&d, via, word);
	memset(out, 0, 12);
	store16(out, d.id);
	store16(out + 2, d.flags);
	out[5] = 1;
	out[11] = d.has_edns;
	n += 12;
	store16(out + n, type);
	store16(out + n + 2, class);
	n += 4;
	if (d.has_edns) {
		uint8_t *p = out + n;
		memcpy(p, "\0\0\51", 3);
		store16(p + 3, d.edns);
		p[5] = 0;
		p[6] = (uint8_t)d.version;
		store16(p + 7, d.dnssec << 15);
		store16(p + 9, (unsigned)d.options_size);
		memcpy(p + 11, d.options, d.options_size);
		n += 11 + d.options_size;
	}
	return n;
}

/* ------ replies ------ */

/* What is true of every reply to whatever octets. */
static void check_reply(const struct world *w, const uint8_t *query, const uint8_t *reply)
{
	const struct printed *p = w->reply;

	if (p->problem)
		fail_msg("a reply that cannot be read: %s\n%s", p->problem, p->text);
	assert_int_equal(p->id, query[0] << 8 | query[1]);
	assert_true(p->flags & 0x8000);
	assert_int_equal(p->flags & 0x7900, (query[2] << 8 | query[3]) & 0x7900); /* opcode RD */
	assert_int_equal(p->flags & 0x00f0, 0); /* RA, Z, AD and CD mean nothing here */
	assert_int_equal(p->rcode, w->what.rcode);
	assert_int_equal(!!(p->flags & 0x0200), w->what.truncated);
	assert_true(p->count[0] <= 1);
	if (p->count[0])
		assert_memory_equal(reply + 12, query + 12, p->question_end - 12);
	if (w->what.verdict == VERDICT_HEADER)
		assert_int_equal(p->count[0] + p->record_count, 0);
	else
		assert_int_equal(p->count[0], 1);
}

static size_t udp_limit(const struct world *w)
{
	const struct edns *e = &w->what.query.edns;

	if (!e->present || e->udp_size < 512)
		return 512;
	return e->udp_size < 1232 ? e->udp_size : 1232;
}

/* Lets who keeps replies answer for names below the one that will be asked for. */
static void ask_neighbours(const struct responder *keeping, const struct request *req, size_t room)
{
	static const char *const labels[] = { "x", "neighbour" };
	struct slice query = { req->octets, req->size };
	struct responder r = *keeping;

	r.elsewhere = NULL;
	for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
		uint8_t *octets = malloc(query.size + NEIGHBOUR_ROOM), *reply = malloc(room);
		struct request other = *req;
		struct response what;

		other.octets = octets;
		other.size = neighbour_of(query, labels[i], octets);
		if (other.size > 0)
			respond(&r, &other, reply, room, &what);
		free(octets);
		free(reply);
	}
}

/*
 * Who keeps replies, and looks ahead, says the same: when it notes the query, when it keeps, and
 * when it finds.
 */
static void check_again(const struct world *w, const struct request *req, enum outcome outcome,
			const uint8_t *reply, size_t room)
{
	static struct kept kept;
	struct responder keeping = w->responder;
	uint8_t *again = malloc(room);

	kept_clear(&kept);
	keeping.kept = &kept;
	keeping.refusals = NULL;
	ask_neighbours(&keeping, req, room);
	for (int i = 0; i < 3; i++) {
		struct response what;
		enum outcome now = respond_ahead(&keeping, req, again, room, &what);

		assert_true(now == outcome || w->responder.refusals);
		if (now != OUTCOME_REPLY || outcome != OUTCOME_REPLY)
			continue;
		assert_int_equal(what.size, w->what.size);
		assert_memory_equal(again, reply, what.size);
		assert_int_equal(what.rcode, w->what.rcode);
		assert_int_equal(what.truncated, w->what.truncated);
		assert_int_equal(what.is_local, w->what.is_local);
		assert_int_equal(what.verdict, w->what.verdict);
	}
	free(again);
}

static const char *ask(struct world *w, const uint8_t *query, size_t size, enum via via)
{
	/* Exactly the room that a transport gives, so that a writer beyond it is found. */
	size_t room = via == VIA_UDP ? RESPOND_UDP_SIZE : RESPOND_MAX_SIZE;
	uint8_t *reply = malloc(room);
	struct request req = {
		.octets = guard_copy(query, size),
		.size = size,
		.via = via,
		.peer = { peer, sizeof peer },
		.now_s = w->now_s,
	};

	w->query_size = size;
	w->what.size = 0;
	enum outcome outcome = respond(&w->responder, &req, reply, room, &w->what);
	if (outcome == OUTCOME_REPLY) {
		assert_true(w->what.size <= (via == VIA_UDP ? udp_limit(w) : room));
		w->reply = print_reply(reply, w->what.size);
		check_reply(w, query, reply);
	}
	check_again(w, &req, outcome, reply, room);
	free(reply);
	guard_release();
	return outcome == OUTCOME_DROP ? "DROP" : w->reply->text;
}

const char *world_send(struct world *w, const uint8_t *octets, size_t size, enum via via)
{
	return ask(w, octets, size, via);
}

const char *world_ask(struct world *w, const char *question)
{
	uint8_t query[WORLD_QUERY];
	enum via via;
	size_t n = world_query(question, query, &via);
	const char *text = ask(w, query, n, via);

	/* RFC 6891 §6.1.1: OPT in the reply when and only when the query has one. */
	assert_int_equal(w->reply->opt, query[11]);
	return text;
}
