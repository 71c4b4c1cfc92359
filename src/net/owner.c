/*
 * owner.c -- who holds a port that we wanted.
 *
 * /proc/net/{tcp,udp}{,6} tell the inode of each socket with its address, and
 * one of the links in /proc/PID/fd reads "socket:[inode]" (proc(5)).
 */
#include "net/owner.h"
#include "base/files.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <unistd.h>

/* A machine may have very many descriptors, and nobody waits long for a hint. */
#define LOOKS_MAX 200000

/* Of a table of sockets, some hundreds: it is only for a hint. */
enum { TABLE_SIZE = 256 * 1024 };

/* State of a TCP socket that listens, as in /proc/net/tcp (include/net/tcp_states.h of Linux). */
#define STATE_LISTEN 10

/* The digits at the front of a text; 0 without any. */
static unsigned long number(const char *s, unsigned base)
{
	uint64_t value;

	return text_take_number(&s, base, ULONG_MAX, &value) ? (unsigned long)value : 0;
}

/*
 * The local address of a line: words of 32 bits, printed as numbers of the
 * machine but stored in network order, so copying them restores the octets.
 */
static bool read_address(const char *s, struct address *a)
{
	size_t digits = strspn(s, "0123456789ABCDEFabcdef");
	char word[9] = "";

	if ((digits != 8 && digits != 32) || s[digits] != ':')
		return false;
	*a = (struct address){ .family = digits == 8 ? ADDRESS_IP4 : ADDRESS_IP6 };
	for (size_t i = 0; i < digits / 8; i++) {
		memcpy(word, s + 8 * i, 8);
		uint32_t v = (uint32_t)number(word, 16);
		memcpy(a->octets + 4 * i, &v, 4);
	}
	a->port = (uint16_t)number(s + digits + 1, 16);
	return true;
}

/* Two sockets with the same port are in each other's way; an IPv6 wildcard may take IPv4 too. */
static bool conflicts(const struct address *held, const struct address *wanted)
{
	if (held->port != wanted->port)
		return false;
	if (held->family != wanted->family)
		return held->family == ADDRESS_IP6 && address_is_wildcard(held);
	return address_is_wildcard(held) || address_is_wildcard(wanted) ||
	       address_same_prefix(held, wanted, 128);
}

/* The n-th field of a line, counted from 0; NULL when there are not so many. */
static const char *field(const char *line, unsigned n)
{
	line += strspn(line, " ");
	while (n-- && *line) {
		line += strcspn(line, " ");
		line += strspn(line, " ");
	}
	return *line ? line : NULL;
}

/*
 *   sl  local_address rem_address   st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
 *    0  0100007F:0035 00000000:0000 0A 00000000:00000000 00:00000000 00000000   0       0 12345
 */
static unsigned long line_inode(const char *line, enum transport transport,
				const struct address *at)
{
	struct address held;
	const char *local = field(line, 1), *state = field(line, 3), *inode = field(line, 9);

	if (!inode || !read_address(local, &held) || !conflicts(&held, at))
		return 0;
	if (transport == TRANSPORT_TCP && number(state, 16) != STATE_LISTEN)
		return 0;
	return number(inode, 10);
}

/* The inode of a socket in the way, 0 for none. */
static unsigned long table_inode(const char *path, enum transport transport,
				 const struct address *at)
{
	static char table[TABLE_SIZE];
	const char *line = files_peek(path, table, sizeof table) ? table : NULL;
	unsigned long inode = 0;

	while (!inode && line && *line) {
		const char *end = strchr(line, '\n');

		inode = line_inode(line, transport, at);
		line = end ? end + 1 : NULL;
	}
	return inode;
}

/* True when one of the descriptors of the process is the socket. */
static bool process_holds(const char *pid, const char *socket, unsigned *looks)
{
	char path[64], link[64];
	struct text text = text_init(path, sizeof path);
	bool found = false;

	text_format(&text, "/proc/%.20s/fd", pid);
	DIR *d = opendir(path);
	if (!d)
		return false;
	for (struct dirent *e; !found && *looks && (e = readdir(d)); --*looks) {
		ssize_t n = readlinkat(dirfd(d), e->d_name, link, sizeof link - 1);
		link[n > 0 ? n : 0] = '\0';
		found = strcmp(link, socket) == 0;
	}
	closedir(d);
	return found;
}

static void print_process(const char *pid, struct text *t)
{
	char path[64], name[32] = "";
	struct text text = text_init(path, sizeof path);

	text_format(&text, "/proc/%.20s/comm", pid);
	files_peek(path, name, sizeof name);
	name[strcspn(name, "\n")] = '\0';
	text_put_escaped(t, name, strlen(name), 15);
	text_format(t, "%s(process %s)", *name ? " " : "", pid);
}

static bool find_process(unsigned long inode, struct text *t)
{
	char socket[64];
	struct text text = text_init(socket, sizeof socket);
	unsigned looks = LOOKS_MAX;
	bool found = false;
	DIR *d = opendir("/proc");

	if (!d)
		return false;
	text_format(&text, "socket:[%lu]", inode);
	for (struct dirent *e; !found && looks && (e = readdir(d));) {
		found = isdigit((unsigned char)*e->d_name) &&
			process_holds(e->d_name, socket, &looks);
		if (found)
			print_process(e->d_name, t);
	}
	closedir(d);
	return found;
}

bool owner_find(enum transport transport, const struct address *at, struct text *t)
{
	static const char tables[2][2][15] = {
		[TRANSPORT_UDP] = { "/proc/net/udp", "/proc/net/udp6" },
		[TRANSPORT_TCP] = { "/proc/net/tcp", "/proc/net/tcp6" },
	};

	for (unsigned i = 0; i < 2; i++) {
		unsigned long inode = table_inode(tables[transport][i], transport, at);
		if (inode && find_process(inode, t))
			return true;
	}
	return false;
}
