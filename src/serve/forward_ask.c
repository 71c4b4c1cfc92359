/*
 * forward_ask.c -- one question that is being asked upstream: which server is
 * next, by which way, and how it ends.
 */
#include "dns/rrtype.h"
#include "serve/forwarding.h"

enum {
	RETRY_STEP_MS = 100,
	LOOK_AGAIN_MS = 500, /* nobody can be asked just now */
};

struct cache_key ask_key(const struct forward *f, const struct ask *a, struct probe *p,
			 uint16_t type)
{
	probe_init(p, &f->routes->key, name_view(&a->wanted.name));
	return (struct cache_key){
		.hash = probe_hash(p, p->labels),
		.name = p->name,
		.type = type,
		.flags = a->wanted.flags,
	};
}

struct question ask_question(const struct ask *a)
{
	return (struct question){ name_view(&a->name), a->wanted.type, CLASS_IN };
}

/* ------ time ------ */

/* Something has to happen at the retry, at the end, and perhaps before for who would take an old answer. */
void ask_schedule(struct forward *f, struct ask *a, uint64_t retry_ms)
{
	a->retry_ms = retry_ms;
	a->due_ms = retry_ms < a->end_ms ? retry_ms : a->end_ms;
	if (f->cache->stale_s > 0 && !a->looked_stale && a->began_ms + FORWARD_STALE_MS < a->due_ms)
		a->due_ms = a->began_ms + FORWARD_STALE_MS;
	if (a->due_ms < f->due_ms)
		f->due_ms = a->due_ms;
}

/* For how long a server is waited for: each time longer, and longer if it is far away. */
static uint64_t patience_ms(const struct ask *a, const struct upstream *u)
{
	uint64_t usual = FORWARD_RETRY_MS + (a->packets - 1u) / 2 * RETRY_STEP_MS;
	uint64_t needed = upstream_patience_ms(u);

	return usual > needed ? usual : needed;
}

/* ------ the end of an ask ------ */

void ask_release(struct forward *f, struct ask *a, struct forward_line *l, bool clean)
{
	if (l->has_socket)
		act_on_line(f, a, l, FORWARD_RELEASE, clean);
	l->has_socket = false;
}

/* Sends the waiters on: to be answered, or to ask for the next thing. */
void ask_wake(struct forward *f, struct ask *a, enum patience patience)
{
	uint16_t next = a->first_waiter;

	if (next != FORWARD_NO_INDEX) {
		struct waiter *w = &f->waiters[next];
		w->spent = (uint8_t)(w->spent + a->packets);
	}
	while (next != FORWARD_NO_INDEX) {
		struct waiter *w = &f->waiters[next];

		w->ask = FORWARD_NO_INDEX;
		w->patient = w->patient || patience == PATIENT;
		act_on_waiter(f, next);
		next = w->next;
	}
	a->first_waiter = FORWARD_NO_INDEX;
}

static void end_ask(struct forward *f, struct ask *a, enum patience patience)
{
	for (unsigned i = 0; i < FORWARD_PER_ROUTE; i++)
		ask_release(f, a, &a->lines[i], false);
	ask_wake(f, a, patience);
	ask_free(f, a);
}

/* Silence is the servers' fault, anything else is the name's. */
void ask_end_in_vain(struct forward *f, struct ask *a, uint64_t now_ms)
{
	struct probe p;
	struct cache_key key = ask_key(f, a, &p, a->wanted.type);

	cache_put_failure(f->cache, &key, a->answered ? FAILURE_ANSWER : FAILURE_SILENCE, a->ede,
			  now_ms);
	f->counters.failures++;
	end_ask(f, a, PATIENT);
}

/*
 * RFC 2308 §5: that a name does not exist is kept for all types.  But who is
 * asked for DS may have looked at the parent's side, where a zone that only
 * exists within a network is not known.
 */
static uint16_t type_to_keep(const struct ask *a, const struct cache_answer *answer)
{
	bool is_no_name = answer->rcode == RCODE_NXDOMAIN && answer->answers == 0;

	return is_no_name && a->wanted.type != TYPE_DS ? CACHE_ANY_TYPE : a->wanted.type;
}

void ask_end(struct forward *f, struct ask *a, const struct response_taken *taken, uint64_t now_ms)
{
	struct probe p;
	struct cache_key key = ask_key(f, a, &p, type_to_keep(a, &taken->answer));

	cache_put(f->cache, &key, &taken->answer, now_ms);
	f->counters.answers++;
	if (taken->blocked) {
		f->counters.blocked++;
		f->blocked = a->wanted.name;
	}
	end_ask(f, a, MAY_ASK_ON);
}

