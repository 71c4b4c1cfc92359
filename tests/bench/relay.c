/*
 * relay.c -- the least a forwarder can do on this kernel for a question that it
 * has no answer to.
 *
 *	relay fresh ADDRESS PORT UPSTREAM_PORT          a new socket with a random
 *	                                                port for each question
 *	relay pool ADDRESS PORT UPSTREAM_PORT [N]       N sockets (512), made once;
 *	                                                each question draws one
 *
 * Each question gets a random ID and goes to 127.0.0.1; its answer goes back
 * under the old one.  There is no cache and there are no timeouts, and nothing
 * is looked at but the ID: whatever a server costs above this is its own doing.
 * Ends after RELAY_SECONDS (600), or by SIGTERM.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 64, SIZE = 2048, MOST = 4096, FIRST_PORT = 1024, TRIES = 20 };

static volatile sig_atomic_t stop;
static int clients, epoll, pool[MOST];
static unsigned pool_size; /* 0: a fresh socket for each question */
static struct sockaddr_in upstream;

/* Questions on their way, by the ID that they were given. */
static struct {
	struct sockaddr_in from;
	uint8_t id[2];
	int open;
} asked[65536];

static uint8_t octets[BATCH][SIZE];
static struct sockaddr_in from[BATCH];
static struct iovec vectors[BATCH];
static struct mmsghdr messages[BATCH];

static void on_signal(int number)
{
	(void)number;
	stop = 1;
}

static uint32_t draw(void)
{
	static uint32_t numbers[1024];
	static unsigned left;

	if (left == 0) {
		if (getrandom(numbers, sizeof numbers, 0) != (ssize_t)sizeof numbers)
			exit(1);
		left = 1024;
	}
	return numbers[--left];
}

static void watch(int fd)
{
	struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };

	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
}

static int open_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	struct sockaddr_in me = { .sin_family = AF_INET };

	for (int i = 0; i < TRIES; i++) {
		me.sin_port = htons((uint16_t)(FIRST_PORT + draw() % (65536 - FIRST_PORT)));
		if (bind(fd, (struct sockaddr *)&me, sizeof me) == 0)
			break;
	}
	if (connect(fd, (struct sockaddr *)&upstream, sizeof upstream) != 0)
		exit(1);
	watch(fd);
	return fd;
}

static void pass_question(unsigned i)
{
	uint16_t id = (uint16_t)draw();

	while (asked[id].open)
		id++;
	asked[id].open = 1;
	asked[id].from = from[i];
	memcpy(asked[id].id, octets[i], 2);
	octets[i][0] = (uint8_t)(id >> 8);
	octets[i][1] = (uint8_t)id;
	int fd = pool_size ? pool[draw() % pool_size] : open_socket();
	send(fd, octets[i], messages[i].msg_len, MSG_DONTWAIT);
}

static void hear_clients(void)
{
	for (int i = 0; i < BATCH; i++) {
		vectors[i] = (struct iovec){ octets[i], SIZE };
		messages[i].msg_hdr = (struct msghdr){ .msg_name = &from[i],
						       .msg_namelen = sizeof from[i],
						       .msg_iov = &vectors[i],
						       .msg_iovlen = 1 };
	}
	int n = recvmmsg(clients, messages, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		pass_question((unsigned)i);
}

static void hear_upstream(int fd)
{
	uint8_t *m = octets[0];
	ssize_t n = recv(fd, m, SIZE, MSG_DONTWAIT);

	if (pool_size == 0)
		close(fd);
	if (n < 12)
		return;
	uint16_t id = (uint16_t)(m[0] << 8 | m[1]);
	if (!asked[id].open)
		return;
	asked[id].open = 0;
	memcpy(m, asked[id].id, 2);
	sendto(clients, m, (size_t)n, MSG_DONTWAIT, (struct sockaddr *)&asked[id].from,
	       sizeof asked[id].from);
}

int main(int argc, char **argv)
{
	struct sockaddr_in me = { .sin_family = AF_INET };
	struct epoll_event ready[BATCH];
	const char *seconds = getenv("RELAY_SECONDS");

	if (argc < 5)
		return 2;
	if (strcmp(argv[1], "pool") == 0)
		pool_size = argc > 5 ? (unsigned)atoi(argv[5]) % MOST : 512;
	signal(SIGTERM, on_signal);
	signal(SIGALRM, on_signal);
	alarm(seconds ? (unsigned)atoi(seconds) : 600);
	me.sin_port = htons((uint16_t)atoi(argv[3]));
	inet_pton(AF_INET, argv[2], &me.sin_addr);
	upstream = (struct sockaddr_in){ .sin_family = AF_INET,
					 .sin_port = htons((uint16_t)atoi(argv[4])) };
	upstream.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	clients = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (bind(clients, (struct sockaddr *)&me, sizeof me) != 0)
		return 1;
	epoll = epoll_create1(0);
	watch(clients);
	for (unsigned i = 0; i < pool_size; i++)
		pool[i] = open_socket();
	while (!stop) {
		int n = epoll_wait(epoll, ready, BATCH, 1000);
		for (int i = 0; i < n; i++) {
			if (ready[i].data.fd == clients)
				hear_clients();
			else
				hear_upstream(ready[i].data.fd);
		}
	}
	return 0;
}
