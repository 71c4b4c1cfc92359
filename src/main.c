/*
 * main.c -- the program: from the command line to a loader that runs.
 *
 *	options -> sockets (they may need root) -> give up root -> loader
 */
#include "app/check.h"
#include "app/config.h"
#include "app/load.h"
#include "app/loader.h"
#include "app/options.h"
#include "app/privilege.h"
#include "net/owner.h"
#include "sim/command.h"
#include "tool/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* ------ listening ------ */

/* Says what to do about a socket that cannot be had. */
static void explain(const struct listener_problem *why, enum transport transport,
		    const struct address *at)
{
	char address[ADDRESS_TEXT_MAX], owner[OWNER_TEXT_MAX];
	struct text where = text_init(address, sizeof address);
	struct text who = text_init(owner, sizeof owner);
	const char *kind = transport == TRANSPORT_UDP ? "UDP" : "TCP";

	address_print(at, &where);
	if (why->error == EADDRINUSE && owner_find(transport, at, &who))
		log_write(LEVEL_ERROR,
			  "cannot listen at %s (%s): %s has it. Stop that, or choose "
			  "another port (-p) or other addresses (-a)",
			  address, kind, owner);
	else if (why->error == EADDRINUSE)
		log_write(LEVEL_ERROR,
			  "cannot listen at %s (%s): another program has it (see "
			  "'ss -lunpt'). Stop that, or choose another port (-p) or "
			  "other addresses (-a)",
			  address, kind);
	else if (why->error == EACCES || why->error == EPERM)
		log_write(LEVEL_ERROR,
			  "cannot listen at %s (%s): ports below 1024 need root or "
			  "CAP_NET_BIND_SERVICE; or choose another port (-p 5300)",
			  address, kind);
	else
		log_write(LEVEL_ERROR, "cannot listen at %s (%s): %s failed (errno %d)", address,
			  kind, why->step, why->error);
}

struct sockets_wanted {
	struct address at[CONFIG_MAX_LISTENS];
	size_t count;
	bool wildcard; /* nobody asked for addresses: a missing family is no error */
};

/* The configuration was checked when it was read: these texts are addresses. */
static void collect_addresses(const struct config *c, struct sockets_wanted *wanted)
{
	static const char all[][8] = { "0.0.0.0", "::" };

	wanted->wildcard = c->listen_count == 0;
	wanted->count = 0;
	for (size_t i = 0; i < (wanted->wildcard ? 2 : c->listen_count); i++) {
		const char *text = wanted->wildcard ? all[i] : c->listens[i];

		if (!address_parse(&wanted->at[wanted->count], text, c->port))
			wanted->count++;
	}
}

static bool is_missing_family(const struct listener_problem *why)
{
	return why->error == EAFNOSUPPORT || why->error == EADDRNOTAVAIL;
}

/* One server's sockets.  False when one cannot be had, which has been said. */
static bool open_sockets(const struct sockets_wanted *wanted, enum listener_share share,
			 struct listener *out, size_t *count)
{
	for (size_t i = 0; i < wanted->count; i++) {
		struct address at = wanted->at[i];

		for (enum transport t = TRANSPORT_UDP; t <= TRANSPORT_TCP; t++) {
			struct listener_problem why;

			if (listener_open(&out[*count], t, &at, share, &why)) {
				/* If the kernel chose a port for UDP, it is TCP's as well. */
				at.port = out[*count].local.port;
				++*count;
				continue;
			}
			if (wanted->wildcard && is_missing_family(&why))
				continue;
			explain(&why, t, &at);
			return false;
		}
	}
	return true;
}

static void log_listeners(const struct listener *listeners, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char room[ADDRESS_TEXT_MAX];
		struct text text = text_init(room, sizeof room);

		address_print(&listeners[i].local, &text);
		log_write(LEVEL_NOTICE, "listening at %s (%s)%s", room,
			  listeners[i].transport == TRANSPORT_UDP ? "UDP" : "TCP",
			  listeners[i].absent ? ", an address that is not there yet" : "");
	}
}

/* Sockets for all servers; NULL when there are none, which has been said. */
static struct listener *listen_for_all(const struct config *c, size_t *per_server)
{
	struct sockets_wanted wanted;
	struct listener *listeners = calloc(c->servers, LISTENERS_MAX * sizeof *listeners);
	size_t count = 0;

	collect_addresses(c, &wanted);
	for (unsigned i = 0; listeners && i < c->servers; i++) {
		enum listener_share share = c->servers == 1 ? LISTENER_ALONE
					    : i == 0        ? LISTENER_FIRST
							    : LISTENER_NEXT;

		if (!open_sockets(&wanted, share, listeners, &count)) {
			free(listeners);
			return NULL;
		}
		/* The kernel's choice of a port is the choice for all. */
		for (size_t k = 0; i == 0 && k < wanted.count && 2 * k < count; k++)
			wanted.at[k].port = wanted.at[k].port ? wanted.at[k].port
							      : listeners[2 * k].local.port;
	}
	*per_server = count / c->servers;
	log_listeners(listeners, *per_server);
	return listeners;
}

