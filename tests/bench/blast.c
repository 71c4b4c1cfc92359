/* clang-format off */
/* blast - a bounded UDP DNS load generator.
 *
 * Keeps at most WINDOW queries outstanding over SOCKS connected sockets, sends
 * with sendmmsg and reads with recvmmsg, matches answers by (socket, ID), and
 * stops by itself after SECONDS (and a hard wall limit a little later).
 *
 *   blast [-a ADDR] [-p PORT] [-w WINDOW] [-s SOCKS] [-t SECONDS] [-n COUNT]
 *         [-W SECONDS] [-b BATCH] [-q RATE] [-P PID] [-r] [-e] [-g] [-S] QUERYFILE
 *
 * QUERYFILE: dnsperf's format, one "name TYPE" per line; it is sent in order
 * and wraps round.  -t: measured time; -W: warm-up before it (not counted).
 * -n: stop after COUNT queries were sent (once each, no wrap).
 * -e: add an EDNS0 OPT (1232).  -r: set RD.  -q RATE: at most RATE queries/s,
 * evenly spaced, with latency percentiles.  -g: send runs
 * of equal-sized queries as one UDP_SEGMENT (GSO) datagram, which halves the
 * generator's own cost (the file is sorted by length in chunks of 4096 for it;
 * the server still sees ordinary single datagrams).  -S: sleep in poll() when
 * there is nothing to do (the default spins, so that the server, not the
 * wake-up latency of the generator, sets the pace).  -P PID: sum utime+stime of PID
 * and its descendants at the start and the end of the measured time, so that
 * warm-up and drain are left out of the CPU figure.
 *
 * Prints one line of JSON: sent, answered, lost, qps, rcodes, bytes, how often the whole
 * file was sent (rounds), and cpu.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#define MAXSOCK 64
#define MAXB    64
#define SLOTS   65536
#define PKT     4096

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

/* ---- CPU time of a process tree ------------------------------------- */

static long stat_of(int pid, int *ppid, long *user)
{
	char p[64], b[1024], *s;
	unsigned long u, k;
	snprintf(p, sizeof p, "/proc/%d/stat", pid);
	FILE *f = fopen(p, "r");
	if (!f)
		return -1;
	size_t n = fread(b, 1, sizeof b - 1, f);
	fclose(f);
	b[n] = 0;
	s = strrchr(b, ')');
	if (!s || sscanf(s + 2, "%*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
	                 ppid, &u, &k) != 3)
		return -1;
	*user = (long)u;
	return (long)(u + k);
}

/* nanoseconds from /proc/PID/task/TID/schedstat (exact), summed over threads */
static double sched_ns(int pid)
{
	char p[96];
	double sum = 0;
	snprintf(p, sizeof p, "/proc/%d/task", pid);
	DIR *d = opendir(p);
	if (!d)
		return 0;
	struct dirent *e;
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(p, sizeof p, "/proc/%d/task/%.20s/schedstat", pid, e->d_name);
		FILE *f = fopen(p, "r");
		unsigned long long v = 0;
		if (f) {
			if (fscanf(f, "%llu", &v) == 1)
				sum += (double)v;
			fclose(f);
		}
	}
	closedir(d);
	return sum;
}

struct cpu { double ticks_s, user_s, sched_s; int nproc; };

static struct cpu tree_cpu(int root)
{
	static int pid[32768], par[32768];
	static long tk[32768], us[32768];
	static char in[32768];
	struct cpu c = { 0, 0, 0, 0 };
	int n = 0;
	DIR *d = opendir("/proc");
	struct dirent *e;
	if (!root || !d)
		return c;
	while ((e = readdir(d)) && n < 32768) {
		int q = atoi(e->d_name);
		if (q <= 0)
			continue;
		tk[n] = stat_of(q, &par[n], &us[n]);
		if (tk[n] < 0)
			continue;
		in[n] = q == root;
		pid[n++] = q;
	}
	closedir(d);
	for (int again = 1; again; ) {
		again = 0;
		for (int i = 0; i < n; i++)
			for (int j = 0; !in[i] && j < n; j++)
				if (in[j] && pid[j] == par[i])
					in[i] = 1, again = 1;
	}
	long hz = sysconf(_SC_CLK_TCK);
	for (int i = 0; i < n; i++)
		if (in[i]) {
			c.ticks_s += (double)tk[i] / hz;
			c.user_s += (double)us[i] / hz;
			c.sched_s += sched_ns(pid[i]) * 1e-9;
			c.nproc++;
		}
	return c;
}

