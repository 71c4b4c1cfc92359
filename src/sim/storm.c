/*
 * storm.c -- everything at once, by chance.
 */
#include "sim/storm.h"
#include "sim/forgery.h"
#include "sim/peer.h"

#include <stdlib.h>

enum { LINE_MAX_SIZE = 8192, UPSTREAMS = 3, DROP_EVERY = 32 };

static unsigned below(struct storm *t, unsigned n)
{
	return chance_below(&t->chance, n);
}

/*
 * Each draws once and appends what it drew.  Never two draws in the arguments of one
 * call: compilers take those in an order of their own.
 */
static void put_one_of(struct storm *t, struct text *out, const char *const *list, size_t count)
{
	text_put(out, list[below(t, (unsigned)count)]);
}

#define PUT_ONE_OF(t, out, list) put_one_of(t, out, list, sizeof(list) / sizeof((list)[0]))

static void put_number(struct storm *t, struct text *out, unsigned n)
{
	text_put_u32(out, below(t, n));
}

/* ------ words ------ */

static const char *const labels[] = { "nas",   "pi",        "web",        "x",
				      "WWW",   "no-such",   "alias",      "alias1",
				      "empty", "_sip._tcp", "a.b.c.d",    "big",
				      "many",  "*",         "\\000\\255", "host" };

static const char *const domains[] = { "home.arpa.",           "example.com.", "example.net.",
				       "corp.test.",           "org.",         "local.",
				       "1.0.10.in-addr.arpa.", "over.test.",   "lan.test.",
				       "16.172.in-addr.arpa.", "localhost.",   "." };

static const char *const types[] = { "A",    "A",         "A",   "AAAA",   "CNAME", "MX",    "TXT",
				     "NS",   "SOA",       "PTR", "SRV",    "ANY",   "HTTPS", "DS",
				     "AXFR", "TYPE65400", "OPT", "DNSKEY", "NSEC",  "RRSIG" };

static const char *const clients[] = { "192.0.2.7",      "192.0.2.8",     "192.0.2.9#5353",
				       "2001:db8::7",    "203.0.113.9",   "2001:db9::9",
				       "198.51.100.1#7", "192.0.2.200#53" };

static const char *const query_words[] = {
	"edns",
	"edns=512",
	"edns=4096",
	"edns=65535",
	"do",
	"cd",
	"ad",
	"norec",
	"nsid",
	"version=1",
	"opcode=4",
	"opcode=5",
	"opcode=2",
	"aa",
	"option=8:00011800c00002",
	"cookie=2464c4abcf10c957",
	"cookie=24",
	"tc",
	"cookie=2464c4abcf10c957010000005cf79f1135a5bc004134d454",
};

static void draw_name(struct storm *t, struct text *out)
{
	unsigned count = below(t, 8);

	if (count == 7) { /* one that is new each time */
		text_format(out, "h%u.", below(t, 65536));
	} else if (count > 0) {
		PUT_ONE_OF(t, out, labels);
		text_put_char(out, '.');
	}
	if (count == 6)
		for (unsigned i = below(t, 30); i > 0; i--)
			text_put(out, "abcde.");
	if (count > 0)
		PUT_ONE_OF(t, out, domains);
	else
		text_put(out, "example.com.");
	/* Below the root one dot is enough. */
	if (out->used > 1 && out->at[out->used - 2] == '.')
		out->at[--out->used] = '\0';
}

static void put_hex(struct storm *t, unsigned most, struct text *out)
{
	for (unsigned i = below(t, most); i > 0; i--)
		text_format(out, "%02x", below(t, 256));
}

/* ------ clients ------ */

static void ask(struct storm *t, struct text *out)
{
	char room[1024];
	struct text name = text_init(room, sizeof room);

	draw_name(t, &name);
	text_format(out, "client > %s ", room);
	PUT_ONE_OF(t, out, types);
	text_put(out, below(t, 50) ? "" : " CH");
	for (unsigned i = below(t, 4); i > 1; i--) {
		text_put_char(out, ' ');
		PUT_ONE_OF(t, out, query_words);
	}
	text_put(out, " from ");
	PUT_ONE_OF(t, out, clients);
	text_put(out, " id=");
	put_number(t, out, 65536);
	if (below(t, 5) == 0)
		text_put(out, " tcp");
}

