/*
 * log.c -- one line an event, to stderr or syslog.
 */
#include "base/log.h"
#include "base/text.h"

#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { FACILITY_DAEMON = 3 };

static struct {
	enum log_target target;
	enum log_level level;
	bool journal; /* stderr is the journal's: priorities as <n> */
	bool draws;   /* stderr is a terminal that knows erase_line */
	int syslog;   /* datagram socket, -1: none */
	unsigned lost;
	void (*take)(void *self, enum log_level level, const char *line);
	void *taker;
} logger = { .level = LEVEL_NOTICE, .syslog = -1 };

/* ECMA-48 §8.3.41, EL: from here to the end of the line. */
static const char erase_line[] = "\033[K";

/* syslog's severities (RFC 5424 §6.2.1). */
static unsigned severity(enum log_level level)
{
	static const unsigned severities[] = { 3, 4, 5, 6, 7 };

	return severities[level];
}

static void open_syslog(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };

	if (logger.syslog >= 0)
		close(logger.syslog);
	logger.syslog = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (logger.syslog >= 0 &&
	    connect(logger.syslog, (const struct sockaddr *)&at, sizeof at) < 0) {
		close(logger.syslog);
		logger.syslog = -1;
	}
}

static bool can_draw(void)
{
	const char *terminal = getenv("TERM");

	return terminal && strcmp(terminal, "dumb") != 0 && isatty(STDERR_FILENO);
}

void log_open(enum log_target target, enum log_level level)
{
	logger.target = target;
	logger.level = level;
	logger.journal = getenv("JOURNAL_STREAM") != NULL;
	logger.draws = target == LOG_TO_STDERR && can_draw();
	log_reopen();
}

void log_divert(void (*take)(void *self, enum log_level level, const char *line), void *self)
{
	logger.take = take;
	logger.taker = self;
}

void log_reopen(void)
{
	if (logger.target == LOG_TO_SYSLOG)
		open_syslog();
}

/* A full pipe must not stop the server: look first, then write. */
static bool write_stderr(const char *line, size_t n)
{
	struct pollfd fd = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&fd, 1, 0) == 1 && fd.revents & POLLOUT &&
	       write(STDERR_FILENO, line, n) == (ssize_t)n;
}

static bool write_syslog(enum log_level level, const char *text, struct text *out)
{
	text_format(out, "<%u>ten35[%d]: %s", FACILITY_DAEMON << 3 | severity(level), (int)getpid(),
		    text);
	if (send(logger.syslog, out->at, out->used, MSG_NOSIGNAL) >= 0)
		return true;
	open_syslog();
	return send(logger.syslog, out->at, out->used, MSG_NOSIGNAL) >= 0;
}

static void emit(enum log_level level, const char *prefix, const char *text)
{
	char line[LOG_LINE_MAX + 64];
	struct text out = text_init(line, sizeof line);

	if (logger.take) {
		logger.take(logger.taker, level, text);
		return;
	}
	if (logger.target == LOG_TO_SYSLOG && write_syslog(level, text, &out))
		return;
	out = text_init(line, sizeof line);
	/* Whoever reads zones may have drawn a line, and left the cursor in front of it. */
	if (logger.draws)
		text_put(&out, erase_line);
	/* Also where syslogd is not there yet, or not any more. */
	if (logger.journal)
		text_format(&out, "<%u>", severity(level));
	text_format(&out, "%s%s\n", prefix, text);
	if (!write_stderr(line, out.used))
		logger.lost++;
}

/* Keeps the count when this line is lost as well. */
static void tell_of_lost_lines(void)
{
	unsigned lost = logger.lost;
	char room[64];
	struct text text = text_init(room, sizeof room);

	if (lost == 0)
		return;
	text_format(&text, "%u log lines lost", lost);
	logger.lost = 0;
	emit(LEVEL_WARNING, "ten35: ", room);
	if (logger.lost > 0)
		logger.lost = lost;
}

void log_write(enum log_level level, const char *format, ...)
{
	char room[LOG_LINE_MAX];
	struct text text = text_init(room, sizeof room);
	va_list args;

	if (level > logger.level)
		return;
	tell_of_lost_lines();
	va_start(args, format);
	text_vformat(&text, format, args);
	va_end(args);
	emit(level, "ten35: ", room);
}

void log_text(enum log_level level, const char *text)
{
	char line[LOG_LINE_MAX];

	if (level > logger.level)
		return;
	while (*text) {
		size_t n = strcspn(text, "\n");
		size_t kept = n < sizeof line - 1 ? n : sizeof line - 1;

		memcpy(line, text, kept);
		line[kept] = '\0';
		emit(level, "", line);
		text += text[n] ? n + 1 : n;
	}
}

/* ------ a line that is drawn ------ */

static size_t columns(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

/* The cursor goes back to the line's begin, so that anybody's next line stands there. */
void log_draw(const char *line)
{
	char room[LOG_LINE_MAX];
	struct text out = text_init(room, sizeof room);

	if (!logger.draws)
		return;
	/* A line that reached the last column might go on in the next row. */
	text_put_octets(&out, line, strnlen(line, columns() - 1));
	text_format(&out, "%s\r", erase_line);
	(void)write_stderr(room, out.used);
}

bool log_allowed(struct log_limit *limit, uint64_t now_ms, uint64_t interval_ms,
		 unsigned *suppressed)
{
	if (now_ms < limit->next_ms) {
		limit->suppressed++;
		return false;
	}
	*suppressed = limit->suppressed;
	limit->suppressed = 0;
	limit->next_ms = now_ms + interval_ms;
	return true;
}
