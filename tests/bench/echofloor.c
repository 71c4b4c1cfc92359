/* echofloor - the least a UDP DNS responder can do on this kernel.
 *
 * Waits in a blocking poll(), reads what is there, sets the QR bit and sends
 * the same bytes back.  No parsing, no lookup, no answer building: whatever
 * this costs per packet is kernel cost plus a few nanoseconds, so a real
 * server's CPU-per-query divided by this figure says how far above the
 * physical limit it is.
 *
 *   echofloor mmsg   ADDR PORT [PAD]   recvmmsg/sendmmsg, batches of up to 64
 *   echofloor single ADDR PORT [PAD]   recvfrom/sendto, one packet a time,
 *                                      until EAGAIN, then poll() again
 *   echofloor poll1  ADDR PORT [PAD]   poll() before every single packet
 *   echofloor block  ADDR PORT [PAD]   no poll at all: a blocking recvmmsg with
 *                                      MSG_WAITFORONE (what gdnsd does)
 *   echofloor epoll  ADDR PORT [PAD]   like mmsg, with epoll_wait for poll
 *   echofloor pktinfo ADDR PORT [PAD]  like mmsg, with IP_PKTINFO control data
 *                                      read and given back (a wildcard-bound
 *                                      server needs it to answer from the
 *                                      address that was asked)
 *   echofloor recall ADDR PORT SIZE KIB  like mmsg, with one look into a table of KIB: the
 *                                      least that an answer out of a memory of that size costs
 *
 * ECHOFLOOR_BATCH: batch width for the mmsg kinds (default 64, at most 64).
 *
 * PAD: send back at least PAD bytes (the answer size of a real server), so
 * the floor pays for the same copy.  0 = same size as the query.
 *
 * recall is the limit for servers of names: whatever they do, they read the question
 * once, go to the one place that it means, and copy what is found there behind it.  It
 * checks nothing, not even whether that place belongs to this question.
 *
 * Stops after ECHOFLOOR_SECONDS (default 600) or on SIGTERM/SIGINT.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define PKT   2048

static volatile sig_atomic_t stop;
static void on_sig(int s)
{
	(void)s;
	stop = 1;
}

static unsigned char bufs[BATCH][PKT];
static struct sockaddr_in from[BATCH];
static struct iovec iov[BATCH];
static struct mmsghdr msgs[BATCH];

static int pad_to, width = BATCH;
static char ctl[BATCH][64] __attribute__((aligned(8)));

static size_t reply_len(size_t n)
{
	return n < (size_t)pad_to ? (size_t)pad_to : n;
}

/* ------ recall ------ */

#define QUESTION_AT 12

static unsigned char *table; /* NULL: nothing is looked up */
static size_t places, place_size;

