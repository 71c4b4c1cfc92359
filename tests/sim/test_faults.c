/*
 * test_faults.c -- each call that a server makes fails, the first, the second and
 * so on to the last, with each errno that its manual names; once, and from then on.
 *
 * With TEN35_EACH=N in the environment one of N such faults is tried.
 *
 * No rule of sim/rules.h is broken by it, and ten seconds after the faults every
 * question is answered as if nothing had been.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "sim/script.h"

static const char setting[] =
	"forward . 2\nforward corp.test. 1\nminimal\n"
	"zone home.arpa. no-ptr\n\t$TTL 300\n\t@ SOA ns h 1 2 3 4 60\n\t@ NS ns\n"
	"\tns A 10.1.0.1\n\tnas A 10.1.0.2\n\tweb CNAME host.example.com.\n"
	"up 1 answers\nup 2 answers\nup 3 cut\nversion 1\n"
	"client > nas.home.arpa. A tcp from 192.0.2.9#1\ndrop\n";

/* Everything that a server does, once or twice. */
static const char play[] =
	"client > nas.home.arpa. A\nclient > nas.home.arpa. A from 2001:db8::7\n"
	"client > one.example.com. A id=1\nclient > one.example.com. A id=2\n"
	"client > web.home.arpa. A edns from 2001:db8::7\nclient > no.example.com. A tcp\n"
	"client > a.corp.test. A\nclient > b.corp.test. A tcp\nclient > many.corp.test. A\n"
	"wait 500ms\n"
	"client > nas.home.arpa. A tcp from 192.0.2.8\nclient > nas.home.arpa. A tcp from 192.0.2.9#1\n"
	"send 192.0.2.8#6 192.0.2.1 stream 00010203\nhangup 192.0.2.8 192.0.2.1\n"
	"send 192.0.2.7 192.0.2.1 ff\n"
	"up 1 silent\nup 3 tcp refused\nclient > two.example.com. A\nclient > c.corp.test. A\n"
	"wait 1s\nup 1 fails\nclient > three.example.com. A\nwait 15s\n"
	"client > nas.home.arpa. A from 203.0.113.9\nclient > x.example.com. A from 203.0.113.9\n"
	"wait 1s\n";

static const char ending[] =
	"fault none\nup 1 answers\nup 3 tcp works\nwait 10s\ndrop\n"
	"right four.example.com.\nright five.corp.test.\nright six.example.net. tcp\n"
	"right seven.example.net. from 2001:db8::7\n"
	"client > nas.home.arpa. A id=1\nclient < id=1 NOERROR aa rd ra\n"
	"\tan nas.home.arpa. 300 A 10.1.0.2\n";

static char said[1 << 14];

static void hear(void *self, const struct finding *f)
{
	struct text text = text_init(said, sizeof said);

	(void)self;
	finding_print(f, FORM_PLAIN, &text);
}

static bool play_text(struct script *s, const char *text)
{
	return script_play(s, "scenario", (struct slice){ (const uint8_t *)text, strlen(text) });
}

/* Plays it all with a fault that is given as a line; how often each call was made. */
static void run(const char *fault, uint64_t made[CALLS])
{
	struct sim *sim = calloc(1, sizeof *sim);
	struct script *script = calloc(1, sizeof *script);
	struct diag diag = { .report = hear };
	uint64_t before[CALLS];

	assert_true(sim && script);
	sim_init(sim, 1);
	script_init(script, sim, &diag);
	bool good = play_text(script, setting);
	memcpy(before, sim->hosts[0]->kernel.made, sizeof before);
	good = good && play_text(script, fault) && play_text(script, play);
	if (made)
		for (unsigned i = 0; i < CALLS; i++)
			made[i] = sim->hosts[0]->kernel.made[i] - before[i];
	good = good && play_text(script, ending);
	if (!good)
		fail_msg("after '%s': %s", fault, said);
	script_free(script);
	sim_free(sim);
	free(script);
	free(sim);
}

