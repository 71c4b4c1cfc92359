/*
 * guess.c -- what somebody who guesses has to guess: ports, IDs and letters of
 * many questions, as an upstream server sees them.
 *
 *	guess SERVER_PORT UPSTREAM_PORT QUESTIONS [DELAY_MS [CLIENTS]]
 *
 * Asks the server at 127.0.0.1 for names that it has never heard of, 50 at a
 * time for each client, answers as its upstream server that there is no such
 * name, if need be some time later, and prints statistics: one word and one
 * number a line.  Ends with status 1 if it takes more than ten minutes.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <math.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { WINDOW = 50, REST = 64, LETTERS = 16, SECONDS = 600, CLIENTS = 8, LATER = 4096, SIZE = 128 };

static uint32_t ports_seen[65536], ids_seen[65536];
static uint64_t both_seen[16][16]; /* high bits of port and ID together */
static uint64_t upper[LETTERS];
static uint16_t recent[REST];
static uint64_t asked, reused;
static double sum_port, sum_next, sum_square;
static uint16_t last_port;

static int bound(struct sockaddr_in *at)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 4 << 20;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (bind(fd, (struct sockaddr *)at, sizeof *at) != 0) {
		perror("bind");
		exit(2);
	}
	return fd;
}

/* 16 letters that say which number it is, below "test-". */
static size_t make_query(uint8_t *q, uint32_t n)
{
	static const uint8_t head[12] = { 0, 0, 1, 0, 0, 1 };

	memcpy(q, head, sizeof head);
	q[0] = (uint8_t)(n >> 8);
	q[1] = (uint8_t)n;
	q[12] = LETTERS;
	for (int i = 0; i < LETTERS; i++)
		q[13 + i] = (uint8_t)('a' + (n >> 2 * i & 3) + 4 * (i % 5));
	memcpy(q + 13 + LETTERS, "\7example\0\0\1\0\1", 13);
	return 13 + LETTERS + 13;
}

static void count(const uint8_t *m, uint16_t port)
{
	uint16_t id = (uint16_t)(m[0] << 8 | m[1]);

	ports_seen[port]++;
	ids_seen[id]++;
	both_seen[port >> 12][id >> 12]++;
	for (int i = 0; i < REST; i++)
		reused += recent[i] == port;
	recent[asked % REST] = port;
	for (int i = 0; i < LETTERS; i++)
		upper[i] += m[13 + i] < 'a';
	double centred = port - 33280.0;
	sum_square += centred * centred;
	sum_next += centred * (last_port - 33280.0);
	last_port = port;
	asked++;
}

/* No such name; kept for a second only, by an SOA.  The size. */
static size_t make_answer(uint8_t *m)
{
	static const uint8_t soa[] =
		"\0\0\6\0\1\0\0\0\1\0\x16\0\0\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1";
	size_t question = 12 + 1 + LETTERS + 13;

	m[2] |= 0x80;
	m[3] = 0x83;
	m[9] = 1;
	m[11] = 0;
	memcpy(m + question, soa, sizeof soa - 1);
	return question + sizeof soa - 1;
}

/* How far from even, as a normal deviate: sqrt(2 chi2) - sqrt(2 df - 1). */
static double chi_squared(const uint32_t *seen, unsigned from, unsigned to)
{
	double expected = (double)asked / (to - from), chi2 = 0;

	for (unsigned i = from; i < to; i++)
		chi2 += (seen[i] - expected) * (seen[i] - expected) / expected;
	return sqrt(2 * chi2) - sqrt(2.0 * (to - from - 1) - 1);
}

static double chi_squared_of_both(void)
{
	double chi2 = 0, rows[16] = { 0 }, columns[16] = { 0 };

	for (int i = 0; i < 16; i++)
		for (int k = 0; k < 16; k++) {
			rows[i] += (double)both_seen[i][k];
			columns[k] += (double)both_seen[i][k];
		}
	for (int i = 0; i < 16; i++)
		for (int k = 0; k < 16; k++) {
			double e = rows[i] * columns[k] / (double)asked;
			if (e > 0)
				chi2 += ((double)both_seen[i][k] - e) *
					((double)both_seen[i][k] - e) / e;
		}
	return sqrt(2 * chi2) - sqrt(2.0 * 225 - 1);
}

static unsigned different(const uint32_t *seen)
{
	unsigned n = 0;

	for (unsigned i = 0; i < 65536; i++)
		n += seen[i] > 0;
	return n;
}