/* ------ privileges ------ */

/* Who we become: root becomes nobody, if not somebody else.  False when there is no such user. */
static bool find_account(const struct config *c, struct account *who)
{
	const char *user = c->user ? c->user : "nobody";
	const char *problem = privilege_find(user, who);

	if (problem)
		log_write(LEVEL_ERROR, "user '%s': %s", user, problem);
	return !problem;
}

/* Before that, what only root may read is put into hands that can do nothing else. */
static enum exit_status give_up_root(const struct config *c, struct keeper *keeper)
{
	struct account who = { .uid = 0 };

	if (geteuid() != 0 && c->user)
		log_write(LEVEL_WARNING, "not started as root: user '%s' is not taken on", c->user);
	if (geteuid() == 0 && !find_account(c, &who))
		return EXIT_CONFIG;
	if (!keeper_start(keeper, c, &who)) {
		log_write(LEVEL_ERROR, "no keeper for the files of peers (errno %d)", errno);
		return EXIT_OTHER;
	}
	if (geteuid() != 0)
		return EXIT_OK;
	const char *problem = privilege_drop(&who);
	if (problem) {
		log_write(LEVEL_ERROR, "cannot become user '%s': %s (errno %d)", who.text, problem,
			  errno);
		return EXIT_OTHER;
	}
	if (!c->user)
		log_write(LEVEL_NOTICE, "started as root: now user nobody, who reads the zone "
					"files (-u USER chooses another)");
	return EXIT_OK;
}

/* ------ start ------ */

static enum exit_status serve(const struct config *c, int argc, char **argv)
{
	struct keeper keeper;
	struct loader_setup setup = { c, .keeper = &keeper, .argc = argc, .argv = argv };

	log_open(c->syslog ? LOG_TO_SYSLOG : LOG_TO_STDERR, c->level);
	if (!config_serves(c)) {
		log_write(LEVEL_ERROR, "nothing to serve: name a zone file, or an "
				       "upstream server with -f (try 'ten35 --help')");
		return EXIT_CONFIG;
	}
	struct listener *listeners = listen_for_all(c, &setup.per_server);
	if (!listeners)
		return EXIT_NETWORK;
	setup.listeners = listeners;
	enum exit_status status = give_up_root(c, &keeper);
	if (status == EXIT_OK)
		status = loader_run(&setup);
	free(listeners);
	return status;
}

static int print_help(void)
{
	static char room[4096]; /* of the stack it would be a page as long as the server runs */
	struct text text = text_init(room, sizeof room);

	options_print_help(&text);
	output_put(&output_standard, room);
	return EXIT_OK;
}

static int run(int argc, char **argv)
{
	struct files files = files_system();
	struct diag diag = { .report = load_report };
	struct config config;
	int status = EXIT_CONFIG;

	switch (options_read(&config, argc, argv, &files, &diag)) {
	case OPTIONS_SERVE:
		status = (int)serve(&config, argc, argv);
		break;
	case OPTIONS_HELP:
		status = print_help();
		break;
	case OPTIONS_VERSION:
		output_put(&output_standard, "ten35 " TEN35_VERSION "\n");
		status = EXIT_OK;
		break;
	case OPTIONS_FAILED:
		break;
	case OPTIONS_NO_FILE:
		status = EXIT_FILE;
		break;
	}
	config_free(&config);
	return status;
}

/* Descriptors 0 to 2 are taken before anything else can become them. */
static void fill_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* The subcommands; what follows their names is theirs. */
static const struct tool {
	char name[6];
	int (*run)(int argc, char **argv); /* returns the exit status */
} tools[] = {
	{ "check", check_run },
	{ "print", tool_print },
	{ "diff", tool_diff },
#ifdef TEN35_SIM
	{ "sim", sim_command },
#endif
};

/* What was collected for standard output goes out; who cannot have it is told so. */
static int end(int status)
{
	return output_flush(&output_standard) || status ? status : EXIT_OTHER;
}

int main(int argc, char **argv)
{
	fill_standard_descriptors();
	log_open(LOG_TO_STDERR, LEVEL_NOTICE);
	if (argc == 1) {
		log_write(LEVEL_ERROR, "nothing to serve: name a zone file (try 'ten35 --help')");
		return EXIT_CONFIG;
	}
	for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++)
		if (strcmp(tools[i].name, argv[1]) == 0)
			return end(tools[i].run(argc - 2, argv + 2));
	return end(run(argc, argv));
}
