#include "support/properties.h"

#include "net/fake.h"
#include "net/tcp.h"

enum {
	SEATS = 4,
	SEATS_PER_PREFIX = 2,
	PREFIXES = 3,
	CLIENTS = 16, /* peers at once, those included that nobody has accepted yet */
	PENDING = 256,
	REPLIES = 256, /* of one client that are checked */
	STEPS_MAX = 250,
	TURNS_SOME = 20,  /* without any time between them */
	TURNS_MAX = 1000, /* to the end: 1 MiB is read in 256 */
	LARGEST = 65535,
};

/* What is known of a peer beside what the fake knows. */
struct client {
	size_t handed; /* octets of its input that have been handed out as messages */
	unsigned unanswered;
	struct {
		uint16_t size;
		uint8_t seed;
	} replies[REPLIES];
	size_t reply_count;
};

/* A message whose reply comes later. */
struct pending {
	uint64_t id;
	unsigned client;
};

static struct {
	struct fake fake;
	struct tcp t;
	uint64_t now;
	bool later; /* replies are committed by steps of their own */
	uint8_t seed;
	uint16_t reply_size;
	struct client clients[FAKE_PEERS];
	struct pending pending[PENDING];
	size_t pending_count;
} world;

static void set_up(void)
{
	const struct listener l = { .fd = FAKE_LISTENER };
	const struct tcp_limits limits = { SEATS, SEATS_PER_PREFIX };
	struct fake *f = &world.fake;

	if (!f->peers)
		fake_init(f);
	f->waiting_count = 0;
	f->accept_errno = f->accept_errors = 0;
	f->limited = false;
	memset(&world.t, 0, sizeof world.t);
	memset(world.clients, 0, sizeof world.clients);
	world.pending_count = 0;
	world.now = 1000000;
	world.later = false;
	world.seed = 0;
	world.reply_size = 40;
	PROPERTY(tcp_init(&world.t, &f->sockets, &limits));
	tcp_listen(&world.t, &l);
}

/* ------ replies ------ */

static void note_reply(struct client *c, size_t size, uint8_t seed)
{
	if (c->reply_count == REPLIES)
		return;
	c->replies[c->reply_count].size = (uint16_t)size;
	c->replies[c->reply_count++].seed = seed;
}

/* False when so much waits that the reply has to wait, too. */
static bool commit(const struct pending *p, size_t size)
{
	struct client *c = &world.clients[p->client];
	bool is_open = tcp_is_open(&world.t, p->id);
	size_t room;
	uint8_t *reply = tcp_reply_room(&world.t, p->id, &room);

	PROPERTY(is_open || !reply);
	if (is_open && !reply && size > 0)
		return false;
	if (reply && size > 0) {
		PROPERTY(size <= room);
		memset(reply, ++world.seed, size);
		note_reply(c, size, world.seed);
	}
	tcp_reply_commit(&world.t, p->id, reply ? size : 0);
	c->unanswered -= is_open;
	return true;
}

/* What a client has got is a beginning of what it was sent. */
static void check_output(const struct client *c, const struct peer *p)
{
	static uint8_t expected[2 + LARGEST];
	size_t at = 0;

	for (size_t i = 0; i < c->reply_count && at < p->got; i++) {
		size_t size = 2u + c->replies[i].size;
		size_t n = size < p->got - at ? size : p->got - at;

		store_u16(expected, c->replies[i].size);
		memset(expected + 2, c->replies[i].seed, size - 2);
		PROPERTY(memcmp(p->output + at, expected, n) == 0);
		at += n;
	}
	PROPERTY(at == p->got || c->reply_count == REPLIES);
}

/* ------ a turn ------ */

/* A message is whole, and exactly what comes next of what its client has sent. */
static void take_message(const struct tcp_message *m)
{
	unsigned n = m->peer->port - 1u;
	struct client *c = &world.clients[n];
	const struct peer *p = &world.fake.peers[n];
	const uint8_t *sent = p->input + c->handed;

	PROPERTY(n < FAKE_PEERS && p->open && tcp_is_open(&world.t, m->id));
	PROPERTY(m->size >= FRAME_MIN && c->handed + 2 + m->size <= p->taken);
	PROPERTY(m->size == (size_t)(sent[0] << 8 | sent[1]));
	PROPERTY(memcmp(m->octets, sent + 2, m->size) == 0);
	c->handed += 2 + m->size;
	PROPERTY(++c->unanswered <= UNANSWERED_MAX);
	const struct pending pending = { m->id, n };
	if (world.later && world.pending_count < PENDING)
		world.pending[world.pending_count++] = pending;
	else
		PROPERTY(commit(&pending, world.reply_size));
}

/* A seat is taken for each open descriptor, and for no other. */
static void check_seats(void)
{
	unsigned open = 0, of_prefix[PREFIXES] = { 0 };

	for (size_t i = 0; i < CLIENTS; i++) {
		const struct peer *p = &world.fake.peers[i];
		if (p->open)
			PROPERTY(++of_prefix[p->from.octets[3]] <= SEATS_PER_PREFIX);
		open += p->open;
	}
	PROPERTY(open == world.t.used && open <= SEATS);
}

static size_t fill_poll(struct pollfd *fds)
{
	return tcp_poll_fds(&world.t, fds, LISTENERS_MAX + TCP_CONNECTIONS_MAX, world.now);
}

static void turn(void)
{
	struct pollfd fds[LISTENERS_MAX + TCP_CONNECTIONS_MAX];
	struct tcp_message m;
	size_t n = fill_poll(fds);

	(void)fake_poll(&world.fake, fds, n, 0);
	tcp_turn(&world.t, fds, n, world.now);
	while (tcp_next(&world.t, &m))
		take_message(&m);
	tcp_flush(&world.t, world.now);
	check_seats();
}

