/*
 * load.h -- reading zones in a process of its own.
 *
 * The loader forks for every round of reading.  The child parses the files one
 * after the other, seals an image of each, sends it back and is gone, and with
 * it all the memory that parsing took.  Meanwhile the loader goes on looking
 * after its servers; and a child that dies costs a message in the log, no zone.
 */
#ifndef APP_LOAD_H
#define APP_LOAD_H

#include "app/channel.h"
#include "app/config.h"
#include "base/siphash.h"

enum load_kind {
	LOAD_INPUT,    /* a file that a zone was read from */
	LOAD_IMAGE,    /* a zone can be served: the image comes along */
	LOAD_ZONE,     /* ... and all is told that there is to say of it */
	LOAD_FAILED,   /* it has errors, which have been logged; a stand-in may come along */
	LOAD_POINTERS, /* the names of all zones' addresses: a block may come along */
	LOAD_END,      /* the last message of a round */
};

enum { LOAD_PATH_MAX = 4096 };

struct load_message {
	uint32_t kind; /* enum load_kind */
	uint32_t zone; /* index in the configuration */
	/* LOAD_INPUT: path follows the struct, ended by a NUL. */
	struct file_id id;
	/* LOAD_IMAGE, LOAD_POINTERS */
	uint64_t size; /* of the image, of the block */
	uint64_t hash; /* of its octets: equal images are equal zones, but for the order of their
			  names unequal ones may be, too; 0: not known (yet) */
	/* LOAD_IMAGE, LOAD_ZONE */
	char origin[256]; /* for the log, cut when it is long; zeros behind it */
	uint32_t records;
	uint32_t serial;
	uint32_t elapsed_ms; /* until it could be served */
	/* LOAD_ZONE, LOAD_FAILED */
	uint64_t findings; /* hash of the errors and warnings as text; 0: none */
	uint64_t written;  /* hash of the stamps of all files but those of leases */
	bool unreadable;   /* LOAD_FAILED: the file itself could not be read */
	bool is_news;      /* LOAD_ZONE: somebody has written something, it was not just a lease */
	int64_t expires_s; /* when a lease among its names will be over; 0: never */
};

enum { LOAD_TOLD_MAX = 256 };

/*
 * Findings of a round, by hash: a file may belong to several zones, and what is
 * wrong with it is told with the first.
 */
struct load_told {
	size_t count;
	uint64_t findings[LOAD_TOLD_MAX];
};

/* One zone to be read. */
struct load_job {
	const struct config *config;
	uint32_t zone; /* index in the configuration */
	const struct files *files;
	const struct siphash_key *key;
	uint64_t told;           /* findings that are in the log already: not logged again */
	struct load_told *round; /* all zero when a round begins */
	uint64_t written;        /* the last reading's (struct load_message); 0: all is news */
	bool was_cut; /* the last reading died: should telling be the reason, the image goes first */
	int channel;
};

/* An image in a sealed file. */
struct load_image {
	int fd; /* -1: none */
	uint64_t size;
	uint8_t view;
};

/*
 * Reads a zone and sends what came of it: its inputs, LOAD_IMAGE, then LOAD_ZONE; or its inputs
 * and LOAD_FAILED.  The image of a large zone comes first of all, before warnings are looked
 * for: nobody waits for them.  Logs what is different from the image that is served; a new
 * one then stands in *served instead.
 */
void load_zone(const struct load_job *job, struct load_image *served);

/* Makes the block of the names of all addresses in these images, and sends it. */
void load_pointers(const struct load_image *images, size_t count, const struct siphash_key *key,
		   int channel);

/* Writes findings to the log: the reporter of a struct diag. */
void load_report(void *self, const struct finding *f);

#endif
