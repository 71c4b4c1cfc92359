/*
 * server_process.c -- the process around a server: what it is told over a channel.
 */
#include "app/channel.h"
#include "app/sealed.h"
#include "app/server.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum { MOMENT_MS = 10 };

/* What comes along is mapped; without anything, or when that fails, block is NULL. */
static void pass_on(struct server *s, const struct server_message *m, int file)
{
	const void *block = file >= 0 ? sealed_map(file, (size_t)m->size) : NULL;

	server_hear(s, m, block);
	if (file >= 0)
		close(file);
}

/* False when the loader is gone. */
static bool hear_loader(struct server *s)
{
	struct server_message m;
	int file;

	for (;;) {
		ssize_t n = channel_receive(s->setup->channel, &m, sizeof m, &file);

		if (n <= 0)
			return n < 0;
		if (n == sizeof m)
			pass_on(s, &m, file);
		else if (file >= 0)
			close(file);
	}
}

/*
 * poll() has failed, as it does without memory: trying at once would only burn the processor.
 * For no descriptors it needs none.
 */
static void wait_a_moment(void)
{
	(void)poll(NULL, 0, MOMENT_MS);
}

int server_run(const struct server_setup *setup)
{
	/* Large, and zero until used: static, so that only touched pages are memory, and few. */
	static _Alignas(4096) struct server s;
	pid_t loader = getppid();

	if (!server_init(&s, setup)) {
		log_write(LEVEL_ERROR, "out of memory");
		return 4;
	}
	for (;;) {
		if (!server_wait(&s)) {
			/* After a signal nothing is lost by going round again. */
			if (errno != EINTR)
				wait_a_moment();
			continue;
		}
		if (s.fds[0].revents && !hear_loader(&s))
			break;
		server_serve(&s);
	}
	/* Another server has taken over, unless the loader is gone, too. */
	while (getppid() == loader && server_finish(&s))
		;
	return 0;
}