static void print_all(uint64_t answered)
{
	double worst = 0;

	for (int i = 0; i < LETTERS; i++) {
		double z = ((double)upper[i] - asked / 2.0) / sqrt(asked / 4.0);
		worst = fabs(z) > worst ? fabs(z) : worst;
	}
	printf("asked %llu\nanswered %llu\n", (unsigned long long)asked,
	       (unsigned long long)answered);
	printf("ports %u\nids %u\n", different(ports_seen), different(ids_seen));
	printf("reused %llu\n", (unsigned long long)reused);
	printf("chi2_ids %.3f\n", chi_squared(ids_seen, 0, 65536));
	printf("chi2_both %.3f\n", chi_squared_of_both());
	printf("serial %.5f\n", sum_next / sum_square);
	printf("letters %.3f\n", worst);
}

/* ------ answers that wait ------ */

static struct later {
	uint64_t due_ms;
	struct sockaddr_in to;
	size_t size;
	uint8_t octets[SIZE];
} later[LATER];
static unsigned later_first, later_count;

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void hear_questions(int fd, uint64_t delay_ms)
{
	struct sockaddr_in from;
	socklen_t size = sizeof from;
	uint8_t m[SIZE];

	while (later_count < LATER &&
	       recvfrom(fd, m, sizeof m, MSG_DONTWAIT, (struct sockaddr *)&from, &size) >=
		       13 + LETTERS + 13) {
		struct later *l = &later[(later_first + later_count++) % LATER];

		count(m, ntohs(from.sin_port));
		l->due_ms = now_ms() + delay_ms;
		l->to = from;
		l->size = make_answer(m);
		memcpy(l->octets, m, l->size);
	}
}

static void send_answers(int fd)
{
	for (; later_count > 0 && later[later_first].due_ms <= now_ms(); later_count--) {
		const struct later *l = &later[later_first];

		sendto(fd, l->octets, l->size, 0, (const struct sockaddr *)&l->to, sizeof l->to);
		later_first = (later_first + 1) % LATER;
	}
}

/* ------ all of it ------ */

static struct sockaddr_in loopback(unsigned last, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	a.sin_addr.s_addr = htonl(0x7f000000 + last);
	return a;
}

static uint64_t hear_clients(const struct pollfd *fds, unsigned clients)
{
	uint8_t m[512];
	uint64_t heard = 0;

	for (unsigned i = 0; i < clients; i++)
		while (recv(fds[i].fd, m, sizeof m, MSG_DONTWAIT) > 0)
			heard++;
	return heard;
}

int main(int argc, char **argv)
{
	time_t end = time(NULL) + SECONDS;
	uint64_t answered = 0, heard_ms = now_ms();
	uint32_t sent = 0, open = 0;

	if (argc < 4)
		return 2;
	struct sockaddr_in server = loopback(1, atoi(argv[1])), up = loopback(1, atoi(argv[2]));
	uint32_t most = (uint32_t)atoi(argv[3]);
	uint64_t delay_ms = argc > 4 ? (uint64_t)atoi(argv[4]) : 0;
	unsigned clients = argc > 5 ? (unsigned)atoi(argv[5]) % (CLIENTS + 1) : 1;
	struct pollfd fds[CLIENTS + 1] = { { bound(&up), POLLIN, 0 } };

	for (unsigned i = 0; i < clients; i++) {
		struct sockaddr_in me = loopback(1 + i, 0);
		fds[1 + i] = (struct pollfd){ bound(&me), POLLIN, 0 };
	}
	while (answered < most && time(NULL) < end) {
		for (; open < WINDOW * clients && sent < most; open++, sent++) {
			uint8_t q[SIZE];
			size_t n = make_query(q, sent);
			sendto(fds[1 + sent % clients].fd, q, n, 0, (struct sockaddr *)&server,
			       sizeof server);
		}
		poll(fds, 1 + clients, later_count > 0 ? 1 : 100);
		hear_questions(fds[0].fd, delay_ms);
		send_answers(fds[0].fd);
		uint64_t heard = hear_clients(fds + 1, clients);
		answered += heard;
		open -= heard < open ? (uint32_t)heard : open;
		if (heard > 0)
			heard_ms = now_ms();
		else if (now_ms() - heard_ms > 3000 && sent == most)
			break;
		else if (now_ms() - heard_ms > 3000)
			open = 0; /* what is lost is lost */
	}
	print_all(answered);
	return time(NULL) < end ? 0 : 1;
}