/* Would poll() come back at once? */
static bool is_ready(void)
{
	struct pollfd fds[LISTENERS_MAX + TCP_CONNECTIONS_MAX];
	size_t n = fill_poll(fds);

	return tcp_timeout_ms(&world.t, world.now) == 0 || fake_poll(&world.fake, fds, n, 0) > 0;
}

/* As many turns as there is something to do for; true when there is nothing any more. */
static bool turns(unsigned most)
{
	for (unsigned i = 0; i < most; i++) {
		turn();
		if (!is_ready())
			return true;
	}
	return false;
}

/* Sleeps no longer than the main loop would: until something is due. */
static void pass(uint64_t ms)
{
	turns(TURNS_SOME);
	for (uint64_t end = world.now + ms; world.now < end;) {
		world.now = fake_sleep(world.now, tcp_timeout_ms(&world.t, world.now), end);
		turns(TURNS_SOME);
	}
}

/* ------ steps ------ */

static void connect_client(uint8_t prefix)
{
	static const char *const from[PREFIXES] = { "192.0.2.0", "192.0.2.1", "192.0.2.2" };
	unsigned peers = (unsigned)world.fake.waiting_count + world.t.used;

	if (peers == CLIENTS)
		return;
	struct peer *p = fake_connect(&world.fake, from[prefix % PREFIXES]);
	size_t n = (size_t)(p - world.fake.peers);

	PROPERTY(n < CLIENTS);
	p->from.port = (uint16_t)(n + 1);
	memset(&world.clients[n], 0, sizeof world.clients[n]);
}

/* A peer that sends, or whose handshake is done; NULL: there is none. */
static struct peer *any_peer(uint8_t n)
{
	for (unsigned i = 0; i < CLIENTS; i++) {
		struct peer *p = &world.fake.peers[(n + i) % CLIENTS];
		if (p->open)
			return p;
	}
	return NULL;
}

static void send_octets(struct peer *p, struct reader *input)
{
	size_t n = get_u8(input);
	const uint8_t *octets = reader_take(input, n);

	if (octets && p->sent + n <= FAKE_BUFFER && !p->ended)
		peer_send(p, octets, n);
}

static void send_message(struct peer *p, struct reader *input)
{
	uint16_t size = get_u16(input);

	if (size >= FRAME_MIN && p->sent + 2 + size <= FAKE_BUFFER && !p->ended)
		peer_send_message(p, size, size);
}

static void change_peer(uint8_t what, struct peer *p, struct reader *input)
{
	if (what < 80)
		send_message(p, input);
	else if (what < 120)
		send_octets(p, input);
	else if (what < 140)
		p->ended = true;
	else if (what < 150)
		p->reset = ECONNRESET;
	else if (what < 160)
		p->window = get_u16(input);
	else if (what < 170)
		p->window = SIZE_MAX;
	else
		p->segment = get_u8(input);
}

static void commit_one(struct reader *input)
{
	size_t n = get_u8(input), size = get_u16(input);

	if (world.pending_count == 0)
		return;
	n %= world.pending_count;
	if (commit(&world.pending[n], size))
		world.pending[n] = world.pending[--world.pending_count];
}

static void change_kernel(uint8_t what, struct reader *input)
{
	struct fake *f = &world.fake;

	world.later = what & 1;
	world.reply_size = get_u16(input);
	f->limited = what & 2;
	f->room = what >> 2 & 1;
	f->accept_errno = what & 4 ? ECONNABORTED : EMFILE;
	f->accept_errors = what & 8 ? 3 : 0;
	if (f->accept_errors == 0)
		f->accept_errno = 0;
}

static void step(struct reader *input)
{
	uint8_t what = get_u8(input);
	struct peer *p = what >= 20 && what < 180 ? any_peer(get_u8(input)) : NULL;

	if (what < 20)
		connect_client(what);
	else if (p)
		change_peer(what, p, input);
	else if (what >= 180 && what < 200)
		pass(get_u8(input) * 50u);
	else if (what >= 200 && what < 240)
		commit_one(input);
	else if (what >= 240)
		change_kernel(what, input);
	turn();
}

/* When everybody reads and says good-bye, and all is answered, nothing is left. */
static void finish(void)
{
	world.fake.limited = false;
	world.fake.accept_errno = 0;
	world.later = false;
	world.reply_size = 0;
	while (world.pending_count > 0)
		PROPERTY(commit(&world.pending[--world.pending_count], 0));
	for (unsigned i = 0; i < CLIENTS; i++) {
		world.fake.peers[i].window = SIZE_MAX;
		world.fake.peers[i].segment = 0;
		world.fake.peers[i].got = 0; /* it has been looked at */
		world.fake.peers[i].ended = true;
	}
	PROPERTY(turns(TURNS_MAX));
	pass(TCP_STALL_MS + TCP_IDLE_MS + TCP_MESSAGE_MS);
	PROPERTY(world.t.used == 0 && world.fake.waiting_count == 0);
}

void property_tcp(const uint8_t *octets, size_t size)
{
	struct reader input = reader_init(octets, size);

	set_up();
	for (unsigned steps = 0; steps < STEPS_MAX && reader_left(&input) > 0; steps++)
		step(&input);
	for (unsigned i = 0; i < CLIENTS; i++)
		if (world.fake.peers[i].open)
			check_output(&world.clients[i], &world.fake.peers[i]);
	finish();
	tcp_free(&world.t);
	for (unsigned i = 0; i < FAKE_PEERS; i++)
		PROPERTY(!world.fake.peers[i].open);
	PROPERTY(!world.fake.spare_held);
}