/* ------ asking ------ */

void ask_by_stream(struct forward *f, struct ask *a, struct forward_line *l, uint64_t now_ms)
{
	l->on_stream = true;
	l->streams++;
	l->sent_ms = now_ms;
	a->packets++;
	f->counters.streams++;
	upstream_asked(upstream_of(f, l), now_ms);
	act_on_line(f, a, l, FORWARD_STREAM, false);
	ask_schedule(f, a, now_ms + FORWARD_STREAM_MS);
}

void ask_by_datagram(struct forward *f, struct ask *a, struct forward_line *l, uint64_t now_ms)
{
	l->has_socket = true;
	if (l->packets++ == 0)
		l->first_ms = (uint16_t)(now_ms - a->began_ms);
	l->sent_ms = now_ms;
	a->packets++;
	f->counters.packets++;
	upstream_asked(upstream_of(f, l), now_ms);
	act_on_line(f, a, l, FORWARD_SEND, false);
	ask_schedule(f, a, now_ms + patience_ms(a, upstream_of(f, l)));
}

/* The line to a server, made if it is new; NULL when an ask has seen too many servers. */
static struct forward_line *open_line(struct forward *f, struct ask *a, uint8_t upstream)
{
	struct forward_line *l = ask_line(a, upstream);

	for (unsigned i = 0; i < FORWARD_PER_ROUTE && !l; i++)
		if (!a->lines[i].in_use) {
			l = &a->lines[i];
			*l = (struct forward_line){ .in_use = true,
						    .upstream = upstream,
						    .id = csprng_u16(f->random) };
		}
	return l;
}

void ask_server(struct forward *f, struct ask *a, struct forward_line *l, uint64_t now_ms)
{
	l->asked = true;
	if (upstream_wants_stream(upstream_of(f, l), now_ms))
		ask_by_stream(f, a, l, now_ms);
	else
		ask_by_datagram(f, a, l, now_ms);
}

static bool can_be_asked(struct forward *f, struct ask *a, uint8_t upstream, uint64_t now_ms)
{
	const struct forward_line *l = ask_line(a, upstream);

	return !(l && (l->asked || l->failed || l->on_stream)) &&
	       !upstream_is_down(&f->upstreams[upstream], now_ms);
}

/* The best server of the route that was not asked in this round; NULL when there is none. */
struct forward_line *ask_choose(struct forward *f, struct ask *a, uint64_t now_ms)
{
	const struct route_servers *servers = &f->servers[a->wanted.route];
	unsigned best = FORWARD_PER_ROUTE;

	for (unsigned i = 0; i < servers->count; i++) {
		if (!can_be_asked(f, a, servers->at[i], now_ms))
			continue;
		if (best == FORWARD_PER_ROUTE ||
		    upstream_rank(&f->upstreams[servers->at[i]]) <
			    upstream_rank(&f->upstreams[servers->at[best]]))
			best = i;
	}
	return best < FORWARD_PER_ROUTE ? open_line(f, a, servers->at[best]) : NULL;
}

/* The server of a route that was asked longest ago; *newest_ms: when the last one was. */
static uint8_t longest_unasked(const struct forward *f, const struct route_servers *servers,
			       uint64_t *newest_ms)
{
	uint8_t oldest = servers->at[0];

	*newest_ms = 0;
	for (unsigned i = 0; i < servers->count; i++) {
		uint64_t asked_ms = f->upstreams[servers->at[i]].asked_ms;

		if (asked_ms < f->upstreams[oldest].asked_ms)
			oldest = servers->at[i];
		if (asked_ms > *newest_ms)
			*newest_ms = asked_ms;
	}
	return oldest;
}

/*
 * Once a second one of the servers of a route, which are all down, is asked for
 * something that every server knows.  A client's question would not do: some are
 * never answered, and who asks for those would use up the others' tries.
 */
static void look_for_life(struct forward *f, uint16_t route, uint64_t now_ms)
{
	struct wanted wanted = { .type = TYPE_NS, .route = route };
	uint64_t newest_ms;
	uint8_t upstream = longest_unasked(f, &f->servers[route], &newest_ms);
	struct ask *a;

	name_copy(&wanted.name, name_root);
	if (now_ms - newest_ms < UPSTREAM_PROBE_DOWN_MS || ask_find(f, &wanted) ||
	    !(a = ask_new(f, &wanted, FOR_NOBODY, now_ms)))
		return;
	a->budget = 1;
	a->end_ms = now_ms + FORWARD_DOWN_MS;
	ask_server(f, a, open_line(f, a, upstream), now_ms);
}

