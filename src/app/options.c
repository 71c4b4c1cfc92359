/*
 * options.c -- the command line: every directive is a long option, some have a letter.
 */
#include "app/options.h"
#include "app/directives.h"

struct command_line {
	struct config *c;
	int argc;
	char **argv;
	int at; /* the next argument */
	const struct files *files;
	struct diag *d;
};

/* "error: BEFORE what AFTER why" */
static enum options_action fail(const char *before, const char *what, const char *after,
				const char *why)
{
	log_write(LEVEL_ERROR, "error: %s%s%s%s", before, what, after, why);
	log_write(LEVEL_ERROR, "try 'ten35 --help'");
	return OPTIONS_FAILED;
}

/* The option's words are the arguments that follow, as many as it needs. */
static enum options_action apply_option(struct command_line *l, const struct directive *directive,
					char *attached)
{
	char *words[CONFIG_MAX_WORDS];
	size_t n = 0;

	if (attached)
		words[n++] = attached;
	while (n < directive->min_words) {
		if (l->at == l->argc)
			return fail("option --", directive->text, " needs ", directive->arguments);
		words[n++] = l->argv[l->at++];
	}
	size_t more =
		directive->takes ? directive->takes(l->argv + l->at, (size_t)(l->argc - l->at)) : 0;
	while (more-- > 0 && n < CONFIG_MAX_WORDS)
		words[n++] = l->argv[l->at++];
	size_t at = 0;
	const char *problem = directive->apply(l->c, words, n, &at);
	if (problem)
		return fail("--", directive->text, ": ", problem);
	return OPTIONS_SERVE;
}

static enum options_action long_option(struct command_line *l, const char *text)
{
	const struct directive *found = directive_find(text);
	const char *meant = found ? NULL : directive_guess(text);

	if (strcmp(text, "help") == 0)
		return OPTIONS_HELP;
	if (strcmp(text, "version") == 0)
		return OPTIONS_VERSION;
	if (found)
		return apply_option(l, found, NULL);
	if (meant)
		return fail("unknown option --", text, ": did you mean --", meant);
	return fail("unknown option --", text, "", "");
}

/* -c and -f are not directives of their own: a file, and "forward .". */
static enum options_action special_letter(struct command_line *l, char letter, char *attached)
{
	static char root[] = ".";
	char *argument = attached;
	size_t at = 0;

	if (!argument && l->at < l->argc)
		argument = l->argv[l->at++];
	if (!argument)
		return fail("option -", letter == 'c' ? "c" : "f", " needs ",
			    letter == 'c' ? "FILE" : "UPSTREAM, or none");
	if (letter == 'c' && !config_read_file(l->c, argument, l->files, l->d))
		return l->d->errors ? OPTIONS_FAILED : OPTIONS_NO_FILE;
	if (letter == 'c')
		return OPTIONS_SERVE;
	const char *problem = apply_forward(l->c, (char *[]){ root, argument }, 2, &at);
	return problem ? fail("-f ", argument, ": ", problem) : OPTIONS_SERVE;
}

/* Letters may stand together ("-vvq"); one that takes an argument ends them ("-p5300"). */
static enum options_action short_options(struct command_line *l, char *letters)
{
	for (; *letters; letters++) {
		const struct directive *found = directive_by_letter(*letters);
		enum options_action action;

		if (*letters == 'h')
			return OPTIONS_HELP;
		if (*letters == 'V')
			return OPTIONS_VERSION;
		if (*letters == 'c' || *letters == 'f')
			return special_letter(l, *letters, letters[1] ? letters + 1 : NULL);
		if (!found)
			return fail("unknown option -", (char[]){ *letters, '\0' }, "", "");
		if (found->min_words > 0)
			return apply_option(l, found, letters[1] ? letters + 1 : NULL);
		if ((action = apply_option(l, found, NULL)) != OPTIONS_SERVE)
			return action;
	}
	return OPTIONS_SERVE;
}

static enum options_action next_argument(struct command_line *l, bool *options_ended)
{
	char *argument = l->argv[l->at++];

	if (!*options_ended && strcmp(argument, "--") == 0) {
		*options_ended = true;
		return OPTIONS_SERVE;
	}
	if (!*options_ended && strncmp(argument, "--", 2) == 0)
		return long_option(l, argument + 2);
	if (!*options_ended && argument[0] == '-' && argument[1] != '\0')
		return short_options(l, argument + 1);
	if (!config_add_zone(l->c, argument))
		return fail("", argument, ": ", "too many zones, or out of memory");
	return OPTIONS_SERVE;
}

enum options_action options_read(struct config *c, int argc, char **argv, const struct files *files,
				 struct diag *d)
{
	struct command_line l = { c, argc, argv, 1, files, d };
	bool options_ended = false;

	config_init(c);
	while (l.at < argc) {
		enum options_action action = next_argument(&l, &options_ended);
		if (action != OPTIONS_SERVE)
			return action;
	}
	if (!config_complete(c))
		return fail("", "out of memory", "", "");
	return OPTIONS_SERVE;
}

void options_print_help(struct text *out)
{
	text_put(
		out,
		"ten35 - a DNS server: write a zone file, start it, and every box has a name.\n"
		"\n"
		"  ten35 [OPTIONS] [ORIGIN=]ZONEFILE...   serve these zones\n"
		"  ten35 -c FILE                          serve by configuration\n"
		"  ten35 check [ORIGIN=]ZONEFILE...       look for errors; 0 clean, 1 errors\n"
		"  ten35 check -c FILE                    the same for a configuration\n"
		"  ten35 print [ORIGIN=]ZONEFILE          the zone as it is understood\n"
		"  ten35 diff [ORIGIN=]OLD [ORIGIN=]NEW   what has changed; 0 nothing, 1 something\n"
		"\nOptions (a long one is also a line of the -c FILE, without its dashes):\n\n");
	text_format(out, "  -c %-24s %s\n", "FILE", "read directives from this file");
	text_format(out, "  -f %-24s %s\n", "UPSTREAM",
		    "ask this server for all other names (repeat); none: nobody");
	for (size_t i = 0; i < directive_count; i++) {
		const struct directive *v = &directives[i];
		char left[64];
		struct text words = text_init(left, sizeof left);

		if (v->letter)
			text_format(&words, "-%c, ", v->letter);
		/* Here an option takes one of what a line of a file takes several of ("..."). */
		text_format(&words, "--%s %.*s", v->text, (int)strcspn(v->arguments, "."),
			    v->arguments);
		text_format(out, "  %-27s %s\n", left, v->help);
	}
	text_put(out, "  -h, --help                  this text\n"
		      "  -V, --version               what this is\n"
		      "\nThe files are looked at every two seconds: edit and save, that is all.\n"
		      "SIGHUP reads them again, SIGUSR1 logs statistics, SIGTERM ends.\n"
		      "\n  ten35 -p 5300 examples/hello.zone\n"
		      "  dig @127.0.0.1 -p 5300 pi.hello A\n");
}
