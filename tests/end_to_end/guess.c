/*
 * guess.c -- what somebody who guesses has to guess: ports, IDs and letters of
 * many questions, as an upstream server sees them.
 *
 *	guess ADDRESS SERVER_PORT UPSTREAM_PORT QUESTIONS
 *
 * Asks the server for names that it has never heard of, 64 at a time, answers
 * as its upstream server that there is no such name, and prints statistics:
 * one word and one number a line.  Ends with status 1 if it takes more than
 * ten minutes.
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

enum { WINDOW = 64, REST = 64, LETTERS = 16, SECONDS = 600 };

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

/* No such name; kept for a second only, by an SOA. */
static size_t make_answer(uint8_t *m, size_t n)
{
	static const uint8_t soa[] =
		"\0\0\6\0\1\0\0\0\1\0\x16\0\0\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1";

	m[2] |= 0x80;
	m[3] = 0x83;
	m[9] = 1;
	m[11] = 0;
	size_t question = 12 + 1 + LETTERS + 13;
	(void)n;
	memcpy(m + question, soa, sizeof soa - 1);
	return question + sizeof soa - 1;
}

/* For fewer than `from` cells that are expected alike: sqrt(2 chi2) - sqrt(2 df - 1), about N(0, 1). */
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

int main(int argc, char **argv)
{
	struct sockaddr_in server = { .sin_family = AF_INET }, up = server, me = server;
	uint8_t m[2048];
	struct sockaddr_in from;
	uint32_t sent = 0, window = 0;
	uint64_t answered = 0;
	time_t end = time(NULL) + SECONDS;

	if (argc != 5 || !inet_aton(argv[1], &server.sin_addr))
		return 2;
	up.sin_addr = me.sin_addr = server.sin_addr;
	server.sin_port = htons((uint16_t)atoi(argv[2]));
	up.sin_port = htons((uint16_t)atoi(argv[3]));
	uint32_t most = (uint32_t)atoi(argv[4]);
	struct pollfd fds[2] = { { bound(&me), POLLIN, 0 }, { bound(&up), POLLIN, 0 } };

	while (answered < most && time(NULL) < end) {
		while (window < WINDOW && sent < most) {
			size_t n = make_query(m, sent++);
			sendto(fds[0].fd, m, n, 0, (struct sockaddr *)&server, sizeof server);
			window++;
		}
		if (poll(fds, 2, 3000) == 0) {
			window = 0; /* what is lost is lost */
			if (sent == most)
				break;
			continue;
		}
		socklen_t size = sizeof from;
		ssize_t n;
		while ((n = recvfrom(fds[1].fd, m, sizeof m, MSG_DONTWAIT, (struct sockaddr *)&from,
				     &size)) >= 13 + LETTERS + 13) {
			count(m, ntohs(from.sin_port));
			size_t answer = make_answer(m, (size_t)n);
			sendto(fds[1].fd, m, answer, 0, (struct sockaddr *)&from, size);
		}
		while (recv(fds[0].fd, m, sizeof m, MSG_DONTWAIT) > 0) {
			answered++;
			window -= window > 0;
		}
	}
	print_all(answered);
	return time(NULL) < end ? 0 : 1;
}
