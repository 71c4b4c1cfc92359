/*
 * script_world.c -- the network, time, and what goes wrong.
 */
#include "sim/scripting.h"

#include <errno.h>

static struct host *first_host(struct script *s)
{
	struct script_server *v = script_server(s);

	return v ? v->host : NULL;
}

/* wait TIME */
static bool play_wait(struct script *s)
{
	const struct word *w = script_word(s, "missing time");
	uint64_t ms;

	if (!w || !script_time(s, w, &ms))
		return false;
	sim_run(s->sim, s->sim->net.now_ms + ms);
	return true;
}

/* clock ahead TIME | clock back TIME: somebody sets the time of day */
static bool play_clock(struct script *s)
{
	struct host *h = first_host(s);
	bool back = script_take(s, "back");
	const struct word *w = back || script_take(s, "ahead") ? script_word(s, "missing time")
							       : NULL;
	uint64_t ms;

	if (!h || !w)
		return script_fail(s, NULL, "clock ahead TIME, or clock back TIME");
	if (!script_time(s, w, &ms))
		return false;
	h->wall_s += (back ? -1 : 1) * (int64_t)(ms / 1000);
	return true;
}

/* ------ the network ------ */

/* "10%", "0.5%" is 5 in a thousand: digits of thousandths are enough. */
static bool read_share(struct script *s, unsigned *permille)
{
	const struct word *w = script_word(s, "missing share");
	uint64_t n;

	if (!w)
		return false;
	if (w->size < 2 || w->at[w->size - 1] != '%')
		return script_fail(s, w, "no share: as in 10%%");
	struct word digits = { w->at, w->size - 1, false };
	if (!script_number(s, &digits, 100, &n))
		return false;
	*permille = (unsigned)n * 10;
	return true;
}

static bool read_delay(struct script *s, uint32_t *out)
{
	const struct word *w = script_word(s, "missing time");
	uint64_t ms;

	if (!w || !script_time(s, w, &ms))
		return false;
	*out = (uint32_t)ms;
	return true;
}

/* link [delay TIME] [to TIME] [loss N%] [twice N%]: what is not said is nothing */
static bool play_link(struct script *s)
{
	struct net_link link = { 0 };
	uint32_t to_ms = 0;

	while (words_left(&s->line.words) > 0) {
		bool good;

		if (script_take(s, "delay"))
			good = read_delay(s, &link.delay_ms);
		else if (script_take(s, "to"))
			good = read_delay(s, &to_ms);
		else if (script_take(s, "loss"))
			good = read_share(s, &link.loss);
		else if (script_take(s, "twice"))
			good = read_share(s, &link.twice);
		else
			return script_fail(s, s->line.words.next, "delay, to, loss or twice");
		if (!good)
			return false;
	}
	link.spread_ms = to_ms > link.delay_ms ? to_ms - link.delay_ms : 0;
	s->sim->net.link = link;
	return true;
}

/* seed N: what the network's chances follow from */
static bool play_seed(struct script *s)
{
	const struct word *w = script_word(s, "missing number");
	uint64_t seed;

	if (!w || !script_number(s, w, UINT64_MAX, &seed))
		return false;
	s->sim->seed = seed;
	s->sim->net.chance = chance_seed(seed);
	return true;
}

/* ------ any octets ------ */

/* send FROM TO [tcp | stream] HEX: a datagram, a message by TCP, or octets of a stream */
static bool play_send(struct script *s)
{
	static uint8_t octets[NET_DATAGRAM_MAX];
	const struct word *a = script_word(s, "missing address");
	const struct word *b = a ? script_word(s, "missing address") : NULL;
	struct address from, to;
	struct writer w = writer_init(octets, sizeof octets);

	if (!b || !script_address(s, a, 5000, &from) || !script_address(s, b, HOST_PORT, &to))
		return false;
	bool tcp = script_take(s, "tcp"), stream = !tcp && script_take(s, "stream");
	if (words_left(&s->line.words) > 0 && !script_hex(s, s->line.words.next++, &w))
		return false;
	struct slice all = { octets, writer_size(&w) };
	if (stream)
		sim_send_octets(s->sim, &from, &to, all);
	else
		sim_send(s->sim, &from, &to, tcp, all);
	return true;
}

