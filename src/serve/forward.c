/*
 * forward.c -- fetches what is missing from upstream servers: what happens, and
 * what it leads to.
 */
#include "serve/forwarding.h"

/* ------ what comes back ------ */

static struct response_question question_of(const struct forward *f, const struct ask *a)
{
	struct probe p;
	struct place place = { .kind = PLACE_UPSTREAM, .route = a->wanted.route };

	probe_init(&p, &f->routes->key, name_view(&a->wanted.name));
	return (struct response_question){
		.name = name_view(&a->wanted.name),
		.type = a->wanted.type,
		.flags = a->wanted.flags,
		.route = a->wanted.route,
		.private_ok = routes_is_trusted(f->routes, &p, &place),
	};
}

/* This server has nothing for us: on with the next one that is left in this round. */
static void line_failed(struct forward *f, struct ask *a, struct forward_line *l, uint64_t now_ms)
{
	l->failed = true;
	l->on_stream = false;
	ask_release(f, a, l, l->packets == 1);
	struct forward_line *next = a->packets < a->budget ? ask_choose(f, a, now_ms) : NULL;
	if (next)
		ask_server(f, a, next, now_ms);
	else if (!ask_is_hopeful(a))
		ask_next(f, a, now_ms);
}

/* The same server by TCP, once for each ask (RFC 7766 §5). */
static void turn_to_stream(struct forward *f, struct ask *a, struct forward_line *l,
			   uint64_t now_ms)
{
	if (l->on_stream)
		return;
	if (l->streams == 0 && a->packets < a->budget)
		ask_by_stream(f, a, l, now_ms);
	else if (!l->has_socket)
		line_failed(f, a, l, now_ms);
}

/* RFC 6891 §7: a server that does not know OPT is asked without. */
static void without_edns(struct forward *f, struct ask *a, struct forward_line *l, enum via via,
			 uint64_t now_ms)
{
	struct upstream *u = upstream_of(f, l);

	if (l->plain || !upstream_takes_edns(u, now_ms) || a->packets >= a->budget) {
		line_failed(f, a, l, now_ms);
		return;
	}
	l->plain = true;
	if (via == VIA_TCP) {
		upstream_proved_no_edns(u, now_ms);
		ask_by_stream(f, a, l, now_ms);
	} else {
		upstream_doubted_edns(u);
		ask_by_datagram(f, a, l, now_ms);
	}
}

static void take(struct forward *f, struct ask *a, struct forward_line *l, struct slice message,
		 enum via via, uint64_t now_ms)
{
	const struct response_question q = question_of(f, a);
	struct response_taken taken;

	bool was_down = upstream_is_down(upstream_of(f, l), now_ms);

	upstream_answered(upstream_of(f, l), now_ms);
	a->answered = true;
	if (was_down)
		ask_after_life(f, now_ms);
	switch (response_take(f->room, &q, message, &taken)) {
	case RESPONSE_ANSWER:
		upstream_helped(upstream_of(f, l));
		ask_release(f, a, l, l->packets == 1 && via == VIA_UDP);
		ask_end(f, a, &taken, now_ms);
		return;
	case RESPONSE_TRUNCATED:
		if (via == VIA_UDP) {
			ask_release(f, a, l, l->packets == 1);
			turn_to_stream(f, a, l, now_ms);
			return;
		}
		break;
	case RESPONSE_NO_EDNS:
		without_edns(f, a, l, via, now_ms);
		return;
	case RESPONSE_FAILED:
	case RESPONSE_MALFORMED:
		break;
	}
	a->ede = taken.ede != EDE_NONE ? taken.ede : EDE_NO_REACHABLE_AUTHORITY;
	line_failed(f, a, l, now_ms);
}

/* ------ events ------ */

static bool is_open(const struct forward *f, uint16_t ask, uint8_t line)
{
	return f->ask_owners[ask] != 0 && f->asks[ask].lines[line].has_socket;
}

