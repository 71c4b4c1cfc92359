#include "support/properties.h"

#include "net/fake.h"
#include "net/stream.h"

enum {
	SERVERS = STREAMS + 2, /* more than there are connections */
	DIALS_MAX = 32,
	STEPS_MAX = 250,
	TURNS_SOME = 20,  /* without any time between them */
	TURNS_MAX = 1000, /* to the end: 1 MiB is read in 256 */
};

static struct {
	struct fake fake;
	struct streams s;
	uint64_t now;
	unsigned dials;
	bool slow; /* new connections stay under way until their window opens */
	int dial_errno;
	struct peer *of_stream[STREAMS]; /* whom each was connected to last */
	size_t handed[DIALS_MAX];        /* octets of a peer's input that have been handed out */
} world;

static int dial(void *self, enum transport transport, const struct address *to, uint16_t port)
{
	struct fake *f = self;
	struct peer *p = &f->peers[world.dials];

	PROPERTY(transport == TRANSPORT_TCP && port == 0);
	if (world.dial_errno || world.dials == DIALS_MAX) {
		errno = world.dial_errno ? world.dial_errno : EMFILE;
		return -1;
	}
	*p = (struct peer){ .from = *to,
			    .open = true,
			    .window = world.slow ? 0 : SIZE_MAX,
			    .input = p->input ? p->input : malloc(FAKE_BUFFER),
			    .output = p->output ? p->output : malloc(FAKE_BUFFER) };
	PROPERTY(p->input && p->output);
	world.handed[world.dials] = 0;
	return FAKE_FD + (int)world.dials++;
}

static void set_up(void)
{
	if (!world.fake.peers)
		fake_init(&world.fake);
	world.fake.sockets.dial = dial;
	memset(&world.s, 0, sizeof world.s);
	memset(world.of_stream, 0, sizeof world.of_stream);
	world.now = 1000000;
	world.dials = 0;
	world.slow = false;
	world.dial_errno = 0;
	streams_init(&world.s, &world.fake.sockets);
}

/* ------ a turn ------ */

/* A descriptor is open for each stream that is not over, and for no other. */
static void check_descriptors(void)
{
	unsigned open = 0, used = 0;

	for (unsigned i = 0; i < world.dials; i++)
		open += world.fake.peers[i].open;
	for (unsigned i = 0; i < STREAMS; i++) {
		const struct stream *t = &world.s.streams[i];

		if (!t->in_use || t->ended)
			continue;
		used++;
		world.of_stream[i] = fake_peer(&world.fake, t->connection.fd);
		PROPERTY(world.of_stream[i]->open);
		PROPERTY(world.of_stream[i]->from.octets[3] == t->server);
	}
	PROPERTY(open == used);
}

/* A message is whole, and exactly what comes next of what its server has sent. */
static void take_message(const struct stream_event *e)
{
	const struct peer *p = world.of_stream[world.s.at];
	size_t *handed = &world.handed[p - world.fake.peers];
	const uint8_t *sent = p->input + *handed;

	PROPERTY(p->from.octets[3] == e->server && *handed + 2 <= p->taken);
	PROPERTY(e->message.size >= FRAME_MIN && *handed + 2 + e->message.size <= p->taken);
	PROPERTY(e->message.size == (size_t)(sent[0] << 8 | sent[1]));
	PROPERTY(memcmp(e->message.octets, sent + 2, e->message.size) == 0);
	*handed += 2 + e->message.size;
}

/* True when some descriptor was ready. */
static bool turn(void)
{
	struct pollfd fds[STREAMS];
	struct stream_event e;
	size_t n = streams_poll_fds(&world.s, fds, STREAMS);

	int ready = fake_poll(&world.fake, fds, n, 0);
	streams_turn(&world.s, fds, n, world.now);
	while (streams_next(&world.s, &e, world.now)) {
		if (!e.ended)
			take_message(&e);
		PROPERTY(e.server < SERVERS && !(e.ended && e.again && e.silent));
	}
	streams_flush(&world.s, world.now);
	check_descriptors();
	return ready > 0;
}

