/*
 * zones.c -- the zones as the loader has them, and the rounds that read them.
 */
#include "app/zones.h"
#include "app/fork.h"
#include "app/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	READER_NICE = 10,
	LOOK_AGAIN_MS = 200,
	NO_ROOM_MS = 30000,  /* before a zone is tried again that found no descriptor */
	CUT_FIRST_MS = 1000, /* before one is tried again at which a child died; doubles */
	CUT_MOST_MS = 600000,
};

/* ------ the list ------ */

static struct served_zone *new_list(const struct config *config)
{
	struct served_zone *at = calloc(config->zone_count + 1, sizeof *at);

	for (size_t i = 0; at && i < config->zone_count; i++)
		at[i] = (struct served_zone){
			.config = &config->zones[i],
			.fd = -1,
			.dirty = true,
		};
	return at;
}

bool zones_init(struct zones *z, const struct config *config, const struct files *files,
		const struct clock *clock, const struct siphash_key *key)
{
	*z = (struct zones){
		.config = config,
		.files = files,
		.clock = clock,
		.key = key,
		.at = new_list(config),
		.count = config->zone_count,
		.complete = config->zone_count == 0,
		.pointers = { .fd = -1 },
	};
	return z->at != NULL;
}

/* A block that is the same stays; without addresses there is none. */
static void take_pointers(struct zones *z, const struct load_message *m, int file)
{
	if (z->pointers.version && m->hash == z->pointers_hash) {
		if (file >= 0)
			close(file);
		return;
	}
	if (z->pointers.fd >= 0)
		close(z->pointers.fd);
	z->pointers = (struct zones_pointers){ file, m->size, z->pointers.version + 1 };
	z->pointers_hash = m->hash;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* The zone of the list that a new configuration means, or NULL. */
static struct served_zone *find_zone(struct zones *z, const struct zone_config *config)
{
	for (size_t i = 0; i < z->count; i++)
		if (z->at[i].config && same_text(z->at[i].config->file, config->file) &&
		    same_text(z->at[i].config->origin, config->origin) &&
		    same_text(z->at[i].config->audience, config->audience))
			return &z->at[i];
	return NULL;
}

bool zones_replace(struct zones *z, const struct config *config)
{
	struct served_zone *fresh = new_list(config);

	if (!fresh)
		return false;
	zones_stop_round(z);
	for (size_t i = 0; i < config->zone_count; i++) {
		struct served_zone *old = find_zone(z, &config->zones[i]);

		if (!old)
			continue;
		fresh[i] = *old;
		fresh[i].config = &config->zones[i];
		fresh[i].dirty = true;
		*old = (struct served_zone){ .fd = -1 }; /* moved: not to be closed */
	}
	for (size_t i = 0; i < z->count; i++)
		zone_forget(&z->at[i]);
	free(z->at);
	z->at = fresh;
	z->count = config->zone_count;
	z->config = config;
	z->complete = z->count == 0;
	if (z->complete) /* nothing is read that would tell of the addresses */
		take_pointers(z, &(struct load_message){ .kind = LOAD_POINTERS }, -1);
	return true;
}

bool zones_unreadable(const struct zones *z)
{
	for (size_t i = 0; i < z->count; i++)
		if (!z->at[i].unreadable)
			return false;
	return true;
}

size_t zones_good(const struct zones *z)
{
	size_t good = 0;

	for (size_t i = 0; i < z->count; i++)
		good += z->at[i].good;
	return good;
}

void zones_want_all(struct zones *z)
{
	for (size_t i = 0; i < z->count; i++) {
		z->at[i].dirty = true;
		z->at[i].findings = 0;
		z->at[i].written = 0;
		z->at[i].is_asked = z->at[i].reading;
	}
}

/* Read before the clock was set: leases that were over counted. */
static bool has_old_clock(const struct served_zone *z)
{
	return !z->reading && z->began_s != 0 && z->began_s < NAMES_CLOCK_IS_SET_S;
}

/* The next look is not later than that (0: no matter when). */
static void look_by(struct zones *z, uint64_t at_ms)
{
	if (at_ms && at_ms < z->look_ms)
		z->look_ms = at_ms;
}

void zones_look(struct zones *z)
{
	uint64_t now_ms = clock_now_ms(z->clock);

	if (z->config->watch_s == 0 || now_ms < z->look_ms)
		return;
	z->look_ms = now_ms + z->config->watch_s * 1000u;
	int64_t wall_s = clock_wall_s(z->clock);
	bool is_set = wall_s >= NAMES_CLOCK_IS_SET_S;
	for (size_t i = 0; i < z->count; i++) {
		enum watch_state state = zone_look(&z->at[i], z->files, now_ms);

		z->at[i].dirty = z->at[i].dirty || state == WATCH_CHANGED ||
				 (is_set && has_old_clock(&z->at[i])) ||
				 zone_is_over(&z->at[i], wall_s);
		if (state == WATCH_MOVING)
			look_by(z, now_ms + LOOK_AGAIN_MS);
		look_by(z, z->at[i].again_ms);
	}
}

/* ------ a round ------ */

/* What is served now. */
static struct load_image *served_images(const struct zones *z)
{
	struct load_image *images = calloc(z->count + 1, sizeof *images);

	for (size_t i = 0; images && i < z->count; i++)
		images[i] = (struct load_image){ z->at[i].good ? z->at[i].fd : -1, z->at[i].size,
						 z->at[i].config->view };
	return images;
}

static void read_in_child(const struct zones *z, int channel)
{
	struct load_message end = { .kind = LOAD_END };
	struct load_told told = { 0 };
	struct load_image *images = served_images(z);

	/* The sockets are ours as well: if the loader dies, we must not keep its ports taken. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* There may be keys in what is read: nobody looks into us, and no core of us is left. */
	prctl(PR_SET_DUMPABLE, 0);
	signals_leave();
	if (z->keeper)
		keeper_become_reader(z->keeper);
	/* Answering comes before reading; at the start there is nothing to answer yet. */
	if (zones_good(z) && setpriority(PRIO_PROCESS, 0, READER_NICE) < 0)
		log_write(LEVEL_DEBUG, "reading at the same priority as answering");
	for (uint32_t i = 0; i < z->count; i++) {
		struct load_job job = {
			.config = z->config,
			.zone = i,
			.files = z->files,
			.key = z->key,
			.told = z->at[i].findings,
			.round = &told,
			.written = z->at[i].written,
			.was_cut = z->at[i].cut_ms > 0,
			.channel = channel,
		};

		if (images && z->at[i].reading)
			load_zone(&job, &images[i]);
	}
	/* Also where nothing new could be read: a zone may be gone. */
	if (images)
		load_pointers(images, z->count, z->key, channel);
	_exit(channel_send(channel, &end, sizeof end, -1) ? 0 : 1);
}

static bool fork_round(struct zones *z)
{
	int ends[2];

	if (channel_open(ends) < 0)
		return false;
	z->round = fork_process();
	if (z->round == 0) {
		close(ends[0]);
		read_in_child(z, ends[1]);
	}
	close(ends[1]);
	if (z->round < 0) {
		close(ends[0]);
		z->round = 0;
		return false;
	}
	z->round_channel = ends[0];
	return true;
}

void zones_start_round(struct zones *z)
{
	bool any = false;

	if (z->round)
		return;
	for (size_t i = 0; i < z->count; i++) {
		z->at[i].reading = z->at[i].dirty;
		any = any || z->at[i].dirty;
	}
	if (!any)
		return;
	bool running = fork_round(z);
	if (!running)
		log_write(LEVEL_ERROR, "zones cannot be read now (errno %d)", errno);
	for (size_t i = 0; i < z->count; i++) {
		if (z->at[i].reading && running)
			zone_begin_reading(&z->at[i], clock_wall_s(z->clock));
		z->at[i].reading = z->at[i].reading && running;
	}
}

void zones_stop_round(struct zones *z)
{
	if (!z->round)
		return;
	kill(z->round, SIGKILL);
	log_draw(""); /* what it had to say of how far it was */
	close(z->round_channel);
	z->round = 0;
	for (size_t i = 0; i < z->count; i++) {
		z->at[i].dirty = z->at[i].dirty || z->at[i].reading;
		z->at[i].reading = false;
	}
}

/* ------ what it says ------ */

/* From now on the zone is what this image says. */
static void keep_image(struct served_zone *z, const struct load_message *m, int file)
{
	if (z->fd >= 0)
		close(z->fd);
	z->fd = file;
	z->size = m->size;
	z->hash = m->hash;
	z->version++;
}

/* Of two files for one zone the first counts (zone/catalog.h): the other is a mistake. */
static void warn_of_twin(const struct zone_config *a, const struct zone_config *b,
			 const char *origin)
{
	const char *file = a->file ? a->file : b->file;

	if (a->file && b->file)
		log_write(LEVEL_ERROR,
			  "zone %s is in %s and in %s: only the one named first is served", origin,
			  a->file, b->file);
	else /* the other one has names alone, and a file whose origin was not known in time */
		log_write(LEVEL_ERROR,
			  "zone %s is in %s, and its names from elsewhere are not added to that: "
			  "write it as %s=%s",
			  origin, file, origin, file);
}

static void warn_of_twins(const struct zones *all, const struct served_zone *z)
{
	for (size_t i = 0; i < all->count; i++)
		if (&all->at[i] != z && all->at[i].good &&
		    all->at[i].config->view == z->config->view &&
		    octets_equal_folded((const uint8_t *)all->at[i].origin,
					(const uint8_t *)z->origin, sizeof z->origin))
			warn_of_twin(all->at[i].config, z->config, z->origin);
}

/* The zone can be served; what there is to say of it comes later. */
static void take_image(struct served_zone *z, const struct load_message *m, int file)
{
	z->lacks_descriptor = file < 0;
	/* Where a reading was cut short behind its image, this is the first that is heard of it. */
	z->was_good = z->is_untold ? z->was_good : z->good;
	z->is_same = z->good && !z->is_untold && m->hash != 0 && z->hash == m->hash;
	if (file >= 0 && z->is_same)
		close(file);
	if (file < 0 || z->is_same)
		return;
	keep_image(z, m, file);
	z->good = z->is_untold = true;
	memcpy(z->origin, m->origin, sizeof z->origin);
}

static void take_zone(struct zones *all, struct served_zone *z, const struct load_message *m)
{
	const char *audience = z->config->audience ? z->config->audience : "";
	const char *blank = *audience ? " " : "";

	z->is_untold = false;
	if (z->is_same) {
		/* Somebody who mended what was wrong wants to hear that nothing is left of it. */
		log_write(z->findings != m->findings ? LEVEL_NOTICE : LEVEL_INFO,
			  "zone %s%s%s: read again, same content", m->origin, blank, audience);
		return;
	}
	z->hash = m->hash; /* of the first image it comes late */
	log_write(m->is_news ? LEVEL_NOTICE : LEVEL_INFO,
		  "zone %s%s%s %s: %u record%s, serial %u, %u ms", m->origin, blank, audience,
		  z->was_good ? "reloaded" : "loaded", m->records, m->records == 1 ? "" : "s",
		  m->serial, m->elapsed_ms);
	warn_of_twins(all, z);
}

/* What was served stays; where nothing was, a stand-in says so to those who ask. */
static void refuse_zone(struct served_zone *z, const struct load_message *m, int file)
{
	if (z->good && m->findings != z->findings)
		log_write(LEVEL_WARNING, "%s: the zone that was loaded before is still served",
			  zone_title(z->config));
	if (!z->good && file >= 0)
		keep_image(z, m, file);
	else if (file >= 0)
		close(file);
}

static void take_message(struct zones *z, const struct load_message *m, const char *path, int file)
{
	struct served_zone *zone = &z->at[m->zone];

	if (m->kind == LOAD_POINTERS) {
		take_pointers(z, m, file);
		return;
	}
	if (m->kind == LOAD_INPUT) {
		zone_add_input(zone, path, &m->id);
		return;
	}
	if (m->kind == LOAD_IMAGE) {
		take_image(zone, m, file);
		return;
	}
	zone_end_reading(zone, clock_now_ms(z->clock));
	zone->cut_ms = 0;
	zone_expires(zone, m->expires_s, clock_wall_s(z->clock), clock_now_ms(z->clock));
	look_by(z, zone->again_ms);
	if (m->kind == LOAD_ZONE && zone->lacks_descriptor) {
		log_write(LEVEL_ERROR,
			  "%s: no descriptor left for it: raise the limit of open files",
			  zone_title(zone->config));
		zone->again_ms = clock_now_ms(z->clock) + NO_ROOM_MS;
		return;
	}
	if (m->kind == LOAD_ZONE)
		take_zone(z, zone, m);
	else
		refuse_zone(zone, m, file);
	/* Somebody has asked meanwhile: the next reading tells all of it again. */
	zone->findings = zone->is_asked ? 0 : m->findings;
	zone->written = zone->is_asked ? 0 : m->written;
	zone->is_asked = false;
	zone->unreadable = m->unreadable;
}

/* The zone at which a child died: tried again later and later, or when its file changes. */
static void blame(const struct zones *z, struct served_zone *zone)
{
	struct file_id id;

	zone->cut_ms = zone->cut_ms ? zone->cut_ms * 2 : CUT_FIRST_MS;
	if (zone->cut_ms > CUT_MOST_MS)
		zone->cut_ms = CUT_MOST_MS;
	log_write(LEVEL_ERROR, "%s: reading was cut short; once more in %u s",
		  zone_title(zone->config), zone->cut_ms / 1000);
	if (zone->config->file && z->files->identify(z->files->self, zone->config->file, &id))
		zone_add_input(zone, zone->config->file, &id);
	zone_end_reading(zone, clock_now_ms(z->clock));
	zone->again_ms = clock_now_ms(z->clock) + zone->cut_ms;
}

/*
 * The child is gone, with all that it had to say, or before that: then it died
 * at the first zone that is left, and those behind it have their turn.
 */
static void end_round(struct zones *z)
{
	bool died = false, left = false;

	close(z->round_channel);
	z->round = 0;
	for (size_t i = 0; i < z->count; i++) {
		struct served_zone *zone = &z->at[i];

		if (!zone->reading)
			continue;
		left = left || died;
		if (died) {
			zone->reading = false;
			zone->dirty = true;
		} else {
			blame(z, zone);
		}
		died = true;
	}
	z->complete = z->complete || !left;
}

void zones_hear_round(struct zones *z)
{
	/* On a page of its own, of which a message seldom needs more. */
	static _Alignas(4096) union {
		struct load_message m;
		char octets[CHANNEL_MAX];
	} in;
	ssize_t n;
	int file;

	while ((n = channel_receive(z->round_channel, &in, sizeof in - 1, &file)) > 0) {
		bool is_whole = (size_t)n >= sizeof in.m;

		in.octets[n] = '\0';
		if (is_whole && in.m.kind == LOAD_END)
			z->complete = true; /* every zone was tried; the child only has to die */
		else if (is_whole && in.m.zone < z->count)
			take_message(z, &in.m, in.octets + sizeof in.m, file);
		else if (file >= 0)
			close(file);
	}
	if (n == 0 || (n < 0 && errno != EAGAIN))
		end_round(z);
}