static void ask_often(struct storm *t, struct text *out)
{
	text_format(out, "many-names n%u- ", below(t, 1000));
	put_number(t, out, 100);
	text_put(out, " from ");
	PUT_ONE_OF(t, out, clients);
}

/* Octets that are not, or hardly, a message. */
static void send_any(struct storm *t, struct text *out)
{
	static const char *const ways[] = { "", "", "tcp ", "stream " };

	text_put(out, "send ");
	PUT_ONE_OF(t, out, clients);
	text_put(out, " 192.0.2.1 ");
	PUT_ONE_OF(t, out, ways);
	if (below(t, 2)) { /* with a header that looks right */
		text_format(out, "%04x", below(t, 65536));
		text_format(out, "%02x00", below(t, 256));
		text_format(out, "%04x000000000000", below(t, 3));
	}
	put_hex(t, 80, out);
}

static void hang_up(struct storm *t, struct text *out)
{
	text_put(out, "hangup ");
	PUT_ONE_OF(t, out, clients);
	text_put(out, below(t, 2) ? " 192.0.2.1 reset" : " 192.0.2.1");
}

/* ------ attackers ------ */

/* Somebody has seen a question, and may get all but one thing of its answer right. */
static void forge(struct storm *t, struct text *out)
{
	const struct sim *sim = t->script->sim;

	if (!forgery_put(&sim->asked[below(t, SIM_ASKED)], &t->chance, out))
		ask(t, out);
}

/* ------ upstream servers and the network ------ */

static void change_upstream(struct storm *t, struct text *out)
{
	static const char *const manners[] = { "answers",   "answers",     "answers",
					       "cut",       "fails",       "silent",
					       "tcp works", "tcp refused", "tcp silent" };

	text_format(out, "up %u ", 1 + below(t, UPSTREAMS));
	PUT_ONE_OF(t, out, manners);
}

static void change_link(struct storm *t, struct text *out)
{
	unsigned delay = below(t, 4) ? below(t, 50) : below(t, 3000);

	text_format(out, "link delay %ums", delay);
	text_format(out, " to %ums", delay + below(t, 100));
	if (below(t, 3) == 0)
		text_format(out, " loss %u%%", below(t, 60));
	if (below(t, 3) == 0)
		text_format(out, " twice %u%%", below(t, 30));
}

static void wait(struct storm *t, struct text *out)
{
	switch (below(t, 6)) {
	case 0:
		text_format(out, "wait %us", below(t, 100));
		break;
	case 1:
		text_format(out, "wait %um", below(t, 200));
		break;
	default:
		text_format(out, "wait %ums", below(t, 1000));
	}
}

static void set_clock(struct storm *t, struct text *out)
{
	text_put(out, below(t, 2) ? "clock ahead " : "clock back ");
	text_format(out, "%ud", below(t, 25000));
}

/* ------ faults ------ */

static void fail_call(struct storm *t, struct text *out)
{
	static const char *const calls[] = { "poll", "receive", "send",    "accept",
					     "read", "write",   "close",   "spare",
					     "dial", "connect", "shutdown" };
	static const char *const errors[] = {
		"EINTR",       "EAGAIN",       "ENOBUFS",      "ENOMEM",        "EMFILE",
		"ENFILE",      "ECONNABORTED", "ECONNREFUSED", "ECONNRESET",    "EHOSTUNREACH",
		"ENETUNREACH", "ENETDOWN",     "EADDRINUSE",   "EADDRNOTAVAIL", "EPERM",
		"EACCES",      "EMSGSIZE",     "EPIPE",        "EIO",           "EINVAL",
		"ETIMEDOUT",   "short"
	};

	text_put(out, "fault ");
	PUT_ONE_OF(t, out, calls);
	text_put_char(out, ' ');
	PUT_ONE_OF(t, out, errors);
	text_put(out, " after ");
	put_number(t, out, 8);
	text_format(out, " times %u", 1 + below(t, 20));
}

