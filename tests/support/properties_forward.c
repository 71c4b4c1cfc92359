#include "support/properties.h"

#include "dns/rrtype.h"
#include "serve/forward.h"

enum {
	UPSTREAMS = 2,
	PACKETS_MAX = 64,
	STEPS_MAX = 200,
	NAMES = 4,
	CROWD = 64,      /* who come at once */
	CROWDS_MAX = 20, /* enough to take all places */
	BEGIN_MS = 1000000,
};

/* What is wrong with a response; 0: nothing. */
enum flaw {
	OTHER_ID = 1,
	OTHER_OCTET = 2, /* of header or question, as the input says */
	OTHER_LETTERS = 4,
	OTHER_QUESTION = 8,
	NO_QUESTION = 16,
	CUT = 32, /* TC, as large answers by UDP have it */
	ERROR = 64,
	SECOND_OPT = 128,
};

/* A packet on its way. */
struct packet {
	struct forward_action to;
	bool by_stream;
	size_t size;
	uint8_t octets[FORWARD_PACKET_MAX];
};

static struct {
	struct forward forward;
	struct routes routes;
	struct cache cache;
	struct response_room room;
	struct csprng random;
	struct packet packets[PACKETS_MAX];
	size_t count;
	uint64_t now_ms;
	unsigned sockets, ready, crowds, lost;
	uint8_t restarts[FORWARD_WAITERS];
	bool no_sockets, full_streams;
	bool goes_on; /* who is answered wants to know something more, as behind a CNAME */
	bool has_left[UPSTREAMS];      /* it is in no configuration any more, or not yet again */
	bool other_letters[UPSTREAMS]; /* its stream has shown that it writes names in its own */
	uint8_t draws;
} world;

/* ------ a server's mind ------ */

static bool draw(void *self, uint8_t *out, size_t n)
{
	(void)self;
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(world.draws++ * 37 + 11);
	return true;
}

static void set_up_once(void)
{
	static const struct siphash_key key = { 7, 8 };
	static struct catalog none;
	static _Alignas(8) uint8_t block[CACHE_MIN_SIZE];

	if (world.room.routes)
		return;
	PROPERTY(catalog_init(&none, NULL, 0, &key) && routes_init(&world.routes, &key));
	PROPERTY(routes_add(&world.routes, name_root) == 0);
	cache_init(&world.cache, block, sizeof block, 60, BEGIN_MS);
	world.room.routes = &world.routes;
	world.room.zones = &none;
}

static const uint8_t hosts[UPSTREAMS][4] = { { 192, 0, 2, 1 }, { 127, 0, 0, 1 } };

/* Those that are in the configuration. */
static void use_servers(void)
{
	struct forward *f = &world.forward;
	struct route_servers servers = { .count = 0 };

	for (unsigned i = 0; i < UPSTREAMS; i++)
		if (!world.has_left[i])
			servers.at[servers.count++] = (uint8_t)i;
	forward_set_servers(f, 0, &servers);
	for (uint8_t i = 0; i < UPSTREAMS; i++)
		if (world.has_left[i] && f->upstreams[i].in_use)
			(void)forward_drop_upstream(f, i);
}

static void set_up(void)
{
	static const struct siphash_key key = { 9, 10 };
	const struct random random = { draw, draw, NULL };

	set_up_once();
	world.now_ms = BEGIN_MS;
	world.count = world.sockets = world.ready = world.draws = 0;
	world.crowds = world.lost = 0;
	memset(world.restarts, 0, sizeof world.restarts);
	world.no_sockets = world.full_streams = world.goes_on = false;
	cache_clear(&world.cache, world.now_ms);
	csprng_init(&world.random, &random);
	memset(&world.forward, 0, sizeof world.forward);
	forward_init(&world.forward, &world.cache, &world.routes, &world.room, &world.random, &key);
	for (uint8_t i = 0; i < UPSTREAMS; i++) {
		world.other_letters[i] = world.has_left[i] = false;
		PROPERTY(forward_add_upstream(&world.forward, (struct slice){ hosts[i], 4 }) == i);
	}
	use_servers();
}

static void remove_packet(size_t i)
{
	world.packets[i] = world.packets[--world.count];
}

/* A place for one more; when there are too many on their way, one of the others is lost. */
static struct packet *new_packet(void)
{
	if (world.count < PACKETS_MAX)
		return &world.packets[world.count++];
	return &world.packets[world.lost++ % PACKETS_MAX];
}