/* hangup FROM TO [reset]: leaves a stream, if there is one */
static bool play_hangup(struct script *s)
{
	const struct word *a = script_word(s, "missing address");
	const struct word *b = a ? script_word(s, "missing address") : NULL;
	struct address from, to;

	if (!b || !script_address(s, a, 5000, &from) || !script_address(s, b, HOST_PORT, &to))
		return false;
	(void)sim_hang_up(s->sim, &from, &to, script_take(s, "reset"));
	return true;
}

/* drop: throws away all that waits for clients and upstream servers */
static bool play_drop(struct script *s)
{
	while (s->sim->mail_count > 0)
		sim_drop_mail(s->sim, s->sim->mail_count - 1);
	return true;
}

/* ------ what a kernel has not got ------ */

static const struct {
	char text[10];
	enum kernel_call call;
} calls[] = {
	{ "poll", CALL_POLL },         { "receive", CALL_RECEIVE }, { "send", CALL_SEND },
	{ "accept", CALL_ACCEPT },     { "read", CALL_READ },       { "write", CALL_WRITE },
	{ "shutdown", CALL_SHUTDOWN }, { "close", CALL_CLOSE },     { "spare", CALL_SPARE },
	{ "dial", CALL_DIAL },         { "connect", CALL_CONNECT },
};

static const struct {
	char text[16];
	int error;
} errors[] = {
	{ "EINTR", EINTR },
	{ "EAGAIN", EAGAIN },
	{ "ENOBUFS", ENOBUFS },
	{ "ENOMEM", ENOMEM },
	{ "EMFILE", EMFILE },
	{ "ENFILE", ENFILE },
	{ "ECONNABORTED", ECONNABORTED },
	{ "ECONNREFUSED", ECONNREFUSED },
	{ "ECONNRESET", ECONNRESET },
	{ "EHOSTUNREACH", EHOSTUNREACH },
	{ "ENETUNREACH", ENETUNREACH },
	{ "ENETDOWN", ENETDOWN },
	{ "EADDRINUSE", EADDRINUSE },
	{ "EADDRNOTAVAIL", EADDRNOTAVAIL },
	{ "EAFNOSUPPORT", EAFNOSUPPORT },
	{ "EPERM", EPERM },
	{ "EACCES", EACCES },
	{ "EMSGSIZE", EMSGSIZE },
	{ "ENOTCONN", ENOTCONN },
	{ "EPIPE", EPIPE },
	{ "EPROTO", EPROTO },
	{ "EIO", EIO },
	{ "ENOSPC", ENOSPC },
	{ "EDQUOT", EDQUOT },
	{ "EINVAL", EINVAL },
	{ "ETIMEDOUT", ETIMEDOUT },
	{ "short", KERNEL_SHORT },
};

static struct kernel_fault *find_call(struct host *h, const struct word *w)
{
	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
		if (word_is(w, calls[i].text))
			return &h->kernel.faults[calls[i].call];
	return NULL;
}

static int find_error(const struct word *w)
{
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
		if (word_is(w, errors[i].text))
			return errors[i].error;
	return 0;
}

/* fault CALL ERRNO [after N] [times N]; without times: from now on.  fault none: no more. */
static bool play_fault(struct script *s)
{
	struct host *h = first_host(s);
	const struct word *w = h && !script_take(s, "none") ? script_word(s, "missing call") : NULL;
	uint64_t after = 0, times = 0;

	if (h && !w && words_left(&s->line.words) == 0) {
		memset(h->kernel.faults, 0, sizeof h->kernel.faults);
		h->kernel.wake_ms = 0;
		return true;
	}
	struct kernel_fault *f = w ? find_call(h, w) : NULL;
	const struct word *e = f ? script_word(s, "missing errno") : NULL;
	if (!f || !e || find_error(e) == 0)
		return script_fail(s, w, "fault CALL ERRNO [after N] [times N], or fault none");
	if (script_take(s, "after") &&
	    (!(w = script_word(s, "missing number")) || !script_number(s, w, 1000000, &after)))
		return false;
	if (script_take(s, "times") &&
	    (!(w = script_word(s, "missing number")) || !script_number(s, w, 1000000, &times)))
		return false;
	*f = (struct kernel_fault){ find_error(e), (unsigned)after, (unsigned)times };
	return true;
}

