/*
 * signals.c -- signals as events of the loader's loop.
 */
#include "app/signals.h"

#include <signal.h>
#include <time.h>

static volatile sig_atomic_t got_end, got_reload, got_statistics, got_reopen;

static void on_signal(int signal)
{
	switch (signal) {
	case SIGHUP:
		got_reload = 1;
		break;
	case SIGUSR1:
		got_statistics = 1;
		break;
	case SIGUSR2:
		got_reopen = 1;
		break;
	case SIGCHLD:
		break; /* only to wake poll(): the loader looks after all children anyway */
	default:
		got_end = 1;
		break;
	}
}

static const int handled[] = { SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD, SIGTERM, SIGINT };

static void handle(int signal, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	sigemptyset(&action.sa_mask);
	sigaction(signal, &action, NULL);
}

void signals_catch(void)
{
	sigset_t blocked;

	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof handled / sizeof handled[0]; i++) {
		sigaddset(&blocked, handled[i]);
		handle(handled[i], on_signal);
	}
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	handle(SIGPIPE, SIG_IGN);
}

void signals_leave(void)
{
	sigset_t none;

	for (size_t i = 0; i < sizeof handled / sizeof handled[0]; i++)
		handle(handled[i], handled[i] == SIGTERM ? SIG_DFL : SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

int signals_wait(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	struct timespec timeout = { timeout_ms / 1000, (long)(timeout_ms % 1000) * 1000000 };
	sigset_t none;

	sigemptyset(&none);
	return ppoll(fds, n, &timeout, &none);
}

struct signals signals_take(void)
{
	struct signals got = {
		.end = got_end,
		.reload = got_reload,
		.statistics = got_statistics,
		.reopen = got_reopen,
	};

	got_end = got_reload = got_statistics = got_reopen = 0;
	return got;
}