static void send_packet(const struct forward_action *a, bool by_stream)
{
	struct forward *f = &world.forward;
	const struct forward_line *l = &f->asks[a->ask].lines[a->line];

	if (!by_stream && world.no_sockets && l->packets == 1) {
		forward_no_socket(f, a->ask, a->line, world.now_ms);
		return;
	}
	if (by_stream && world.full_streams) {
		forward_stream_full(f, a->ask, a->line, world.now_ms);
		return;
	}
	world.sockets += !by_stream && l->packets == 1;
	struct packet *p = new_packet();
	*p = (struct packet){ .to = *a, .by_stream = by_stream };
	p->size = forward_packet(f, a->ask, a->line, p->octets, world.now_ms);
	PROPERTY(p->size <= FORWARD_PACKET_MAX);
}

/* Its socket is closed: nothing can come by it any more. */
static void release(const struct forward_action *a)
{
	PROPERTY(world.sockets > 0);
	world.sockets--;
	for (size_t i = world.count; i-- > 0;)
		if (!world.packets[i].by_stream && world.packets[i].to.ask == a->ask &&
		    world.packets[i].to.line == a->line)
			remove_packet(i);
}

/* It is answered, or the next question is waited for: each one is another. */
static void answer_waiter(uint16_t waiter)
{
	struct wanted wanted = { .type = (uint16_t)(TYPE_TXT + world.ready % 8), .route = 0 };

	world.ready++;
	name_copy(&wanted.name, name_root);
	PROPERTY(world.forward.waiters[waiter].spent <= FORWARD_PACKETS);
	if (world.goes_on && forward_wait_on(&world.forward, waiter, &wanted, world.now_ms)) {
		PROPERTY(++world.restarts[waiter] <= FORWARD_RESTARTS);
		return;
	}
	world.restarts[waiter] = 0;
	forward_drop_waiter(&world.forward, waiter);
}

static void act(void)
{
	struct forward *f = &world.forward;
	struct forward_action a;

	while (forward_next(f, &a)) {
		switch ((enum forward_act)a.act) {
		case FORWARD_SEND:
			send_packet(&a, false);
			break;
		case FORWARD_STREAM:
			send_packet(&a, true);
			break;
		case FORWARD_RELEASE:
			release(&a);
			break;
		case FORWARD_READY:
			answer_waiter(a.waiter);
			break;
		}
	}
	for (unsigned i = 0; i < f->asks_used; i++)
		PROPERTY(f->asks[f->active[i]].packets <= f->asks[f->active[i]].budget);
}

/* ------ responses ------ */

static size_t question_end(const struct packet *p)
{
	struct reader r = reader_init(p->octets, p->size);
	struct header h;
	struct question q;

	PROPERTY(get_header(&r, &h) && get_question(&r, &q));
	return (size_t)(r.pos - r.base);
}

static void put_answer(struct message *m, const struct question *q, uint8_t flaws, uint8_t host)
{
	const struct edns_reply opt = { .ede = EDE_NONE };

	if (!(flaws & (ERROR | CUT))) {
		uint8_t *rdlength = begin_record(m, q->name, TYPE_A, CLASS_IN, 60);
		put_u32(&m->w, 0xc6336400u | host); /* 198.51.100.0/24 */
		end_record(m, rdlength, SECTION_ANSWER);
	}
	put_edns(m, &opt);
	if (flaws & SECOND_OPT)
		put_edns(m, &opt);
}

/* A response to a packet, with its flaws; the size. */
static size_t make_response(const struct packet *p, uint8_t flaws, struct reader *input,
			    uint8_t out[1024])
{
	struct reader r = reader_init(p->octets, p->size);
	struct header h;
	struct question q;
	struct message m;
	uint8_t what = get_u8(input);

	PROPERTY(get_header(&r, &h) && get_question(&r, &q));
	message_init(&m, out, 1024);
	put_question(&m, &q);
	put_answer(&m, &q, flaws, what);
	message_finish(&m, (uint16_t)(flaws & OTHER_ID ? h.id ^ (1 << what % 16) : h.id),
		       (uint16_t)(FLAG_QR | FLAG_RA | (flaws & CUT ? FLAG_TC : 0) |
				  (flaws & ERROR ? 1 + what % 15 : 0)));
	size_t end = question_end(p);
	if (flaws & OTHER_LETTERS && q.name.size > 1)
		out[HEADER_SIZE + 1 + what % out[HEADER_SIZE]] ^= 0x20;
	if (flaws & OTHER_QUESTION)
		out[end - 1 - what % 4] ^= (uint8_t)(1 << what / 4 % 8);
	if (flaws & NO_QUESTION)
		store_u16(out + 4, 0);
	if (flaws & OTHER_OCTET)
		out[what % end] ^= get_u8(input);
	return message_size(&m);
}

