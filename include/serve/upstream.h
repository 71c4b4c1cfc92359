/*
 * upstream.h -- what is known of an upstream server: is it well, how fast is
 * it, what does it not understand, and is somebody forging its answers?
 *
 * Only its answers to our questions teach anything good; only silence, its own
 * refusals and what it says over TCP teach anything bad.  What anybody else can
 * send changes nothing but the count of forgeries, and that only makes us more
 * careful (RFC 5452 §9.2).
 */
#ifndef SERVE_UPSTREAM_H
#define SERVE_UPSTREAM_H

#include "base/octets.h"

enum {
	UPSTREAM_UNKNOWN_MS = 250,       /* a server that never answered ranks as one so slow */
	UPSTREAM_PATIENCE_MAX_MS = 1500, /* however far away it is */
	UPSTREAM_SILENT_MS = 500,        /* added for each question that it left unanswered */
	UPSTREAM_DOWN_UNANSWERED = 8,    /* silent so often ... */
	UPSTREAM_DOWN_MS = 10000,        /* ... and for so long: down */
	UPSTREAM_DOWN_UNREACHABLE = 2,   /* or so many ICMP messages in a row */
	UPSTREAM_PROBE_MS = 30000,       /* how often a server that is not the best is asked, too */
	UPSTREAM_PROBE_SILENT_MS = 2000, /* one that left questions unanswered */
	UPSTREAM_PROBE_DOWN_MS = 1000,   /* all are down: one question goes out in this time */
	UPSTREAM_FORGERIES = 4,          /* tolerated in a row; then it is asked by TCP only ... */
	UPSTREAM_FORGERY_MS = 300000,    /* ... until one is forgiven */
	UPSTREAM_NO_STREAM_MS = 60000,   /* how long a failed TCP connection counts */
	UPSTREAM_MUTE = 8, /* connections in a row by which nothing came: it has no TCP */
	UPSTREAM_NO_EDNS_MS = 3600000,
	UPSTREAM_DOUBTS = 4, /* errors about OPT by UDP before TCP is asked for confirmation */
	UPSTREAM_LOOPS = 3,  /* questions in a row that surely came back to us: down for ... */
	UPSTREAM_LOOP_MS = 30000,
};

struct upstream {
	bool in_use;
	uint8_t host[16]; /* its address, to know it when it asks us */
	uint8_t host_size;
	bool changes_case;   /* proved by TCP: its answers have the name in other letters */
	uint8_t unanswered;  /* questions since the last answer */
	uint8_t unreachable; /* ICMP messages since then */
	uint8_t loops;       /* our questions that surely came back, since one was answered */
	uint8_t doubts;      /* errors about OPT that were not confirmed by TCP */
	uint8_t mute;      /* TCP connections by which nothing came, since the last that was well */
	uint8_t forgeries; /* not yet forgiven */
	uint32_t srtt_8;   /* smoothed round trip, in eighths of a millisecond */
	uint64_t answered_ms;  /* 0: never */
	uint64_t asked_ms;     /* 0: never */
	uint64_t silent_ms;    /* since when it does not answer */
	uint64_t forgery_ms;   /* when the next forgery is forgiven */
	uint64_t no_edns_ms;   /* until when it is asked without OPT */
	uint64_t no_stream_ms; /* until when TCP is known to fail */
	uint64_t loop_ms;      /* until when it leads back to us */
};

void upstream_init(struct upstream *u, struct slice host);

/* The less, the sooner it is asked. */
uint32_t upstream_rank(const struct upstream *u);

/* For how long its answer should be waited for: half as long again as it usually takes. */
uint32_t upstream_patience_ms(const struct upstream *u);

bool upstream_is_down(const struct upstream *u, uint64_t now_ms);

/* Is it time to see how it is, with a question that another one is asked as well? */
bool upstream_wants_probe(const struct upstream *u, uint64_t now_ms);

/* Is it to be asked by TCP, because UDP is under attack or to confirm a doubt? */
bool upstream_wants_stream(struct upstream *u, uint64_t now_ms);

bool upstream_takes_edns(const struct upstream *u, uint64_t now_ms);

/* What happens to it. */
void upstream_asked(struct upstream *u, uint64_t now_ms);
void upstream_answered(struct upstream *u, uint64_t now_ms); /* whatever it said */
void upstream_helped(struct upstream *u);                    /* its answer was one */
void upstream_took(struct upstream *u, uint64_t ms);         /* a round trip */
void upstream_was_silent(struct upstream *u, uint64_t asked_ms);
void upstream_was_unreachable(struct upstream *u);
void upstream_looped(struct upstream *u, uint64_t now_ms);
void upstream_forged(struct upstream *u, uint64_t now_ms);
void upstream_proved_case(struct upstream *u); /* by TCP: what looked forged was itself */
void upstream_doubted_edns(struct upstream *u);
void upstream_proved_no_edns(struct upstream *u, uint64_t now_ms); /* by TCP */
void upstream_stream_answered(struct upstream *u);
void upstream_stream_was_silent(struct upstream *u, uint64_t now_ms);
void upstream_stream_failed(struct upstream *u, uint64_t now_ms);

#endif
