/*
 * world.h -- a few zones, a server's mind, and questions to it, all in memory.
 *
 * Zones are written as text, go through the real reader into real images, and
 * are asked through respond().  Every reply is taken apart by support/print.h
 * and held to what is true of all replies: it fits its limit, copies id and
 * question, and sets no flag of its own that is not allowed.
 *
 *	struct world w;
 *	world_init(&w);
 *	world_zone(&w, "example.", "@ SOA ...");
 *	assert_string_equal(world_ask(&w, "www.example. A edns=1232"), "NOERROR aa\nan ...");
 *	world_free(&w);
 */
#ifndef SUPPORT_WORLD_H
#define SUPPORT_WORLD_H

#include "base/files.h"
#include "serve/respond.h"
#include "support/print.h"

enum { WORLD_ZONES = 32, WORLD_FILES = 32 };

/* That all zones of a world are made with. */
extern const struct siphash_key world_key;

/* A disk in memory: path -> text.  A path that is not there cannot be read. */
struct world_disk {
	const char *path[WORLD_FILES];
	const char *text[WORLD_FILES];
	size_t count;
};

void world_disk_put(struct world_disk *d, const char *path, const char *text);
struct files world_files(struct world_disk *d);

struct world {
	struct world_disk disk;
	struct image zones[WORLD_ZONES];
	size_t count;
	struct catalog catalog;
	struct responder responder; /* tests may change it between questions */
	uint32_t now_s;
	const struct printed *reply; /* of the last question */
	struct response what;
	size_t query_size;
};

void world_init(struct world *w);
void world_free(struct world *w);

/* Adds a zone; the test fails, with what the reader says, when it is not a good one. */
void world_zone(struct world *w, const char *origin, const char *text);

/*
 * A question as octets, how many: "NAME TYPE [CLASS]", then any of
 *
 *	tcp  edns[=SIZE]  version=N  do  nsid  cookie=HEX  option=CODE:HEX
 *	opcode=N  aa tc rd ra z ad cd  id=N
 */
enum { WORLD_QUERY = 4096 };
size_t world_query(const char *question, uint8_t out[WORLD_QUERY], enum via *via);

/* Asks, checks, and gives the reply as text; lives until the next question. */
const char *world_ask(struct world *w, const char *question);

/* Sends octets as they are; the same checks as far as they hold for any octets. "DROP" or text. */
const char *world_send(struct world *w, const uint8_t *octets, size_t size, enum via via);

#endif
