/*
 * fire.c -- asks a server that is reloading, and looks at every answer.
 *
 *	fire ADDRESS PORT RATE WINDOW SECONDS QUERYFILE
 *
 * Sends RATE queries a second by UDP, evenly spaced, of which at most WINDOW
 * wait for their answers.  The zone says its version in every TTL (TTL % 100,
 * see gen.py): an answer with two versions in it is a mixture, and one with an
 * older version than was seen before its query was sent is a step back.
 * QUERYFILE has lines "NAME TYPE" and is asked round and round.
 *
 * Ends after SECONDS or on SIGTERM, waits for the last answers, and prints one
 * line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	IDS = 65536,
	MESSAGE_MAX = 4096,
	QUERY_MAX = 300,
	HEADER = 12,
	BURST = 32, /* queries in one go, when we are late */
	TYPE_SOA = 6,
	SOA_NUMBERS = 20, /* octets of the five numbers at the end of a SOA */
	VERSIONS = 100,
};

/* Without an answer, a query is lost: as long as a resolver waits at most (RFC 1035 §4.2.1). */
static const double LOST_S = 5;

struct query {
	uint8_t octets[QUERY_MAX];
	size_t size;
};

struct pending {
	double sent_s; /* 0: none */
	size_t query;
	int newest; /* version seen when it was sent */
};

static struct {
	unsigned long sent, answered, lost, mixed, older, wrong, stray;
	double slowest_s, held_up_s;
} counted;

static struct query *queries;
static size_t query_count;
static struct pending pending[IDS];
static unsigned waiting, next_id, oldest_id;
static int newest = -1;
static bool seen[VERSIONS];
static volatile sig_atomic_t stop;

