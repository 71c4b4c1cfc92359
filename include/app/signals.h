/*
 * signals.h -- signals as events of the loader's loop.
 *
 *	HUP   read everything again      USR1  log statistics
 *	TERM  end, and so does INT       USR2  open the log again
 *
 * They are let in only while the loop waits, so nothing races with them.
 */
#ifndef APP_SIGNALS_H
#define APP_SIGNALS_H

#include <poll.h>

#include "base/octets.h"

struct signals {
	bool end, reload, statistics, reopen;
};

/* Takes over the signals of this process. */
void signals_catch(void);

/* A child hears the loader through its channel: only SIGTERM is for it. */
void signals_leave(void);

/* poll() that a signal can interrupt. */
int signals_wait(struct pollfd *fds, nfds_t n, int timeout_ms);

/* What has come since the last call. */
struct signals signals_take(void);

#endif