/* RFC 5452 §9.1, by comparing octets: is it the response to this packet? */
static bool is_response(const struct packet *p, const uint8_t *octets, bool any_letters)
{
	size_t n = question_end(p) - HEADER_SIZE;
	const uint8_t *asked = p->octets + HEADER_SIZE, *said = octets + HEADER_SIZE;

	if (memcmp(p->octets, octets, 2) != 0 || (octets[2] & 0xf8) != 0x80)
		return false;
	if (octets[4] != 0 || octets[5] > 1)
		return false;
	if (octets[5] == 0) /* without its question an error may come by TCP, and nothing else */
		return any_letters && p->by_stream && octets[3] & 15;
	return memcmp(asked + n - 4, said + n - 4, 4) == 0 &&
	       (any_letters ? octets_equal_folded(asked, said, n - 4)
			    : memcmp(asked, said, n - 4) == 0);
}

static bool is_awaited(const struct packet *p)
{
	const struct ask *a = &world.forward.asks[p->to.ask];
	const struct forward_line *l = &a->lines[p->to.line];

	return a->serial == p->to.serial && world.forward.ask_owners[p->to.ask] != 0 &&
	       (p->by_stream ? l->on_stream : l->has_socket);
}

/* Is it one to any packet by a stream to the same server? */
static bool is_any_response(const struct packet *to, const uint8_t *octets)
{
	for (size_t i = 0; i < world.count; i++) {
		const struct packet *p = &world.packets[i];

		if (p->by_stream && p->to.upstream == to->to.upstream && is_awaited(p) &&
		    is_response(p, octets, true))
			return true;
	}
	return false;
}

/* ------ what happens ------ */

static void deliver(const struct packet *p, struct slice message)
{
	struct forward *f = &world.forward;

	if (p->by_stream)
		forward_stream(f, p->to.upstream, message, world.now_ms);
	else
		forward_datagram(f, p->to.ask, p->to.line, message, world.now_ms);
	act();
}

static void check_cached(const struct packet *p)
{
	struct reader r = reader_init(p->octets, p->size);
	struct header h;
	struct question q;
	struct probe probe;
	struct cache_found found;

	PROPERTY(get_header(&r, &h) && get_question(&r, &q));
	probe_init(&probe, &world.routes.key, q.name);
	const struct cache_key key = { probe_hash(&probe, probe.labels), q.name, q.type, 0 };
	PROPERTY(cache_find(&world.cache, &key, world.now_ms, world.now_ms, false, &found) ==
		 CACHE_FRESH);
	/* A server that was down has been asked for the root's NS: that is a "no". */
	PROPERTY(q.type != TYPE_A || (found.answer.answers == 1 && found.answer.ttl_s == 60));
}

/* An answer is taken when all of it matches, and only then. */
static void answer(struct reader *input)
{
	uint8_t octets[1024], flaws = get_u8(input);
	struct forward *f = &world.forward;

	if (world.count == 0)
		return;
	const struct packet p = world.packets[get_u8(input) % world.count];
	size_t size = make_response(&p, flaws, input, octets);
	bool was_awaited = is_awaited(&p);
	bool right = p.by_stream ? is_any_response(&p, octets)
				 : was_awaited && is_response(&p, octets,
							      world.other_letters[p.to.upstream]);
	if (p.by_stream && right && octets[5] == 1)
		world.other_letters[p.to.upstream] |= flaws & (OTHER_LETTERS | OTHER_OCTET);
	unsigned asks = f->asks_used, ready = world.ready;
	uint64_t answers = f->counters.answers, failures = f->counters.failures;

	deliver(&p, (struct slice){ octets, size });
	if (!right) {
		/* Many wrong ones make it ask by TCP; where there is no room, that is the end. */
		PROPERTY(f->counters.answers == answers);
		PROPERTY(world.full_streams || (f->asks_used == asks && world.ready == ready &&
						f->counters.failures == failures));
	} else if (flaws == 0 && was_awaited) {
		PROPERTY(f->counters.answers == answers + 1);
		PROPERTY(world.goes_on || f->asks_used == asks - 1);
		check_cached(&p);
	}
}

