/*
 * upstream.c -- what is known of an upstream server.
 */
#include "serve/upstream.h"

enum { SATURATED = 255, SRTT_MAX_MS = 10000 };

void upstream_init(struct upstream *u, struct slice host)
{
	*u = (struct upstream){ .in_use = true, .host_size = (uint8_t)host.size };
	memcpy(u->host, host.octets, host.size);
}

uint32_t upstream_rank(const struct upstream *u)
{
	uint32_t rtt_8 = u->answered_ms ? u->srtt_8 : UPSTREAM_UNKNOWN_MS * 8;

	return rtt_8 + u->unanswered * UPSTREAM_SILENT_MS * 8u;
}

uint32_t upstream_patience_ms(const struct upstream *u)
{
	uint32_t ms = u->srtt_8 / 8 * 3 / 2;

	return ms < UPSTREAM_PATIENCE_MAX_MS ? ms : UPSTREAM_PATIENCE_MAX_MS;
}

bool upstream_is_down(const struct upstream *u, uint64_t now_ms)
{
	return u->unreachable >= UPSTREAM_DOWN_UNREACHABLE || now_ms < u->loop_ms ||
	       (u->unanswered >= UPSTREAM_DOWN_UNANSWERED &&
		now_ms - u->silent_ms >= UPSTREAM_DOWN_MS);
}

bool upstream_wants_probe(const struct upstream *u, uint64_t now_ms)
{
	uint64_t interval = u->unanswered > 0 || u->unreachable > 0 ? UPSTREAM_PROBE_SILENT_MS
								    : UPSTREAM_PROBE_MS;

	return u->asked_ms == 0 || now_ms - u->asked_ms >= interval;
}

/* RFC 5452 §9.2: forgeries are forgiven slowly, so that few can be tried in a day. */
static void forgive(struct upstream *u, uint64_t now_ms)
{
	while (u->forgeries > 0 && now_ms >= u->forgery_ms) {
		u->forgeries--;
		u->forgery_ms += UPSTREAM_FORGERY_MS;
	}
}

bool upstream_wants_stream(struct upstream *u, uint64_t now_ms)
{
	forgive(u, now_ms);
	if (now_ms < u->no_stream_ms)
		return false;
	return u->forgeries >= UPSTREAM_FORGERIES || u->doubts >= UPSTREAM_DOUBTS;
}

bool upstream_takes_edns(const struct upstream *u, uint64_t now_ms)
{
	return now_ms >= u->no_edns_ms;
}

void upstream_asked(struct upstream *u, uint64_t now_ms)
{
	u->asked_ms = now_ms;
}

void upstream_answered(struct upstream *u, uint64_t now_ms)
{
	u->answered_ms = now_ms;
	u->unanswered = 0;
	u->unreachable = 0;
}

/* As TCP smooths its round trips (RFC 6298 §2): an eighth of each new one. */
void upstream_took(struct upstream *u, uint64_t ms)
{
	uint32_t sample_8 = (uint32_t)(ms < SRTT_MAX_MS ? ms : SRTT_MAX_MS) * 8;

	u->srtt_8 = u->srtt_8 ? u->srtt_8 - u->srtt_8 / 8 + sample_8 / 8 : sample_8;
}

void upstream_was_silent(struct upstream *u, uint64_t asked_ms)
{
	if (u->answered_ms > asked_ms)
		return; /* it has answered something else meanwhile: a packet was lost */
	if (u->unanswered == 0)
		u->silent_ms = asked_ms;
	if (u->unanswered < SATURATED)
		u->unanswered++;
}

void upstream_was_unreachable(struct upstream *u)
{
	if (u->unreachable < SATURATED)
		u->unreachable++;
}

void upstream_helped(struct upstream *u)
{
	u->loops = 0;
}

void upstream_looped(struct upstream *u, uint64_t now_ms)
{
	if (++u->loops < UPSTREAM_LOOPS)
		return;
	u->loops = 0;
	u->loop_ms = now_ms + UPSTREAM_LOOP_MS;
}

void upstream_forged(struct upstream *u, uint64_t now_ms)
{
	forgive(u, now_ms);
	if (u->forgeries == 0)
		u->forgery_ms = now_ms + UPSTREAM_FORGERY_MS;
	if (u->forgeries < UPSTREAM_FORGERIES)
		u->forgeries++;
}

void upstream_proved_case(struct upstream *u)
{
	u->changes_case = true;
	u->forgeries = 0;
}

void upstream_doubted_edns(struct upstream *u)
{
	if (u->doubts < UPSTREAM_DOUBTS)
		u->doubts++;
}

void upstream_proved_no_edns(struct upstream *u, uint64_t now_ms)
{
	u->doubts = 0;
	u->no_edns_ms = now_ms + UPSTREAM_NO_EDNS_MS;
}

void upstream_stream_answered(struct upstream *u)
{
	u->mute = 0;
}

/* One name that is not answered says nothing of TCP: whoever asks for it must not turn it off. */
void upstream_stream_was_silent(struct upstream *u, uint64_t now_ms)
{
	u->doubts = 0;
	if (++u->mute >= UPSTREAM_MUTE)
		upstream_stream_failed(u, now_ms);
}

void upstream_stream_failed(struct upstream *u, uint64_t now_ms)
{
	u->doubts = 0;
	u->mute = 0;
	u->no_stream_ms = now_ms + UPSTREAM_NO_STREAM_MS;
}