/* As many turns as there is something to do for; true when nothing is ready any more. */
static bool turns(unsigned most)
{
	for (unsigned i = 0; i < most; i++)
		if (!turn())
			return true;
	return false;
}

/* Sleeps no longer than the main loop would: until something is due. */
static void pass(uint64_t ms)
{
	turns(TURNS_SOME);
	for (uint64_t end = world.now + ms; world.now < end;) {
		world.now = fake_sleep(world.now, streams_timeout_ms(&world.s, world.now), end);
		turns(TURNS_SOME);
	}
}

/* ------ steps ------ */

static void ask(uint8_t server, size_t size)
{
	static uint8_t octets[FRAME_MAX];
	struct address at = { .octets = { 192, 0, 2, server }, .port = 53, .family = ADDRESS_IP4 };
	bool has_room = world.dials < DIALS_MAX && !world.dial_errno;

	enum stream_outcome outcome = streams_send(&world.s, server, &at, octets, size, world.now);
	PROPERTY(outcome != STREAM_NONE || !has_room || world.s.buffers);
	check_descriptors();
}

static struct peer *any_peer(uint8_t n)
{
	for (unsigned i = 0; i < world.dials; i++) {
		struct peer *p = &world.fake.peers[(n + i) % world.dials];
		if (p->open)
			return p;
	}
	return NULL;
}

static void change_peer(uint8_t what, struct peer *p, struct reader *input)
{
	size_t n = what < 120 ? get_u16(input) : 0;
	bool fits = p->sent + 2 + n <= FAKE_BUFFER && !p->ended;
	const uint8_t *octets = what >= 100 && what < 120 ? reader_take(input, n % 256) : NULL;

	if (what < 100 && n >= FRAME_MIN && fits)
		peer_send_message(p, (uint16_t)n, n);
	else if (octets && fits)
		peer_send(p, octets, n % 256);
	else if (what >= 120 && what < 140)
		p->ended = true;
	else if (what >= 140 && what < 150)
		p->reset = ECONNRESET;
	else if (what >= 150 && what < 170)
		p->window = what & 1 ? SIZE_MAX : get_u16(input);
	else if (what >= 170)
		p->segment = get_u8(input);
}

static void step(struct reader *input)
{
	uint8_t what = get_u8(input), n = get_u8(input);
	struct peer *p = what >= 60 && what < 180 ? any_peer(n) : NULL;

	if (what < 60)
		ask(n % SERVERS, get_u16(input));
	else if (p)
		change_peer(what, p, input);
	else if (what >= 180 && what < 210)
		pass(n * 50u);
	else if (what >= 210 && what < 230)
		streams_forget(&world.s, n % SERVERS);
	else if (what >= 230 && what < 250)
		world.slow = n & 1;
	else if (what >= 250)
		world.dial_errno = n & 1 ? ENETUNREACH : 0;
	turn();
}

void property_stream(const uint8_t *octets, size_t size)
{
	struct reader input = reader_init(octets, size);

	set_up();
	for (unsigned steps = 0; steps < STEPS_MAX && reader_left(&input) > 0; steps++)
		step(&input);
	/* When nobody asks any more, every connection ends, and that is told. */
	for (unsigned i = 0; i < world.dials; i++)
		world.fake.peers[i].segment = 0;
	PROPERTY(turns(TURNS_MAX));
	pass(STREAM_CONNECT_MS + STREAM_ANSWER_MS + STREAM_IDLE_MS);
	for (unsigned i = 0; i < STREAMS; i++)
		PROPERTY(!world.s.streams[i].in_use);
	streams_free(&world.s);
	check_descriptors();
}

void property_tcp_stream(const uint8_t *octets, size_t size)
{
	if (size == 0)
		return;
	if (octets[0] & 1)
		property_stream(octets + 1, size - 1);
	else
		property_tcp(octets + 1, size - 1);
}
