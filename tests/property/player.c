/*
 * player.c -- plays one response after the other to a forwarder and prints all
 * that its cache then holds: for oracle.py, which says what that may be.
 *
 *	player TYPE... -- NAME...       the questions that there are
 *
 * Standard input, again and again: the number of a name and of a type, flags
 * (1: DO, 2: the client's own letters and ID are not put in), and a message
 * behind its size in two octets.  Standard output: for each entry of the cache
 * 'E', the numbers of its name and type (255: of any type), its flags, its
 * TTL in four octets, its RCODE, and behind their size in two octets the
 * answer as a message; at the end '.', and how many entries were ever added.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dns/rrtype.h"
#include "support/mind.h"

enum { MOST = 64, ANY_TYPE = 255 };

static struct mind mind;
static struct name_buf names[MOST];
static uint16_t types[MOST];
static size_t name_count, type_count;

static const char home[] =
	"@ 60 SOA ns h 1 2 3 4 60\n@ 60 NS ns\nns 60 A 192.0.2.1\nwww 60 A 192.0.2.2\n";

static void read_arguments(int argc, char **argv)
{
	int i = 1;

	for (; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (!rrtype_parse((const uint8_t *)argv[i], strlen(argv[i]), &types[type_count++]))
			exit(2);
	for (i++; i < argc && name_count < MOST; i++)
		if (name_parse_absolute(argv[i], &names[name_count++]))
			exit(2);
}

static bool take(void *out, size_t n)
{
	return fread(out, 1, n, stdin) == n;
}

static void put_u16_to(uint16_t n)
{
	putchar(n >> 8);
	putchar(n & 255);
}

static void put_u32_to(uint32_t n)
{
	put_u16_to((uint16_t)(n >> 16));
	put_u16_to((uint16_t)n);
}

/* ------ one entry ------ */

static void print_found(const struct name_buf *name, uint16_t type, const struct cache_found *found)
{
	static uint8_t octets[MESSAGE_MAX_SIZE];
	struct writer w = writer_init(octets, sizeof octets);

	put_u32_to(found->answer.ttl_s);
	putchar(found->answer.rcode);
	put_u16(&w, 0);
	put_u16(&w, 0);
	put_u16(&w, 1);
	put_u16(&w, found->answer.answers);
	put_u16(&w, found->answer.authorities);
	put_u16(&w, 0);
	put_name(&w, name_view(name));
	put_u16(&w, type);
	put_u16(&w, CLASS_IN);
	cache_read(&mind.cache, found, writer_room(&w, found->answer.size));
	put_u16_to((uint16_t)writer_size(&w));
	fwrite(octets, 1, writer_size(&w), stdout);
}

static void print_key(size_t name, size_t type, uint8_t flags)
{
	struct probe p;
	struct cache_found found;

	probe_init(&p, &mind.routes.key, name_view(&names[name]));
	struct cache_key key = { probe_hash(&p, p.labels), name_view(&names[name]),
				 type == ANY_TYPE ? CACHE_ANY_TYPE : types[type], flags };
	if (cache_find(&mind.cache, &key, mind.now_ms, mind.now_ms, false, &found) != CACHE_FRESH)
		return;
	putchar('E');
	putchar((int)name);
	putchar((int)type);
	putchar(flags);
	print_found(&names[name], key.type, &found);
}

static void print_cache(uint64_t added)
{
	for (size_t name = 0; name < name_count; name++)
		for (uint8_t flags = 0; flags < 4; flags++) {
			for (size_t type = 0; type < type_count; type++)
				print_key(name, type, flags);
			print_key(name, ANY_TYPE, flags);
		}
	putchar('.');
	putchar((int)added);
}

/* ------ one case ------ */

static size_t make_query(uint8_t *out, uint8_t name, uint8_t type, bool dnssec_ok)
{
	const struct question q = { name_view(&names[name]), types[type], CLASS_IN };
	const struct edns_reply opt = { .dnssec_ok = dnssec_ok, .ede = EDE_NONE };
	struct message m;

	message_init(&m, out, 512);
	put_question(&m, &q);
	put_edns(&m, &opt);
	message_finish(&m, 0x2323, FLAG_RD);
	return message_size(&m);
}

/* What the server cannot know beforehand: our ID, and the letters in which we asked. */
static void put_secrets(uint8_t *message, size_t size, const struct mind_packet *asked,
			uint8_t name)
{
	size_t n = names[name].size;

	memcpy(message, asked->octets, 2);
	if (size >= HEADER_SIZE + n)
		memcpy(message + HEADER_SIZE, asked->octets + HEADER_SIZE, n);
}

/* Everything that is still on its way is lost, and the client gives up. */
static void end_case(void)
{
	mind_wait(&mind, 10000);
	mind.sent_count = 0;
	while (mind.reply_count > 0)
		free(mind_take_reply(&mind, 0).octets);
	/* The next case meets servers that nothing is known of. */
	for (unsigned i = 0; mind.forward.upstreams[i].in_use; i++) {
		const uint8_t host[4] = { 192, 0, 2, (uint8_t)(200 + i) };

		upstream_init(&mind.forward.upstreams[i], (struct slice){ host, sizeof host });
	}
	cache_clear(&mind.cache, mind.now_ms);
}

static bool play(void)
{
	static uint8_t message[MESSAGE_MAX_SIZE];
	static const struct mind_client client = { { 192, 0, 2, 9 }, 4, 4000, false };
	uint8_t head[5], query[512];

	if (!take(head, sizeof head))
		return false;
	size_t size = (size_t)(head[3] << 8 | head[4]);
	if (!take(message, size))
		exit(2);
	mind_ask(&mind, &client, query, make_query(query, head[0], head[1], head[2] & 1));
	uint64_t before = mind.cache.counters.added;
	if (mind.sent_count != 1)
		exit(3);
	struct mind_packet asked = mind_take_sent(&mind, 0);
	if (!(head[2] & 2))
		put_secrets(message, size, &asked, head[0]);
	mind_datagram(&mind, &asked, message, size);
	print_cache(mind.cache.counters.added - before);
	fflush(stdout);
	end_case();
	return true;
}

int main(int argc, char **argv)
{
	read_arguments(argc, argv);
	mind_init(&mind, CACHE_MIN_SIZE, 0);
	mind.access.everybody = true;
	mind_zone(&mind, "home.example.", home, false);
	mind_route(&mind, ".", 1);
	mind_route(&mind, "corp.example.", 1);
	while (play())
		;
	mind_free(&mind);
	return 0;
}