static void end_faults(struct storm *t, struct text *out)
{
	(void)t;
	text_put(out, "fault none");
}

static void limit_descriptors(struct storm *t, struct text *out)
{
	text_format(out, "descriptors %u", below(t, 2) ? 1000 : 5 + below(t, 30));
}

/* ------ zones ------ */

/* More than a datagram may carry. */
static void put_big(struct text *out)
{
	text_put(out, "\tbig TXT");
	for (unsigned i = 0; i < 26; i++)
		text_put(out, " \"0123456789012345678901234567890123456789012345678\"");
	text_put_char(out, '\n');
}

static void put_zone(const struct storm *t, bool is_good, struct text *out)
{
	text_put(out, "zone home.arpa. no-ptr\n\t$TTL 300\n");
	text_format(out, "\t@ SOA ns h %u 2 3 4 60\n\t@ NS ns\n", t->version);
	text_format(out, "\tns A 10.%u.0.1\n\tnas A 10.%u.0.2\n\tpi A 10.%u.0.3\n", t->version,
		    t->version, t->version);
	text_format(out, "\t*.w A 10.%u.0.4\n", t->version);
	text_put(out, "\tweb CNAME host.example.com.\n\talias CNAME nas\n\td DNAME example.net.\n"
		      "\tsub NS ns.sub\n\tns.sub A 192.0.2.250\n");
	put_big(out);
	if (!is_good)
		text_put(out, "\tbroken A 10.0.0.256\n");
}

static void change_zone(struct storm *t, struct text *out)
{
	bool is_good = below(t, 4) > 0;

	t->version = 1 + (t->version % 250);
	if (t->memory && below(t, 2))
		text_format(out, "memory %u\n", below(t, 100));
	put_zone(t, is_good, out);
}

/* What is served from now on: not what was written, if it had errors or memory ended. */
static void note_version(struct storm *t, struct text *out)
{
	const struct image *zone = t->script->servers[0]->host->server->mapped.zones;

	if (zone->header && zone->header->serial != t->script->sim->rules.version)
		text_format(out, "version %u\n", (unsigned)zone->header->serial);
}

/* ------ the play ------ */

static const struct act {
	unsigned weight;
	void (*write)(struct storm *t, struct text *out);
} acts[] = {
	{ 40, ask },        { 3, ask_often },       { 10, send_any },   { 2, hang_up },
	{ 8, forge },       { 4, change_upstream }, { 2, change_link }, { 20, wait },
	{ 1, set_clock },   { 5, fail_call },       { 4, end_faults },  { 1, limit_descriptors },
	{ 2, change_zone },
};

static void choose(struct storm *t, struct text *out)
{
	unsigned all = 0, drawn;
	size_t i = 0;

	for (size_t k = 0; k < sizeof acts / sizeof acts[0]; k++)
		all += acts[k].weight;
	for (drawn = below(t, all); drawn >= acts[i].weight; i++)
		drawn -= acts[i].weight;
	acts[i].write(t, out);
}

static bool keep(struct storm *t, const char *text, size_t n)
{
	if (t->size + n > t->room) {
		size_t room = 2 * (t->room + n);
		char *lines = realloc(t->lines, room);

		if (!lines)
			return false;
		t->lines = lines;
		t->room = room;
	}
	memcpy(t->lines + t->size, text, n);
	t->size += n;
	return true;
}

/* Plays lines that end with a newline. */
static bool play(struct storm *t, const char *lines)
{
	struct slice text = { (const uint8_t *)lines, strlen(lines) };

	return keep(t, lines, text.size) && script_play(t->script, "storm", text);
}

/* What a configuration may have besides; of these storms have some. */
static const char overlay[] = "zone over.test. overlay\n\t$TTL 60\n\t@ SOA ns h 1 2 3 4 5\n"
			      "\t@ NS ns\n\tns A 172.16.0.1\n\tnas A 172.16.0.2\n"
			      "\t*.w AAAA 2001:db8::2\n\tweb CNAME x\n";