/* Errors by the manuals of the calls behind each function of net/sockets.h. */
static const struct {
	enum kernel_call call;
	const char *text;
	const char *errors;
} calls[] = {
	{ CALL_POLL, "poll", "EINTR ENOMEM EINVAL" },
	{ CALL_RECEIVE, "receive",
	  "EAGAIN EINTR ECONNREFUSED ENOMEM ENOBUFS EPERM ENETDOWN EHOSTUNREACH" },
	{ CALL_SEND, "send",
	  "EAGAIN EINTR ECONNREFUSED ENOBUFS ENOMEM EPERM EMSGSIZE EHOSTUNREACH ENETUNREACH "
	  "ENETDOWN EINVAL EACCES EPIPE" },
	{ CALL_ACCEPT, "accept",
	  "EAGAIN EINTR ECONNABORTED EMFILE ENFILE ENOBUFS ENOMEM EPERM EPROTO ENETDOWN "
	  "EHOSTUNREACH ENETUNREACH EINVAL ETIMEDOUT" },
	{ CALL_READ, "read",
	  "EAGAIN EINTR ECONNREFUSED ECONNRESET ETIMEDOUT ENOMEM EHOSTUNREACH ENETUNREACH "
	  "ENOTCONN short" },
	{ CALL_WRITE, "write",
	  "EAGAIN EINTR ECONNREFUSED ECONNRESET EPIPE ENOBUFS ENOMEM EPERM EMSGSIZE "
	  "EHOSTUNREACH ENETUNREACH ENETDOWN EACCES ETIMEDOUT short" },
	{ CALL_SHUTDOWN, "shutdown", "ENOTCONN ENOBUFS" },
	{ CALL_CLOSE, "close", "EINTR EIO ENOSPC EDQUOT" },
	{ CALL_SPARE, "spare", "EMFILE ENFILE EINVAL" },
	{ CALL_DIAL, "dial",
	  "EMFILE ENFILE ENOBUFS ENOMEM EACCES EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT ENETUNREACH "
	  "EHOSTUNREACH ENETDOWN EPERM EAGAIN" },
	{ CALL_CONNECT, "connect",
	  "EMFILE ENFILE ENOBUFS ENOMEM EACCES EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT ENETUNREACH "
	  "EHOSTUNREACH ENETDOWN EPERM EAGAIN ECONNREFUSED ETIMEDOUT" },
};

static unsigned fail_each(size_t i, uint64_t made, const char *times)
{
	const char *each = getenv("TEN35_EACH");
	uint64_t step = each ? strtoull(each, NULL, 10) : 1;
	unsigned runs = 0;
	char errors[256], *state = NULL, fault[128];

	strcpy(errors, calls[i].errors);
	for (char *e = strtok_r(errors, " ", &state); e; e = strtok_r(NULL, " ", &state))
		for (uint64_t k = runs % step; k < made; k += step, runs++) {
			struct text line = text_init(fault, sizeof fault);

			text_format(&line, "fault %s %s after %u%s\n", calls[i].text, e,
				    (unsigned)k, times);
			run(fault, NULL);
		}
	return runs;
}

static void every_call_may_fail(const char *times)
{
	uint64_t made[CALLS];
	unsigned runs = 0;

	run("fault none\n", made);
	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
		/* The scenario has them all, or it proves nothing. */
		if (calls[i].call != CALL_SHUTDOWN && calls[i].call != CALL_SPARE)
			assert_true(made[calls[i].call] > 0);
		runs += fail_each(i, made[calls[i].call], times);
	}
	print_message("%u runs\n", runs);
}

static void every_call_may_fail_once(void **state)
{
	(void)state;
	every_call_may_fail(" times 1");
}

static void every_call_may_fail_from_then_on(void **state)
{
	(void)state;
	every_call_may_fail("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_may_fail_once),
		cmocka_unit_test(every_call_may_fail_from_then_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