/* As many places of a whole number of cache lines as fit; false when there is no memory. */
static int table_make(size_t kib)
{
	place_size = ((size_t)pad_to + 63) & ~(size_t)63;
	places = kib * 1024 / place_size;
	if (places == 0)
		return 0;
	table = mmap(NULL, kib * 1024, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (table == MAP_FAILED)
		return 0;
	madvise(table, kib * 1024, MADV_HUGEPAGE);
	memset(table, 0x5a, kib * 1024);
	return 1;
}

/* Eight octets at a time; good enough to spread names. */
static uint64_t hash(const unsigned char *octets, size_t n)
{
	uint64_t h = 0x9e3779b97f4a7c15, word = 0;

	for (; n >= 8; octets += 8, n -= 8) {
		memcpy(&word, octets, 8);
		h = (h ^ word) * 0x9fb21c651e98df25;
		h ^= h >> 32;
	}
	word = 0;
	memcpy(&word, octets, n);
	h = (h ^ word) * 0x9fb21c651e98df25;
	return h ^ h >> 32;
}

static void recall(unsigned char *message, size_t n)
{
	if (n <= QUESTION_AT || n >= (size_t)pad_to)
		return;
	size_t at = hash(message + QUESTION_AT, n - QUESTION_AT) % places;
	memcpy(message + n, table + at * place_size, (size_t)pad_to - n);
}

/* receive one batch and send it back; the number received */
static int batch(int fd, int flags, int control)
{
	for (int i = 0; i < width; i++) {
		iov[i].iov_len = PKT;
		msgs[i].msg_hdr.msg_namelen = sizeof from[i];
		if (control)
			msgs[i].msg_hdr.msg_controllen = sizeof ctl[i];
	}
	int n = recvmmsg(fd, msgs, (unsigned)width, flags, NULL);
	if (n <= 0)
		return n;
	for (int i = 0; i < n; i++) {
		bufs[i][2] |= 0x80;
		iov[i].iov_len = reply_len(msgs[i].msg_len);
		if (table)
			recall(bufs[i], msgs[i].msg_len);
	}
	for (int off = 0; off < n;) {
		int k = sendmmsg(fd, msgs + off, (unsigned)(n - off), MSG_DONTWAIT);
		off += k > 0 ? k : 1; /* drop what will not go */
	}
	return n;
}

enum wait { POLL, EPOLL, BLOCK };

static void loop_mmsg(int fd, enum wait how, int control)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct epoll_event ev = { .events = EPOLLIN };
	int ep = how == EPOLL ? epoll_create1(0) : -1;
	if (ep >= 0)
		epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
	if (control) {
		int on = 1;
		setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
	}
	for (int i = 0; i < width; i++) {
		iov[i].iov_base = bufs[i];
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
		msgs[i].msg_hdr.msg_name = &from[i];
		msgs[i].msg_hdr.msg_control = control ? ctl[i] : NULL;
	}
	while (!stop) {
		if (how == BLOCK) {
			batch(fd, MSG_WAITFORONE, control);
			continue;
		}
		if ((how == POLL ? poll(&p, 1, 1000) : epoll_wait(ep, &ev, 1, 1000)) <= 0)
			continue;
		while (batch(fd, MSG_DONTWAIT, control) == width)
			;
	}
}

static int one(int fd)
{
	socklen_t al = sizeof from[0];
	ssize_t n = recvfrom(fd, bufs[0], PKT, MSG_DONTWAIT, (struct sockaddr *)&from[0], &al);
	if (n < 0)
		return 0;
	bufs[0][2] |= 0x80;
	sendto(fd, bufs[0], reply_len((size_t)n), MSG_DONTWAIT, (struct sockaddr *)&from[0], al);
	return 1;
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fprintf(stderr,
			"usage: %s mmsg|single|poll1|block|epoll|pktinfo|recall ADDR PORT [PAD [KIB]]\n",
			argv[0]);
		return 2;
	}
	pad_to = argc > 4 ? atoi(argv[4]) : 0;
	if (pad_to > PKT)
		pad_to = PKT;
	const char *lim = getenv("ECHOFLOOR_SECONDS");
	struct sigaction act = { .sa_handler = on_sig }; /* no SA_RESTART */
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGALRM, &act, NULL);
	alarm(lim ? (unsigned)atoi(lim) : 600);

	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_port = htons((unsigned short)atoi(argv[3])) };
	if (inet_pton(AF_INET, argv[2], &sa.sin_addr) != 1) {
		fprintf(stderr, "bad address\n");
		return 2;
	}
	int sz = 4 << 20;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &sz, sizeof sz);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &sz, sizeof sz);
	if (bind(fd, (struct sockaddr *)&sa, sizeof sa) != 0) {
		perror("bind");
		return 1;
	}
	const char *w = getenv("ECHOFLOOR_BATCH");
	if (w && atoi(w) > 0 && atoi(w) < BATCH)
		width = atoi(w);
	if (!strcmp(argv[1], "mmsg")) {
		loop_mmsg(fd, POLL, 0);
	} else if (!strcmp(argv[1], "epoll")) {
		loop_mmsg(fd, EPOLL, 0);
	} else if (!strcmp(argv[1], "block")) {
		loop_mmsg(fd, BLOCK, 0);
	} else if (!strcmp(argv[1], "pktinfo")) {
		loop_mmsg(fd, POLL, 1);
	} else if (!strcmp(argv[1], "recall")) {
		if (!table_make(argc > 5 ? (size_t)atoi(argv[5]) : 0)) {
			fprintf(stderr, "no table\n");
			return 1;
		}
		loop_mmsg(fd, POLL, 0);
	} else {
		int every = !strcmp(argv[1], "poll1");
		struct pollfd p = { .fd = fd, .events = POLLIN };
		while (!stop) {
			if (poll(&p, 1, 1000) <= 0)
				continue;
			while (one(fd) && !every && !stop)
				;
		}
	}
	return 0;
}