static bool play_unseeded(struct script *s)
{
	struct host *h = first_host(s);

	if (h)
		h->unseeded = true;
	return h != NULL;
}

static bool play_seeded(struct script *s)
{
	struct host *h = first_host(s);

	if (h)
		h->unseeded = false;
	return h != NULL;
}

/* descriptors N: no more than these may be open */
static bool play_descriptors(struct script *s)
{
	struct host *h = first_host(s);
	const struct word *w = script_word(s, "missing number");
	uint64_t n;

	if (!h || !w || !script_number(s, w, KERNEL_DESCRIPTORS, &n))
		return false;
	h->kernel.limit = (unsigned)n;
	return true;
}

/* memory N: it ends once, at the N-th allocation of the next reading of zones */
static bool play_memory(struct script *s)
{
	struct host *h = first_host(s);
	const struct word *w = script_word(s, "missing number");
	uint64_t n;

	if (!h || !w || !script_number(s, w, 1000000, &n))
		return false;
	h->memory_ends = true;
	h->memory_at = (size_t)n;
	return true;
}

/* version N: from now on addresses of ours within 10.0.0.0/8 have this second octet */
static bool play_version(struct script *s)
{
	const struct word *w = script_word(s, "missing number");
	uint64_t n;

	if (!w || !script_number(s, w, UINT8_MAX, &n))
		return false;
	s->sim->rules.version = (uint8_t)n;
	return true;
}

/* ------ counters ------ */

/* counter NAME N: of the first server */
static bool play_counter(struct script *s)
{
	const struct host *h = first_host(s);
	const struct word *w = script_word(s, "missing name");
	const struct word *n = w ? script_word(s, "missing number") : NULL;
	uint64_t wanted;

	if (!h || !n || !script_number(s, n, UINT64_MAX, &wanted))
		return false;
	const struct forwarding *f = &h->server->forwarding;
	const struct forward_counters *c = &f->forward.counters;
	const struct {
		char text[10];
		uint64_t value;
	} known[] = {
		{ "asks", c->asks },
		{ "packets", c->packets },
		{ "streams", c->streams },
		{ "answers", c->answers },
		{ "failures", c->failures },
		{ "silent", c->silent },
		{ "forged", c->forged },
		{ "blocked", c->blocked },
		{ "looped", c->looped },
		{ "refused", c->refused },
		{ "kept", f->cache.counters.added },
		{ "sockets", f->outgoing.waiting_count },
		{ "sent", c->packets + c->streams },
		{ "waiting", s->sim->mail_count },
	};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (word_is(w, known[i].text))
			return known[i].value == wanted ||
			       script_fail(s, n, "it is %u", (unsigned)known[i].value);
	return script_fail(s, w, "no such counter");
}

const struct script_verb script_world[] = {
	{ "wait", true, play_wait },
	{ "clock", true, play_clock },
	{ "link", false, play_link },
	{ "seed", false, play_seed },
	{ "send", true, play_send },
	{ "hangup", true, play_hangup },
	{ "drop", true, play_drop },
	{ "fault", true, play_fault },
	{ "unseeded", false, play_unseeded },
	{ "seeded", false, play_seeded },
	{ "version", false, play_version },
	{ "memory", false, play_memory },
	{ "descriptors", true, play_descriptors },
	{ "counter", true, play_counter },
};
const size_t script_world_count = sizeof script_world / sizeof script_world[0];