/* ---- queries ---------------------------------------------------------- */

static struct { const char *n; int v; } types[] = {
	{ "A", 1 }, { "NS", 2 }, { "CNAME", 5 }, { "SOA", 6 }, { "PTR", 12 },
	{ "MX", 15 }, { "TXT", 16 }, { "AAAA", 28 }, { "SRV", 33 }, { "DS", 43 },
	{ "RRSIG", 46 }, { "NSEC", 47 }, { "DNSKEY", 48 }, { "CAA", 257 },
	{ "ANY", 255 }, { "HTTPS", 65 },
};

static unsigned char *qdata;
static uint32_t *qoff;
static uint16_t *qlen;
static size_t nq;

static int cmplen(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	if (qlen[x] != qlen[y])
		return qlen[x] < qlen[y] ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* order the queries by length inside chunks of 4096, for GSO runs */
static void chunk_sort(void)
{
	uint32_t *ix = malloc(nq * sizeof *ix), *o = malloc(nq * sizeof *o);
	uint16_t *l = malloc(nq * sizeof *l);
	for (size_t i = 0; i < nq; i++)
		ix[i] = (uint32_t)i;
	for (size_t i = 0; i < nq; i += 4096)
		qsort(ix + i, nq - i < 4096 ? nq - i : 4096, sizeof *ix, cmplen);
	for (size_t i = 0; i < nq; i++) {
		o[i] = qoff[ix[i]];
		l[i] = qlen[ix[i]];
	}
	free(ix);
	qoff = o;
	qlen = l;
}

static void load(const char *path, int rd, int edns)
{
	FILE *f = fopen(path, "r");
	if (!f) {
		perror(path);
		exit(1);
	}
	size_t cap = 1 << 20, used = 0, qcap = 1 << 16;
	qdata = malloc(cap);
	qoff = malloc(qcap * sizeof *qoff);
	qlen = malloc(qcap * sizeof *qlen);
	char line[1024], name[512], ty[32];
	while (fgets(line, sizeof line, f)) {
		if (sscanf(line, "%511s %31s", name, ty) != 2)
			continue;
		if (cap - used < 600)
			qdata = realloc(qdata, cap *= 2);
		if (nq == qcap) {
			qcap *= 2;
			qoff = realloc(qoff, qcap * sizeof *qoff);
			qlen = realloc(qlen, qcap * sizeof *qlen);
		}
		unsigned char *p = qdata + used, *q = p + 12;
		memset(p, 0, 12);
		p[2] = rd ? 1 : 0;
		p[5] = 1;
		int bad = 0;
		for (char *s = name; *s && strcmp(s, "."); ) {
			size_t l = strcspn(s, ".");
			if (l == 0 || l > 63) {
				bad = 1;
				break;
			}
			*q++ = (unsigned char)l;
			memcpy(q, s, l);
			q += l;
			s += l;
			if (*s == '.')
				s++;
		}
		int t = 0;
		for (size_t i = 0; i < sizeof types / sizeof *types; i++)
			if (!strcasecmp(ty, types[i].n))
				t = types[i].v;
		if (!t && !strncasecmp(ty, "TYPE", 4))
			t = atoi(ty + 4);
		if (bad || !t)
			continue;
		*q++ = 0;
		*q++ = (unsigned char)(t >> 8);
		*q++ = (unsigned char)t;
		*q++ = 0;
		*q++ = 1;
		if (edns) {
			static const unsigned char opt[11] = { 0, 0, 41, 4, 208 };
			memcpy(q, opt, 11);
			q += 11;
			p[11] = 1;
		}
		qoff[nq] = (uint32_t)used;
		qlen[nq] = (uint16_t)(q - p);
		used += (size_t)(q - p);
		nq++;
	}
	fclose(f);
	if (!nq) {
		fprintf(stderr, "no queries\n");
		exit(1);
	}
}

/* ---- outstanding queries ---------------------------------------------- */

struct sock {
	int fd;
	uint16_t next;                  /* next ID */
	int out;                        /* outstanding */
	uint32_t oldest;                /* sequence of the oldest ID not swept */
	double *at;                     /* send time by ID, 0 = free */
};

static struct sock sk[MAXSOCK];
static unsigned char rb[MAXB][PKT];
static unsigned char sb[MAXB][1024];

static int cmpf(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	const char *addr = "127.0.0.1";
	int port = 53, window = 256, ns = 4, batch = 64, rd = 0, edns = 0, c, pid = 0;
	int gso = 0, sleepy = 0;
	double secs = 5, warm = 0.5, rate = 0, tmo = 0.25;
	long count = 0;
	while ((c = getopt(argc, argv, "a:p:w:s:t:n:W:b:req:P:T:gS")) != -1)
		switch (c) {
		case 'a': addr = optarg; break;
		case 'p': port = atoi(optarg); break;
		case 'w': window = atoi(optarg); break;
		case 's': ns = atoi(optarg); break;
		case 't': secs = atof(optarg); break;
		case 'n': count = atol(optarg); break;
		case 'W': warm = atof(optarg); break;
		case 'b': batch = atoi(optarg); break;
		case 'r': rd = 1; break;
		case 'e': edns = 1; break;
		case 'q': rate = atof(optarg); break;
		case 'P': pid = atoi(optarg); break;
		case 'g': gso = 1; break;
		case 'S': sleepy = 1; break;
		case 'T': tmo = atof(optarg); break;
		default: return 2;
		}
	if (optind >= argc || ns < 1 || ns > MAXSOCK || window < 1 || secs > 300) {
		fprintf(stderr, "see the head of blast.c\n");
		return 2;
	}
	if (batch < 1 || batch > MAXB)
		batch = MAXB;
	load(argv[optind], rd, edns);
	if (gso)
		chunk_sort();

	int perw = (window + ns - 1) / ns;
	if (perw > 30000)
		perw = 30000;
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	inet_pton(AF_INET, addr, &sa.sin_addr);
	struct pollfd pf[MAXSOCK];
	for (int i = 0; i < ns; i++) {
		int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), sz = 4 << 20;
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &sz, sizeof sz);
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &sz, sizeof sz);
		if (connect(fd, (struct sockaddr *)&sa, sizeof sa)) {
			perror("connect");
			return 1;
		}
		sk[i].fd = fd;
		sk[i].at = calloc(SLOTS, sizeof(double));
		pf[i].fd = fd;
		pf[i].events = POLLIN;
	}
	struct mmsghdr rm[MAXB], sm[MAXB];
	struct iovec ri[MAXB], si[MAXB];
	memset(rm, 0, sizeof rm);
	memset(sm, 0, sizeof sm);
	for (int i = 0; i < MAXB; i++) {
		ri[i].iov_base = rb[i];
		ri[i].iov_len = PKT;
		rm[i].msg_hdr.msg_iov = &ri[i];
		rm[i].msg_hdr.msg_iovlen = 1;
		si[i].iov_base = sb[i];
		sm[i].msg_hdr.msg_iov = &si[i];
		sm[i].msg_hdr.msg_iovlen = 1;
	}
	size_t latcap = rate > 0 ? (size_t)(rate * (secs + 2)) + 1000 : 0, nlat = 0;
	float *lat = latcap ? malloc(latcap * sizeof *lat) : NULL;

	uint64_t sent = 0, got = 0, lost = 0, stray = 0, bytes = 0, rc[16] = { 0 }, tc = 0, ans = 0;
	uint64_t m_sent = 0, rbatches = 0, rounds = 0;
	struct cpu c0 = { 0, 0, 0, 0 }, c1 = { 0, 0, 0, 0 };
	size_t qi = 0;
	int measuring = 0, sending = 1;
	double t0 = now(), t_start = 0, t_end = 0, t_sweep = t0, t = t0;
	double hard = t0 + warm + secs + 5;
	uint64_t total = 0;

	while (t < hard) {
		if (!measuring && t >= t0 + warm) {
			measuring = 1;
			c0 = tree_cpu(pid);
			t_start = t = now();
			hard = t_start + secs + 5;
			got = bytes = lost = tc = ans = rbatches = 0;
			memset(rc, 0, sizeof rc);
			nlat = 0;
			m_sent = sent;
		}
		if (measuring && !t_end && (t >= t_start + secs || (count && !sending && sk[0].out == 0))) {
			int out = 0;
			for (int i = 0; i < ns; i++)
				out += sk[i].out;
			if (!count || out == 0 || t >= t_start + secs) {
				t_end = t;
				c1 = tree_cpu(pid);
				break;
			}
		}
		int moved = 0;
		for (int i = 0; i < ns; i++) {
			struct sock *s = &sk[i];
			/* read */
			for (;;) {
				int n = recvmmsg(s->fd, rm, batch, MSG_DONTWAIT, NULL);
				if (n <= 0)
					break;
				moved = 1;
				rbatches++;
				double tr = lat ? now() : t;
				for (int j = 0; j < n; j++) {
					unsigned l = rm[j].msg_len;
					if (l < 12)
						continue;
					int id = rb[j][0] << 8 | rb[j][1];
					if (s->at[id] == 0 || !(rb[j][2] & 0x80)) {
						stray++;
						continue;
					}
					if (lat && nlat < latcap)
						lat[nlat++] = (float)(tr - s->at[id]);
					s->at[id] = 0;
					s->out--;
					got++;
					bytes += l;
					rc[rb[j][3] & 15]++;
					tc += (rb[j][2] >> 1) & 1;
					ans += (uint64_t)(rb[j][6] << 8 | rb[j][7]);
				}
				if (n < batch)
					break;
			}
			/* send */
			if (!sending)
				continue;
			int room = perw - s->out;
			if (room > batch)
				room = batch;
			if (rate > 0) {
				double due = (t - t0) * rate - (double)total;
				if (room > due)
					room = due < 0 ? 0 : (int)due;
			}
			/* refill in handfuls, not one by one */
			if (rate == 0 && room < batch / 2 && s->out > perw / 2)
				room = 0;
			if (count && total + (uint64_t)room > (uint64_t)count)
				room = (int)((uint64_t)count - total);
			int k = 0;
			while (k < room) {
				uint16_t id = s->next++;
				if (s->at[id] != 0) {           /* still waiting: sweep sees to it */
					s->next--;
					break;
				}
				if (gso && k && qlen[qi] != si[0].iov_len)
					break;
				memcpy(sb[k], qdata + qoff[qi], qlen[qi]);
				sb[k][0] = (unsigned char)(id >> 8);
				sb[k][1] = (unsigned char)id;
				si[k].iov_len = qlen[qi];
				s->at[id] = lat ? now() : t;
				if (++qi == nq) {
					qi = 0;
					rounds++;
				}
				k++;
			}
			if (k > 1 && gso) {
				union { char b[CMSG_SPACE(2)]; struct cmsghdr h; } cb;
				struct msghdr m;
				memset(&m, 0, sizeof m);
				m.msg_iov = si;
				m.msg_iovlen = (size_t)k;
				m.msg_control = cb.b;
				m.msg_controllen = sizeof cb.b;
				cb.h.cmsg_level = SOL_UDP;
				cb.h.cmsg_type = UDP_SEGMENT;
				cb.h.cmsg_len = CMSG_LEN(2);
				uint16_t seg = (uint16_t)si[0].iov_len;
				memcpy(CMSG_DATA(&cb.h), &seg, 2);
				for (int tries = 0; tries < 1000; tries++)
					if (sendmsg(s->fd, &m, MSG_DONTWAIT) > 0 || errno != ECONNREFUSED)
						break;
				s->out += k;
				sent += (uint64_t)k;
				total += (uint64_t)k;
				moved = 1;
			} else if (k) {
				int done = 0, tries = 0;
				while (done < k && tries++ < 1000) {
					int r = sendmmsg(s->fd, sm + done, (unsigned)(k - done), MSG_DONTWAIT);
					if (r > 0)
						done += r;
					else if (errno == ECONNREFUSED)
						continue;
				}
				s->out += k;
				sent += (uint64_t)k;
				total += (uint64_t)k;
				moved = 1;
			}
			if (count && total >= (uint64_t)count)
				sending = 0;
		}
		if (!moved && (sleepy || rate > 0)) {
			int to = 1;
			if (rate > 0) {
				/* sleep until the next one is due */
				double due = t0 + ((double)total + 1) / rate - now();
				struct timespec ts = { 0, due > 0 ? (long)(due * 1e9) : 0 };
				if (due > 0.9)
					ts.tv_nsec = 900000000;
				ppoll(pf, (nfds_t)ns, &ts, NULL);
			} else {
				poll(pf, (nfds_t)ns, to);
			}
		}
		t = now();
		if (t - t_sweep > tmo / 4) {              /* give up on the lost ones */
			t_sweep = t;
			for (int i = 0; i < ns; i++)
				for (int id = 0; id < SLOTS; id++)
					if (sk[i].at[id] != 0 && t - sk[i].at[id] > tmo) {
						sk[i].at[id] = 0;
						sk[i].out--;
						lost++;
					}
		}
	}
	if (!t_end) {
		t_end = t;
		c1 = tree_cpu(pid);
	}
	double el = t_end - t_start;
	struct timespec me;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &me);
	double gen = (me.tv_sec + me.tv_nsec * 1e-9) / (now() - t0);
	printf("{\"seconds\": %.4f, \"sent\": %llu, \"answered\": %llu, \"lost\": %llu, \"stray\": %llu, "
	       "\"qps\": %.0f, \"rcode\": {\"0\": %llu, \"2\": %llu, \"3\": %llu, \"5\": %llu}, "
	       "\"tc\": %llu, \"answer_rrs\": %llu, \"avg_bytes\": %.1f, \"avg_read_batch\": %.1f, \"gen_share\": %.3f, "
	       "\"rounds\": %llu",
	       el, (unsigned long long)(sent - m_sent), (unsigned long long)got,
	       (unsigned long long)lost, (unsigned long long)stray, got / el,
	       (unsigned long long)rc[0], (unsigned long long)rc[2], (unsigned long long)rc[3],
	       (unsigned long long)rc[5], (unsigned long long)tc, (unsigned long long)ans,
	       got ? (double)bytes / got : 0, rbatches ? (double)got / rbatches : 0, gen,
	       (unsigned long long)rounds);
	if (pid && got)
		printf(", \"procs\": %d, \"cpu_us_ticks\": %.4f, \"user_us\": %.4f, \"cpu_us\": %.4f, \"cpu_share\": %.3f",
		       c1.nproc, (c1.ticks_s - c0.ticks_s) * 1e6 / got, (c1.user_s - c0.user_s) * 1e6 / got,
		       (c1.sched_s - c0.sched_s) * 1e6 / got, (c1.sched_s - c0.sched_s) / el);
	if (lat && nlat) {
		qsort(lat, nlat, sizeof *lat, cmpf);
		printf(", \"lat_us\": {\"p50\": %.1f, \"p90\": %.1f, \"p99\": %.1f, \"max\": %.1f}",
		       lat[nlat / 2] * 1e6, lat[nlat * 9 / 10] * 1e6,
		       lat[nlat * 99 / 100] * 1e6, lat[nlat - 1] * 1e6);
	}
	printf("}\n");
	return 0;
}