static const char version_for_few[] = "zone home.arpa. for 192.0.2.9 2001:db9::/32\n"
				      "\tnas A 172.16.0.3\n\tpi TXT \"for few\"\n";
static const char hosts[] = "file more\n\t172.16.0.9 tv host\n\t2001:db8::9 tv\n"
			    "hosts more in lan.test.\n";
static const char leases[] = "file leases\n"
			     "\t2000000000 02:00:00:00:00:01 172.16.0.10 x *\n"
			     "leases leases in lan.test.\n";
static const char *const extras[] = {
	"stale 1h\n",
	"trust-ad\n",
	"private-ok example.net\n",
	"allow 203.0.113.0/24\n",
	"forward 10.in-addr.arpa none\n",
	"forward example.net. 192.0.2.202\n",
	overlay,
	version_for_few,
	hosts,
	leases,
};

static bool begin(struct storm *t)
{
	char room[LINE_MAX_SIZE];
	struct text out = text_init(room, sizeof room);

	text_format(&out, "seed %u\nforward . 2\nforward corp.test. 1\n", below(t, UINT32_MAX));
	put_zone(t, true, &out);
	for (size_t i = 0; i < sizeof extras / sizeof extras[0]; i++)
		if (below(t, 3) == 0)
			text_put(&out, extras[i]);
	if (below(t, 4) == 0)
		text_put(&out, "server 192.0.2.2 2001:db8::2\nforward . 192.0.2.1\n"
			       "server 192.0.2.1 2001:db8::1\n");
	text_put(&out, "version 1\nup 1 answers\nup 2 answers\nup 3 answers\n");
	if (!play(t, room))
		return false;
	if (t->memory)
		t->script->servers[0]->host->memory = t->memory;
	return true;
}

/* Service is normal ten seconds after the last fault. */
static bool end(struct storm *t)
{
	char room[LINE_MAX_SIZE];
	struct text out = text_init(room, sizeof room);

	text_put(&out, "fault none\ndescriptors 1400\nlink\nup 1 answers\nup 2 answers\n"
		       "up 3 answers\nup 1 tcp works\nup 2 tcp works\nup 3 tcp works\n"
		       "wait 10s\ndrop\nright one.example.com.\nright two.corp.test. tcp\n"
		       "right three.example.net. from 2001:db8::7\n"
		       "client > nas.home.arpa. A id=1\nclient < id=1 NOERROR aa rd ra\n");
	unsigned version = t->script->sim->rules.version;
	text_format(&out, "\tan nas.home.arpa. 300 A 10.%u.0.2\n", version);
	text_put(&out, "\tns home.arpa. 300 NS ns.home.arpa.\n");
	text_format(&out, "\tar ns.home.arpa. 300 A 10.%u.0.1\n", version);
	return play(t, room);
}

struct storm storm_init(struct script *script, struct chance chance,
			const struct host_memory *memory)
{
	return (struct storm){ .script = script, .chance = chance, .memory = memory, .version = 1 };
}

static bool step(struct storm *t, bool drops)
{
	char room[LINE_MAX_SIZE];
	struct text out = text_init(room, sizeof room);

	choose(t, &out);
	text_put(&out, out.used > 0 && room[out.used - 1] == '\n' ? "" : "\n");
	text_put(&out, drops ? "drop\n" : "");
	if (!play(t, room))
		return false;
	out = text_init(room, sizeof room);
	note_version(t, &out);
	return play(t, room);
}

bool storm_play(struct storm *t, unsigned steps)
{
	if (!begin(t))
		return false;
	for (unsigned i = 0; i < steps && !chance_is_over(&t->chance); i++)
		if (!step(t, i % DROP_EVERY == DROP_EVERY - 1))
			return false;
	return end(t);
}

void storm_free(struct storm *t)
{
	free(t->lines);
	t->lines = NULL;
}