/* All servers are down: who asks now waits a moment for a sign of life. */
static bool wait_for_life(struct forward *f, struct ask *a, uint64_t now_ms)
{
	if (f->servers[a->wanted.route].count == 0 || now_ms >= a->began_ms + FORWARD_DOWN_MS)
		return false;
	look_for_life(f, a->wanted.route, now_ms);
	ask_schedule(f, a, a->began_ms + FORWARD_DOWN_MS);
	return true;
}

void ask_after_life(struct forward *f, uint64_t now_ms)
{
	for (unsigned i = 0; i < f->asks_used; i++)
		if (f->asks[f->active[i]].packets == 0)
			ask_schedule(f, &f->asks[f->active[i]], now_ms);
}

static void begin_round(struct ask *a)
{
	for (unsigned i = 0; i < FORWARD_PER_ROUTE; i++)
		a->lines[i].asked = false;
}

/* Is an answer still possible? */
bool ask_is_hopeful(const struct ask *a)
{
	for (unsigned i = 0; i < FORWARD_PER_ROUTE; i++) {
		const struct forward_line *l = &a->lines[i];

		if (l->in_use && !l->failed && !l->dead && (l->has_socket || l->on_stream))
			return true;
	}
	return false;
}

/* Asks the next server; each once, then all of them again. */
void ask_next(struct forward *f, struct ask *a, uint64_t now_ms)
{
	struct forward_line *l = a->packets < a->budget ? ask_choose(f, a, now_ms) : NULL;

	if (!l && a->packets < a->budget) {
		begin_round(a);
		l = ask_choose(f, a, now_ms);
	}
	if (l)
		ask_server(f, a, l, now_ms);
	else if (a->packets == 0 && wait_for_life(f, a, now_ms))
		return;
	else if (ask_is_hopeful(a))
		ask_schedule(f, a, now_ms + LOOK_AGAIN_MS);
	else
		ask_end_in_vain(f, a, now_ms);
}

/* A second server gets the same question, to see how it is: nobody waits for that. */
static void probe_another(struct forward *f, struct ask *a, uint64_t now_ms)
{
	const struct route_servers *servers = &f->servers[a->wanted.route];

	for (unsigned i = 0; i < servers->count; i++) {
		if (ask_line(a, servers->at[i]) ||
		    !upstream_wants_probe(&f->upstreams[servers->at[i]], now_ms))
			continue;
		struct forward_line *l = open_line(f, a, servers->at[i]);
		if (l)
			ask_server(f, a, l, now_ms);
		return;
	}
}

/* RFC 5452 §9.3 asks for as much to guess as possible: each letter is a bit more. */
static void draw_case(struct forward *f, struct name_buf *name)
{
	uint8_t bits[(NAME_MAX_SIZE + 7) / 8];

	csprng_fill(f->random, bits, (name->size + 7u) / 8);
	for (unsigned i = 0; i < name->size; i++) {
		uint8_t octet = octet_folded[name->octets[i]];
		bool is_letter = octet >= 'a' && octet <= 'z';

		name->octets[i] = is_letter && bits[i / 8] >> i % 8 & 1
					  ? (uint8_t)(octet - 'a' + 'A')
					  : octet;
	}
}

void ask_begin(struct forward *f, struct ask *a, uint64_t now_ms)
{
	uint16_t number = ask_number(f, a);

	draw_case(f, &a->name);
	ask_next(f, a, now_ms);
	/* It may be over already, when nobody can be asked. */
	if (f->ask_owners[number] && a->packets > 0 && a->packets < a->budget)
		probe_another(f, a, now_ms);
}

size_t forward_packet(const struct forward *f, uint16_t ask, uint8_t line,
		      uint8_t out[FORWARD_PACKET_MAX], uint64_t now_ms)
{
	const struct ask *a = &f->asks[ask];
	const struct forward_line *l = &a->lines[line];
	const struct edns_reply opt = {
		.dnssec_ok = a->wanted.flags & CACHE_DNSSEC_OK,
		.ede = EDE_NONE,
	};
	const struct question q = ask_question(a);
	struct message m;
	uint16_t flags = FLAG_RD;

	if (a->wanted.flags & CACHE_CHECKING_DISABLED)
		flags |= FLAG_CD;
	if (f->room->trust_ad)
		flags |= FLAG_AD; /* RFC 6840 §5.7: tell us */
	message_init(&m, out, FORWARD_PACKET_MAX);
	put_question(&m, &q);
	if (!l->plain && upstream_takes_edns(&f->upstreams[l->upstream], now_ms))
		put_edns(&m, &opt);
	message_finish(&m, l->id, flags);
	return message_size(&m);
}