/*
 * RFC 5452 §9.2: it ends nothing, but TCP is not so easily forged.  When this
 * goes on, the port closes: nobody guesses at one that is not open.
 */
static void take_forged(struct forward *f, struct ask *a, struct forward_line *l, uint64_t now_ms)
{
	f->counters.forged++;
	upstream_forged(upstream_of(f, l), now_ms);
	turn_to_stream(f, a, l, now_ms);
	if (l->on_stream && upstream_wants_stream(upstream_of(f, l), now_ms))
		ask_release(f, a, l, false);
}

/*
 * Which of several packets was answered is not known (RFC 6298 §3, Karn's
 * algorithm).  Of a server of which nothing is known yet, count from the first: it may
 * be so far away that a second one is always on its way.
 */
static void note_time(struct forward *f, const struct ask *a, const struct forward_line *l,
		      uint64_t now_ms)
{
	struct upstream *u = upstream_of(f, l);

	if (l->packets == 1)
		upstream_took(u, now_ms - l->sent_ms);
	else if (u->srtt_8 == 0)
		upstream_took(u, now_ms - a->began_ms - l->first_ms);
}

void forward_datagram(struct forward *f, uint16_t ask, uint8_t line, struct slice message,
		      uint64_t now_ms)
{
	struct ask *a = &f->asks[ask];
	struct forward_line *l = &a->lines[line];

	if (!is_open(f, ask, line))
		return;
	const struct question q = ask_question(a);
	enum match match = response_match(&q, l->id, message);
	if (match == MATCH_CASE && upstream_of(f, l)->changes_case)
		match = MATCH_YES;
	if (match != MATCH_YES) {
		take_forged(f, a, l, now_ms);
		return;
	}
	note_time(f, a, l, now_ms);
	take(f, a, l, message, VIA_UDP, now_ms);
}

void forward_unreachable(struct forward *f, uint16_t ask, uint8_t line, uint64_t now_ms)
{
	struct ask *a = &f->asks[ask];
	struct forward_line *l = &a->lines[line];

	if (!is_open(f, ask, line))
		return;
	upstream_was_unreachable(upstream_of(f, l));
	/* One such message may be forged, or late. */
	if (!upstream_is_down(upstream_of(f, l), now_ms))
		return;
	l->dead = true;
	l->counted = true;
	if (ask_choose(f, a, now_ms) || !ask_is_hopeful(a))
		ask_next(f, a, now_ms);
}

void forward_no_socket(struct forward *f, uint16_t ask, uint8_t line, uint64_t now_ms)
{
	if (!is_open(f, ask, line))
		return;
	struct ask *a = &f->asks[ask];
	a->lines[line].has_socket = false;
	turn_to_stream(f, a, &a->lines[line], now_ms);
}

/* The ask that waits for this message by TCP, and what the message is to it. */
static struct ask *find_on_stream(struct forward *f, uint8_t upstream, struct slice message,
				  struct forward_line **line, enum match *match)
{
	for (unsigned i = 0; i < f->asks_used; i++) {
		struct ask *a = &f->asks[f->active[i]];
		const struct question q = ask_question(a);

		*line = ask_line(a, upstream);
		if (!*line || !(*line)->on_stream)
			continue;
		*match = response_match(&q, (*line)->id, message);
		if (*match != MATCH_NOT)
			return a;
	}
	return NULL;
}

void forward_stream(struct forward *f, uint8_t upstream, struct slice message, uint64_t now_ms)
{
	struct forward_line *l;
	enum match match;
	struct ask *a = find_on_stream(f, upstream, message, &l, &match);

	if (!a)
		return;
	l->on_stream = false;
	upstream_stream_answered(upstream_of(f, l));
	if (match == MATCH_CASE)
		upstream_proved_case(upstream_of(f, l));
	take(f, a, l, message, VIA_TCP, now_ms);
}

void forward_stream_full(struct forward *f, uint16_t ask, uint8_t line, uint64_t now_ms)
{
	struct ask *a = &f->asks[ask];
	struct forward_line *l = &a->lines[line];

	l->on_stream = false;
	if (!l->has_socket)
		line_failed(f, a, l, now_ms);
}