static void ask_for(const char *name, const uint8_t address[4], uint16_t id, bool is_refresh)
{
	const struct forward_client client = { { address, 4 }, 1024 };
	struct wanted wanted = { .type = TYPE_A, .route = 0 };
	struct query q = { .header = { .id = id } };
	uint16_t waiter;

	PROPERTY(!name_parse_absolute(name, &wanted.name));
	q.question = (struct question){ name_view(&wanted.name), TYPE_A, CLASS_IN };
	if (is_refresh)
		forward_refresh(&world.forward, &wanted, world.now_ms);
	else
		(void)forward_wait(&world.forward, &q, &wanted, &client, world.now_ms, &waiter);
}

/* Sixty-four at once: of four families of names, or all for one; from one address, or of four. */
static void crowd(uint8_t what)
{
	if (world.crowds++ >= CROWDS_MAX)
		return;
	for (uint8_t i = 0; i < CROWD; i++) {
		const uint8_t address[4] = { 10, what >> 6, what & 8 ? i : 0, what >> 4 & 3 };
		char room[32];
		struct text name = text_init(room, sizeof room);

		text_format(&name, "n%u.example.", what & 128 ? 0u : what % 4u * CROWD + i);
		ask_for(room, address, i, false);
	}
}

static void ask(uint8_t what)
{
	static const char *const names[NAMES] = { "www.example.com.", "a.b.", "x.", "." };
	const uint8_t address[4] = { 192, 0, 2, (uint8_t)(what >> 4) };

	if (what & 4)
		crowd(what);
	else
		ask_for(names[what % NAMES], address, what, what & 8);
	act();
}

/* A question of ours is asked of us. */
static void ask_back(uint8_t what)
{
	struct header h;
	struct question q;

	if (world.count == 0)
		return;
	const struct packet *p = &world.packets[what % world.count];
	struct reader r = reader_init(p->octets, p->size);
	PROPERTY(get_header(&r, &h) && get_question(&r, &q));
	struct wanted wanted = { .type = q.type, .route = 0 };
	name_copy(&wanted.name, q.name);
	if (what & 64) /* by somebody who has not seen it */
		q.name = name_view(&wanted.name);
	if (what & 128)
		wanted.name.octets[1] ^= 0x20;
	(void)forward_is_loop(&world.forward, &q, &wanted,
			      (struct slice){ hosts[p->to.upstream], 4 }, world.now_ms);
	act();
}

/* An upstream server leaves the configuration, or comes back, which may be too early. */
static void change_servers(uint8_t what)
{
	struct forward *f = &world.forward;
	uint8_t i = what % UPSTREAMS;

	world.has_left[i] = !world.has_left[i];
	if (!world.has_left[i] && !f->upstreams[i].in_use) {
		world.has_left[i] = forward_add_upstream(f, (struct slice){ hosts[i], 4 }) != i;
		world.other_letters[i] = false;
	}
	use_servers();
	act();
}

static void pass(uint64_t ms)
{
	world.now_ms += ms;
	forward_tick(&world.forward, world.now_ms);
	cache_tick(&world.cache, world.now_ms);
	act();
}

static void lose(uint8_t what)
{
	if (world.count == 0)
		return;
	const struct packet p = world.packets[what / 4 % world.count];
	if (p.by_stream)
		forward_stream_ended(&world.forward, p.to.upstream, what % 3, world.now_ms);
	else
		forward_unreachable(&world.forward, p.to.ask, p.to.line, world.now_ms);
	act();
}

static void step(struct reader *input)
{
	uint8_t what = get_u8(input);

	if (what < 64)
		ask(get_u8(input));
	else if (what < 160)
		answer(input);
	else if (what < 208)
		pass(get_u8(input) * 10u);
	else if (what < 248)
		lose(get_u8(input));
	else if (what < 250)
		world.no_sockets = !world.no_sockets;
	else if (what < 251)
		world.full_streams = !world.full_streams;
	else if (what < 252)
		world.goes_on = !world.goes_on;
	else if (what < 253)
		change_servers(get_u8(input));
	else
		ask_back(get_u8(input));
}

void property_forward(const uint8_t *octets, size_t size)
{
	struct reader input = reader_init(octets, size);

	set_up();
	for (unsigned steps = 0; steps < STEPS_MAX && reader_left(&input) > 0; steps++)
		step(&input);
	/* In the end nobody is left waiting, and no socket is left open. */
	for (uint64_t end_ms = world.now_ms + 2 * FORWARD_PATIENCE_MS; world.now_ms < end_ms;)
		pass(100);
	PROPERTY(world.forward.asks_used == 0 && world.forward.waiters_used == 0);
	PROPERTY(world.sockets == 0);
}
