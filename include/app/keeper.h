/*
 * keeper.h -- a process that may read what the others may not.
 *
 * A WireGuard configuration belongs to root, and nobody else may read it, for
 * there are keys in it; its names are wanted all the same, whenever it changes.
 * So before root is given up a small process is started that keeps one right,
 * to read any file (capabilities(7): CAP_DAC_READ_SEARCH), and one list: the
 * paths that the configuration named.  It looks at one of these, or opens it
 * and hands the descriptor over, and does nothing else; it reads no octet.
 *
 *	loader   "look at 0"  --->  keeper
 *	         what stat() says <---
 *	reader   "open 0"     --->  keeper
 *	         a descriptor  <---
 *
 * Who does not start as root has no keeper, nor who has no such file.
 */
#ifndef APP_KEEPER_H
#define APP_KEEPER_H

#include "app/config.h"
#include "app/privilege.h"

enum {
	KEEPER_PATHS = 16, /* a hub has a file for each interface; those behind have no keeper */
	KEEPER_WAIT_MS = 2000, /* for an answer; it comes at once, or its folder hangs */
	KEEPER_CLOSES =
		1024, /* descriptors below this are not kept: there are only listeners yet */
};

/* Who asks: each has a channel of its own, so that nobody hears the other's answer. */
enum keeper_side { KEEPER_LOADER, KEEPER_READER, KEEPER_SIDES };

struct keeper {
	int channels[KEEPER_SIDES]; /* -1: there is no keeper */
	enum keeper_side side;      /* who we are */
	uint32_t serial; /* of the last question: an answer to an older one is passed over */
	bool missed;     /* it did not open a file in time */
	bool gone;       /* it has ended, which nobody wanted */
	struct file_id ids[KEEPER_PATHS]; /* as it last told them */
	const char *paths[KEEPER_PATHS];
	uint32_t path_count;
	struct files below; /* for all other paths */
};

/*
 * Starts one for the `peers` files of the configuration, if we are root and
 * `who` is not.  False with errno when it cannot be started.
 */
MUST_USE bool keeper_start(struct keeper *k, const struct config *config,
			   const struct account *who);

/*
 * Files that are read through the keeper where they are on its list.  Borrows it.
 * When the keeper is gone they stay as they were: identify() tells what was known
 * last, and read() says file_no_answer.
 */
struct files keeper_files(struct keeper *k);

/* We are a reader now, the loader's child. */
static inline void keeper_become_reader(struct keeper *k)
{
	k->side = KEEPER_READER;
}

/* Lets it end, or if another process has it as well, forgets it. */
void keeper_close(struct keeper *k);

#endif
