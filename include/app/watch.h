/*
 * watch.h -- a zone as the loader knows it: its image, and the files behind it.
 *
 * A change is any difference in what stat() tells of a path: content, owner,
 * size, inode or device, so a file that is edited, replaced by rename, swapped
 * through a link or gone is noticed alike.  Links are followed anew each time.
 */
#ifndef APP_WATCH_H
#define APP_WATCH_H

#include "app/config.h"

struct watched_file {
	char *path;
	struct file_id id;   /* as it was read; all zero: there was no such file */
	struct file_id seen; /* at the last look */
};

struct served_zone {
	const struct zone_config *config;
	int fd;              /* the sealed image; -1: none yet */
	uint64_t size, hash; /* the latter 0: not known (struct load_message) */
	uint32_t version;    /* of the image; 0: none yet */
	bool unreadable;     /* the last reading found no file, or none that may be read */
	char origin[256];    /* for the log, once it is known; behind it zeros */
	bool good;           /* the image has records: not a stand-in for a zone with errors */
	uint64_t findings;   /* of the last reading, as logged (struct load_message) */
	uint64_t written;    /* the stamps of its files then (the same); 0: all is news */
	bool dirty;          /* to be read */
	bool reading;        /* a round is reading it */
	bool is_asked;       /* and while it did, all was to be told again */
	int64_t expires_s;   /* wall clock: a lease among its names is over; 0: none */
	uint64_t again_ms;   /* read once more then; 0: no need */
	unsigned cut_ms;     /* how long it waits after a reading that was cut short; 0: none was */
	unsigned moving;     /* looks in a row that saw a file being changed */
	int64_t began_s;     /* wall clock at the start of the reading */
	struct watched_file *inputs; /* the last reading's */
	size_t input_count;

	/* When the image of a reading has come, and there is more to hear of it: */
	bool is_untold;        /* nothing was said of it yet */
	bool was_good;         /* another one was served before ... */
	bool is_same;          /* ... and had the same in it */
	bool lacks_descriptor; /* the new one could not be kept */
};

/* Closes the image and forgets the files. */
void zone_forget(struct served_zone *z);

/* A round has begun to read the zone: its inputs will be told anew. */
void zone_begin_reading(struct served_zone *z, int64_t wall_s);

/* One of the files that were read. */
void zone_add_input(struct served_zone *z, const char *path, const struct file_id *id);

/*
 * The round is done with the zone.  A file that was written within the last two
 * seconds may be written again without any stamp changing (FAT, ext3 count in
 * seconds): then the zone is read once more a little later.
 */
void zone_end_reading(struct served_zone *z, uint64_t now_ms);

/* A lease among the zone's names is over at this wall clock time (0: none): read once more then. */
void zone_expires(struct served_zone *z, int64_t expires_s, int64_t wall_s, uint64_t now_ms);

/* Is it over by this clock, which may have jumped?  Not while the zone is being read. */
static inline bool zone_is_over(const struct served_zone *z, int64_t wall_s)
{
	return !z->reading && z->expires_s != 0 && wall_s >= z->expires_s;
}

enum watch_state {
	WATCH_SAME,
	WATCH_MOVING,  /* a file is being changed: look again soon */
	WATCH_CHANGED, /* to be read: a file is not what it was, and two looks saw the same */
};

/* Looks at the files.  WATCH_CHANGED also when it is time to read once more. */
enum watch_state zone_look(struct served_zone *z, const struct files *files, uint64_t now_ms);

#endif
