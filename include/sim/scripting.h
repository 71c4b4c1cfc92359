/*
 * scripting.h -- what the files of the script player share; nobody else's.
 *
 *	script.c        lines, and which of them is whose
 *	script_setup.c  servers and what they are told
 *	script_client.c   clients: what they ask, and what they hear
 *	script_upstream.c upstream servers: what they get, and what they say
 *	script_world.c  the network, time, faults
 */
#ifndef SIM_SCRIPTING_H
#define SIM_SCRIPTING_H

#include "sim/script.h"
#include "sim/words.h"

/* ------ script.c ------ */

/* Reports an error at a word, or at the whole line (NULL).  False. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
bool script_fail(struct script *s, const struct word *at, const char *format, ...);

/* The same for what a parser of words has to say. */
bool script_fail_words(struct script *s, const struct words *in);

/* The next word; NULL, and an error, when there is none. */
const struct word *script_word(struct script *s, const char *missing);

/* True, and the word is taken, when the next one is this. */
bool script_take(struct script *s, const char *text);

/* The next line when it is indented, without its blanks; false otherwise. */
bool script_indented(struct script *s, struct slice *line);

/* Splits a line into words; they live as long as `room` and the text. */
bool script_split(struct slice line, struct word room[SCRIPT_WORDS], struct words *out);

bool script_number(struct script *s, const struct word *w, uint64_t most, uint64_t *out);

/* "400ms", "20s", "5m", "1h", "2d". */
bool script_time(struct script *s, const struct word *w, uint64_t *ms);

/* "192.0.2.7", "2001:db8::7", either with #PORT or @PORT. */
bool script_address(struct script *s, const struct word *w, uint16_t port, struct address *out);

/* Octets in hexadecimal digits. */
bool script_hex(struct script *s, const struct word *w, struct writer *out);

/* A kind of line: its first word, and what it does.  False: it failed. */
struct script_verb {
	char text[12];
	bool is_event; /* servers have to run */
	bool (*play)(struct script *s);
};

extern const struct script_verb script_setup[], script_client[], script_upstream[], script_world[];
extern const size_t script_setup_count, script_client_count, script_upstream_count,
	script_world_count;

/* ------ script_setup.c ------ */

/* The server that directives are for, made when there is none yet; NULL: it failed. */
struct script_server *script_server(struct script *s);

/* A line that is a directive of ten35.conf(5). */
bool script_directive(struct script *s);

/* Starts what is behind. */
bool script_start_servers(struct script *s);

/* ------ script_client.c ------ */

/* Where a client's query goes: to the first server, by the client's family. */
struct address script_target(const struct script *s, const struct address *client);

/* How many replies nobody has looked at. */
size_t script_replies(const struct script *s);

#endif