/* The same question to the same server, if that is of use: by TCP, or without it by UDP. */
static bool ask_again(struct forward *f, struct ask *a, struct forward_line *l,
		      enum forward_end how, uint64_t now_ms)
{
	bool only_stream = upstream_wants_stream(upstream_of(f, l), now_ms);

	if (a->packets >= a->budget)
		return false;
	if (how == FORWARD_END_AGAIN && (only_stream || l->streams < 2))
		ask_by_stream(f, a, l, now_ms);
	else if (l->packets == 0 && !only_stream)
		ask_by_datagram(f, a, l, now_ms); /* the last resort */
	else
		return false;
	return true;
}

void forward_stream_ended(struct forward *f, uint8_t upstream, enum forward_end how,
			  uint64_t now_ms)
{
	if (how == FORWARD_END_FAILED)
		upstream_stream_failed(&f->upstreams[upstream], now_ms);
	if (how == FORWARD_END_SILENT)
		upstream_stream_was_silent(&f->upstreams[upstream], now_ms);
	for (unsigned i = f->asks_used; i-- > 0;) {
		/* One that ends leaves its place to one that was looked at already. */
		struct ask *a = &f->asks[f->active[i]];
		struct forward_line *l = ask_line(a, upstream);
		if (!l || !l->on_stream)
			continue;
		l->on_stream = false;
		if (!ask_again(f, a, l, how, now_ms) && !l->has_socket)
			line_failed(f, a, l, now_ms);
	}
}

static void note_silence(struct forward *f, struct ask *a)
{
	for (unsigned i = 0; i < FORWARD_PER_ROUTE; i++) {
		struct forward_line *l = &a->lines[i];

		if (!l->in_use || l->counted || l->failed || !(l->has_socket || l->on_stream))
			continue;
		l->counted = true;
		upstream_was_silent(upstream_of(f, l), l->sent_ms);
		f->counters.silent++;
	}
}

/* RFC 8767 §5: who has waited for so long gets an old answer, if there is one. */
static void offer_stale(struct forward *f, struct ask *a, uint64_t now_ms)
{
	struct probe p;
	struct cache_found found;
	struct cache_key key = ask_key(f, a, &p, a->wanted.type);

	if (f->cache->stale_s == 0 || a->looked_stale || now_ms < a->began_ms + FORWARD_STALE_MS)
		return;
	bool has_some = cache_find(f->cache, &key, now_ms, now_ms, true, &found) == CACHE_STALE;
	key.type = CACHE_ANY_TYPE;
	has_some = has_some ||
		   cache_find(f->cache, &key, now_ms, now_ms, true, &found) == CACHE_STALE;
	a->looked_stale = true;
	a->told_stale = has_some;
	if (has_some)
		ask_wake(f, a, PATIENT);
}

static void tick_ask(struct forward *f, struct ask *a, uint64_t now_ms)
{
	if (now_ms >= a->end_ms) {
		note_silence(f, a);
		ask_end_in_vain(f, a, now_ms);
		return;
	}
	offer_stale(f, a, now_ms);
	if (now_ms < a->retry_ms) {
		ask_schedule(f, a, a->retry_ms);
		return;
	}
	note_silence(f, a);
	ask_next(f, a, now_ms);
}

void forward_tick(struct forward *f, uint64_t now_ms)
{
	uint64_t due_ms = UINT64_MAX;

	if (now_ms < f->due_ms)
		return;
	for (unsigned i = f->asks_used; i-- > 0;) {
		struct ask *a = &f->asks[f->active[i]];

		if (now_ms >= a->due_ms)
			tick_ask(f, a, now_ms);
	}
	for (unsigned i = 0; i < f->asks_used; i++)
		if (f->asks[f->active[i]].due_ms < due_ms)
			due_ms = f->asks[f->active[i]].due_ms;
	f->due_ms = due_ms;
}
