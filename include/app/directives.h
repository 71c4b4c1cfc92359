/*
 * directives.h -- the one list of settings: a word, its arguments, and what they do.
 *
 * The table stands in config.c.  A row's function is in the file of its noun:
 * config_zones.c, config_forward.c, and config.c for all that is small.
 */
#ifndef APP_DIRECTIVES_H
#define APP_DIRECTIVES_H

#include "app/config.h"

/*
 * Applies a directive's words.  NULL, or a constant sentence that says what is
 * wrong; *at is then the word that it is about, the first one if it is left
 * alone.
 */
typedef const char *apply_directive(struct config *c, char **words, size_t n, size_t *at);

struct directive {
	char text[13]; /* the word; in the row, because a pointer costs 32 octets */
	char letter;   /* short option, or 0 */
	uint8_t min_words, max_words;
	char arguments[42]; /* as the help shows them */
	apply_directive *apply;
	/* As an option it takes min_words, and so many of those that follow; or NULL. */
	size_t (*takes)(char **words, size_t n);
	const char *help;
};

/* The one list of settings. */
extern const struct directive directives[];
extern const size_t directive_count;

/* Each finds a directive, or NULL. */
const struct directive *directive_find(const char *text);
const struct directive *directive_by_letter(char letter);

/* The text of the directive that was probably meant, or NULL. */
const char *directive_guess(const char *text);

/* ------ src/app/config_forward.c: what belongs to asking others ------ */

apply_directive apply_forward, apply_allow, apply_private_ok, apply_cache, apply_stale;
apply_directive apply_trust_ad;
size_t takes_stale_time(char **words, size_t n);
void config_free_forwards(struct config *c);

/* "10.8.0.0/16", "fd00:35::/64", or one address.  NULL, or what is wrong. */
const char *network_parse(const char *text, struct network *out);

/* ------ src/app/config_zones.c: zones, and what belongs into them ------ */

apply_directive apply_zone, apply_hosts, apply_leases, apply_peers;
size_t takes_zone_words(char **words, size_t n);
size_t takes_names_words(char **words, size_t n);
void config_free_zones(struct config *c);

/* ------ src/app/config_check.c: what a text means where it will be used ------ */

/*
 * What `ten35 check` asks besides: is a zone named twice, is there the user, and
 * could that user read the zone files?  Needs a configuration that came from this
 * text alone.
 */
void config_check(const struct config *c, const struct source *s, struct diag *d);

#endif