static void on_term(int number)
{
	(void)number;
	stop = 1;
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static unsigned get16(const uint8_t *p)
{
	return (unsigned)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

/* ------ queries ------ */

static unsigned type_number(const char *text)
{
	static const struct {
		const char *text;
		unsigned number;
	} types[] = { { "A", 1 },   { "NS", 2 },   { "CNAME", 5 }, { "SOA", 6 },
		      { "MX", 15 }, { "TXT", 16 }, { "AAAA", 28 }, { "DS", 43 } };

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(types[i].text, text) == 0)
			return types[i].number;
	return 0;
}

/* False for a name or type that cannot be asked. */
static bool make_query(struct query *q, const char *name, const char *type)
{
	uint8_t *p = q->octets + HEADER;
	unsigned number = type_number(type);

	memset(q->octets, 0, HEADER);
	q->octets[5] = 1; /* QDCOUNT */
	while (*name) {
		size_t n = strcspn(name, ".");
		if (n == 0 || n > 63 || p + n + 6 > q->octets + QUERY_MAX)
			return false;
		*p++ = (uint8_t)n;
		memcpy(p, name, n);
		p += n;
		name += n + (name[n] == '.');
	}
	*p++ = 0;
	*p++ = (uint8_t)(number >> 8);
	*p++ = (uint8_t)number;
	*p++ = 0;
	*p++ = 1; /* IN */
	q->size = (size_t)(p - q->octets);
	return number != 0;
}

static bool read_queries(const char *path)
{
	FILE *f = fopen(path, "r");
	char name[256], type[16];
	size_t room = 0;

	while (f && fscanf(f, "%255s %15s", name, type) == 2) {
		if (query_count == room) {
			room = room ? 2 * room : 4096;
			queries = realloc(queries, room * sizeof *queries);
			if (!queries)
				break;
		}
		query_count += make_query(&queries[query_count], name, type);
	}
	if (f)
		fclose(f);
	return query_count > 0;
}

/* ------ answers ------ */

/* Behind a name, or NULL when it does not end within the message. */
static const uint8_t *skip_name(const uint8_t *p, const uint8_t *end)
{
	while (p < end && *p && *p < 0xc0)
		p += 1 + *p;
	if (p >= end)
		return NULL;
	p += *p ? 2 : 1;
	return p <= end ? p : NULL;
}

/* The version that all records say; -1 for none at all, -2 for several or nonsense. */
static int version_of(const uint8_t *m, size_t size, size_t question_size)
{
	unsigned count = get16(m + 6) + get16(m + 8) + get16(m + 10);
	const uint8_t *p = m + question_size, *end = m + size;
	int version = -1;

	for (; count; count--) {
		p = skip_name(p, end);
		if (!p || end - p < 10 || end - p - 10 < (long)get16(p + 8))
			return -2;
		const uint8_t *data = p + 10, *next = data + get16(p + 8);
		int v = (int)(get32(p + 4) % VERSIONS);
		if (get16(p) == TYPE_SOA && next - data > SOA_NUMBERS &&
		    (int)(get32(next - SOA_NUMBERS) % VERSIONS) != v)
			return -2;
		if (version >= 0 && v != version)
			return -2;
		version = v;
		p = next;
	}
	return p == end ? version : -2;
}

static void take_answer(const uint8_t *m, size_t size)
{
	struct pending *w = size >= HEADER ? &pending[get16(m)] : NULL;
	const struct query *q = w && w->sent_s > 0 ? &queries[w->query] : NULL;

	if (!q || !(m[2] & 0x80)) {
		counted.stray++;
		return;
	}
	double took = now_s() - w->sent_s;
	if (took > counted.slowest_s)
		counted.slowest_s = took;
	w->sent_s = 0;
	waiting--;
	counted.answered++;
	if (size < q->size || memcmp(m + HEADER, q->octets + HEADER, q->size - HEADER) != 0 ||
	    ((m[3] & 15) != 0 && (m[3] & 15) != 3)) {
		counted.wrong++;
		return;
	}
	int version = version_of(m, size, q->size);
	if (version == -1)
		counted.wrong++; /* every answer has at least a SOA or an NS */
	else if (version == -2)
		counted.mixed++;
	else if (version < w->newest)
		counted.older++;
	if (version > newest)
		newest = version;
	if (version >= 0)
		seen[version] = true;
}

static void take_answers(int fd)
{
	static uint8_t room[BURST][MESSAGE_MAX];
	struct iovec parts[BURST];
	struct mmsghdr messages[BURST];
	int n;

	do {
		memset(messages, 0, sizeof messages);
		for (int i = 0; i < BURST; i++) {
			parts[i] = (struct iovec){ room[i], MESSAGE_MAX };
			messages[i].msg_hdr.msg_iov = &parts[i];
			messages[i].msg_hdr.msg_iovlen = 1;
		}
		n = recvmmsg(fd, messages, BURST, MSG_DONTWAIT, NULL);
		for (int i = 0; i < n; i++)
			take_answer(room[i], messages[i].msg_len);
	} while (n == BURST);
}

/* Queries are sent in the order of their IDs, so the oldest is found by counting up. */
static void give_up_lost(double now)
{
	while (oldest_id != next_id) {
		struct pending *w = &pending[oldest_id % IDS];
		if (w->sent_s > 0) {
			if (now - w->sent_s < LOST_S)
				return;
			w->sent_s = 0;
			waiting--;
			counted.lost++;
		}
		oldest_id++;
	}
}

/* ------ sending ------ */

static bool send_one(int fd)
{
	struct pending *w = &pending[next_id % IDS];
	size_t i = counted.sent % query_count;
	struct query *q = &queries[i];

	if (w->sent_s > 0)
		return false; /* its ID is still waiting from the last time round */
	q->octets[0] = (uint8_t)(next_id >> 8);
	q->octets[1] = (uint8_t)next_id;
	*w = (struct pending){ .sent_s = now_s(), .query = i, .newest = newest };
	if (send(fd, q->octets, q->size, MSG_DONTWAIT) < 0) {
		w->sent_s = 0; /* our own buffer is full: later */
		return false;
	}
	next_id++;
	waiting++;
	counted.sent++;
	return true;
}

/* The queries that are due by now. */
static void send_due(int fd, double since_s, double rate, unsigned window)
{
	unsigned long due = (unsigned long)(since_s * rate);

	for (int n = 0; counted.sent < due && waiting < window && n < BURST; n++)
		if (!send_one(fd))
			return;
}

static int connect_to(const char *address, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 4 << 20;

	/* An answer that we have no room for would be counted as lost. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
	    connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
		return -1;
	return fd;
}

static void print_result(double seconds)
{
	unsigned versions = 0;

	for (int i = 0; i < VERSIONS; i++)
		versions += seen[i];
	printf("{\"seconds\": %.2f, \"sent\": %lu, \"answered\": %lu, \"lost\": %lu, "
	       "\"mixed\": %lu, \"older\": %lu, \"wrong\": %lu, \"stray\": %lu, \"versions\": %u, "
	       "\"newest\": %d, \"slowest_ms\": %.2f, \"held_up_ms\": %.2f}\n",
	       seconds, counted.sent, counted.answered, counted.lost, counted.mixed, counted.older,
	       counted.wrong, counted.stray, versions, newest, counted.slowest_s * 1e3,
	       counted.held_up_s * 1e3);
}

int main(int argc, char **argv)
{
	if (argc != 7) {
		fprintf(stderr, "usage: fire ADDRESS PORT RATE WINDOW SECONDS QUERYFILE\n");
		return 2;
	}
	double rate = atof(argv[3]), seconds = atof(argv[5]);
	unsigned window = (unsigned)atoi(argv[4]);
	int fd = connect_to(argv[1], argv[2]);

	if (fd < 0 || !read_queries(argv[6]) || rate <= 0 || window == 0 || window >= IDS / 2) {
		fprintf(stderr, "fire: no such address, no queries, or no sensible numbers\n");
		return 2;
	}
	signal(SIGTERM, on_term);
	double start = now_s(), last = start, now = start, sending_s = 0;
	while (!stop && now - start < seconds) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		struct timespec nap = { 0, (long)(1e9 / rate) };

		send_due(fd, now - start, rate, window);
		ppoll(&wait, 1, &nap, NULL);
		take_answers(fd);
		give_up_lost(now);
		last = now;
		now = now_s();
		if (now - last > counted.held_up_s)
			counted.held_up_s = now - last;
	}
	sending_s = now - start;
	while (waiting) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };

		poll(&wait, 1, 50);
		take_answers(fd);
		give_up_lost(now_s());
	}
	print_result(sending_s);
	return 0;
}
