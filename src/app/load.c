/*
 * load.c -- reading zones in a process of its own.
 */
#include "app/load.h"
#include "app/report.h"
#include "app/sealed.h"
#include "base/clock.h"
#include "base/pages.h"
#include "zone/pointers.h"
#include "zone/seal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	SEND_WAIT_MS = 10000,
	LARGE_ZONE = 100000, /* records: from here on somebody would notice the wait */
};

void load_report(void *self, const struct finding *f)
{
	char room[DIAG_FINDING_SIZE];
	struct text text = text_init(room, sizeof room);

	(void)self;
	finding_print(f, FORM_PLAIN, &text);
	log_text(f->severity == SEVERITY_ERROR ? LEVEL_ERROR : LEVEL_WARNING, room);
}

/* The loader reads all the time; if it does not, it is gone. */
static void send_message(int channel, const struct load_message *m, size_t size, int file)
{
	while (!channel_send(channel, m, size, file)) {
		struct pollfd fd = { .fd = channel, .events = POLLOUT };

		if (errno != EAGAIN || poll(&fd, 1, SEND_WAIT_MS) != 1)
			_exit(1);
	}
}

static void send_input(const struct zonefile *zf, const struct zonefile_input *file, uint32_t zone,
		       int channel)
{
	struct {
		struct load_message m;
		char path[LOAD_PATH_MAX];
	} input = { .m = { .kind = LOAD_INPUT, .zone = zone, .id = file->id } };
	struct text path = text_init(input.path, sizeof input.path);
	const struct file_id unread = { 0 };

	zonefile_input_path(file, &path);
	if (file_id_equal(&file->id, &unread) &&
	    !zf->files->identify(zf->files->self, input.path, &input.m.id))
		input.m.id = unread;
	if (!path.full)
		send_message(channel, &input.m, sizeof input.m + path.used + 1, -1);
}

static void send_inputs(const struct zonefile *zf, uint32_t zone, int channel)
{
	for (size_t i = 0; i < zf->input_count; i++)
		send_input(zf, &zf->inputs[i], zone, channel);
}

/* What the log and the loader want to know of an image. */
static void describe(const struct sealed *s, size_t size, struct load_message *m)
{
	const struct image_header *h = (const void *)s->octets;
	struct text origin = text_init(m->origin, sizeof m->origin);

	name_print(name_view(&h->origin), &origin);
	m->size = size;
	m->serial = h->serial;
	m->records = h->record_count;
}

static bool seal(struct builder *b, const struct sources *sources, struct sealed *s,
		 struct load_message *m)
{
	if (!sealed_open(s, "ten35-zone", seal_front(b)))
		return false;
	pages_meet(s->octets, s->room);
	size_t size = seal_zone(b, sources, &(struct seal_output){ s->octets, s, sealed_put });
	if (size)
		describe(s, size, m);
	return sealed_finish(s, size);
}

static bool seal_good(struct zonefile *zf, struct sealed *s, struct load_message *m)
{
	if (seal(&zf->builder, &zf->sources, s, m))
		return true;
	log_write(LEVEL_ERROR, "%s: out of memory", zonefile_title(zf));
	return false;
}

/* ------ findings ------ */

/* What is found in one zone. */
struct told {
	char room[(2 * DIAG_LIMIT + 1) * DIAG_FINDING_SIZE];
	struct text text; /* what the log will show */
	const struct siphash_key *key;
	struct load_told *round;
	uint64_t hash; /* of all that was found */
};

static void told_begin(struct told *found, const struct load_job *job)
{
	found->text = text_init(found->room, sizeof found->room);
	found->key = job->key;
	found->round = job->round;
	found->hash = 0;
}

static bool is_told(struct load_told *told, uint64_t finding)
{
	for (size_t i = 0; i < told->count; i++)
		if (told->findings[i] == finding)
			return true;
	if (told->count < LOAD_TOLD_MAX)
		told->findings[told->count++] = finding;
	return false;
}

static void collect(void *self, const struct finding *f)
{
	struct told *found = self;
	struct text text = text_init(found->room + found->text.used, DIAG_FINDING_SIZE);

	if (found->text.used + DIAG_FINDING_SIZE > sizeof found->room)
		return;
	finding_print(f, FORM_PLAIN, &text);
	uint64_t both[] = { found->hash,
			    siphash13(found->key, (const uint8_t *)text.at, text.used) };
	found->hash = siphash13(found->key, (const uint8_t *)both, sizeof both);
	if (is_told(found->round, both[1]))
		*text.at = '\0';
	else
		found->text.used += text.used;
}

/* Logs what was found, unless the log has just that already. */
static uint64_t log_findings(const struct load_job *job, const struct told *found,
			     const struct diag *d)
{
	const char *file = zone_title(&job->config->zones[job->zone]);

	if (d->errors + d->warnings == 0)
		return 0;
	if (found->hash == job->told)
		return found->hash;
	log_text(d->errors ? LEVEL_ERROR : LEVEL_WARNING, found->room);
	if (d->errors > DIAG_LIMIT)
		log_write(LEVEL_ERROR, "%s: ... and %u more errors", file, d->errors - DIAG_LIMIT);
	if (d->errors)
		log_write(LEVEL_ERROR, "%s: not loaded: %u error%s", file, d->errors,
			  d->errors == 1 ? "" : "s");
	return found->hash;
}

/* ------ what is news ------ */

/* A file of leases, or one in a folder of them. */
static bool has_leases(const struct zonefile *zf, const char *path)
{
	for (size_t i = 0; path && i < zf->name_count; i++) {
		size_t n = strlen(zf->names[i].path);

		if (zf->names[i].format == NAMES_LEASES &&
		    strncmp(path, zf->names[i].path, n) == 0 && (path[n] == '\0' || path[n] == '/'))
			return true;
	}
	return false;
}

/*
 * What a DHCP server writes changes all day, and it has a log of its own: that
 * is no news.  What people write is, so they see that it was taken.
 */
static uint64_t hash_written(const struct zonefile *zf)
{
	uint64_t hash = 1; /* 0 is nothing yet */

	for (size_t i = 0; i < zf->input_count; i++) {
		struct {
			uint64_t hash;
			struct file_id id;
		} both = { hash, zf->inputs[i].id };

		if (!has_leases(zf, zf->inputs[i].path))
			hash = siphash13(zf->key, (const uint8_t *)&both, sizeof both);
	}
	return hash;
}

/* ------ one zone ------ */

/*
 * For a zone with errors whose origin is known: an image that says just that.
 * Without it a zone above would answer for the names below.
 */
static void seal_stand_in(const struct zonefile *zf, struct sealed *s, struct load_message *m)
{
	struct builder b;

	if (!zf->has_builder ||
	    !builder_init(&b, name_view(&zf->builder.origin), zf->key, &zf->limits))
		return;
	(void)!seal(&b, NULL, s, m);
	builder_free(&b);
}

/* The image that is served and the new one, side by side, for the log. */
static void compare(const struct load_image *served, const struct load_image *fresh,
		    const struct report_style *style)
{
	const void *was = served->fd >= 0 ? sealed_map(served->fd, (size_t)served->size) : NULL;
	const void *is = sealed_map(fresh->fd, (size_t)fresh->size);
	struct image a, b;

	if (was && is && image_open(&a, was, (size_t)served->size) &&
	    image_open(&b, is, (size_t)fresh->size) && a.header->soa)
		report_changes(&a, &b, style);
	if (was)
		sealed_unmap(was, (size_t)served->size);
	if (is)
		sealed_unmap(is, (size_t)fresh->size);
}

/*
 * A file that somebody writes to while it is read in pieces is read as a whole then, as if for
 * the first time: that takes a moment only, and is tried again when it fails.
 */
static bool read_zone(struct zonefile *zf, struct told *found, const struct load_job *job)
{
	const struct load_told round = *job->round;
	const struct diag diag = *zf->diag;

	for (;; zf->piece = SIZE_MAX) {
		told_begin(found, job);
		bool is_good = zonefile_read(zf);
		if (is_good || !zf->is_changing || zf->piece == SIZE_MAX)
			return is_good;
		zonefile_free(zf);
		zf->is_changing = false;
		*zf->diag = diag;
		*job->round = round;
	}
}

static void read_and_seal(struct zonefile *zf, struct told *found, const struct load_job *job,
			  struct sealed *image, struct load_message *m)
{
	if (read_zone(zf, found, job) && seal_good(zf, image, m))
		m->kind = LOAD_ZONE;
	else
		seal_stand_in(zf, image, m);
	progress_erase(zf->progress);
	m->unreadable = zf->sources.count == 0;
	m->expires_s = zf->expires_s;
}

/* What tells it from others; 0 when that is not known. */
static uint64_t hash_image(const struct load_job *job, const struct load_image *image)
{
	const void *octets = sealed_map(image->fd, (size_t)image->size);
	uint64_t hash = octets ? siphash13(job->key, octets, (size_t)image->size) : 0;

	if (octets)
		sealed_unmap(octets, (size_t)image->size);
	return hash;
}

/* The zone is served from here on. */
static void send_image(const struct sealed *image, const struct load_message *m, int channel)
{
	struct load_message first = *m;

	first.kind = LOAD_IMAGE;
	send_message(channel, &first, sizeof first, image->fd);
}

/* Before all is told; where no image is served, nobody asks yet whether this is another one. */
static void send_early(const struct load_job *job, const struct sealed *image,
		       const struct load_image *fresh, bool is_served, struct load_message *m)
{
	if (is_served)
		m->hash = hash_image(job, fresh);
	send_image(image, m, job->channel);
}

/* For the log: what is found, and what is different from the image that is served. */
static void tell(const struct load_job *job, struct zonefile *zf, const struct told *found,
		 const struct load_image *served, const struct load_image *fresh,
		 struct load_message *m)
{
	struct report_style style = { .audience = job->config->zones[job->zone].audience,
				      .serial_is_made = zf->name_count > 0 };

	if (m->kind == LOAD_ZONE)
		zonefile_lint(zf);
	m->findings = log_findings(job, found, zf->diag);
	m->written = hash_written(zf);
	m->is_news = m->written != job->written || m->findings != job->told;
	style.level = m->is_news ? LEVEL_NOTICE : LEVEL_INFO;
	if (m->kind == LOAD_ZONE) {
		builder_free(&zf->builder); /* the comparison wants room of its own */
		compare(served, fresh, &style);
	}
}

void load_zone(const struct load_job *job, struct load_image *served)
{
	static struct told found;
	static struct names_file names[CONFIG_MAX_NAMES];
	struct clock clock = clock_system();
	uint64_t start_ms = clock_now_ms(&clock);
	/* Notes are for who asks (`check`): nothing need be done about them. */
	struct diag diag = { .report = collect, .self = &found, .has_no_notes = true };
	struct load_message m = { .kind = LOAD_FAILED, .zone = job->zone };
	struct sealed image = { .fd = -1 };
	struct progress progress = { .clock = clock, .draw = log_draw };
	struct zonefile zf = {
		.files = job->files,
		.key = job->key,
		.limits = builder_limits_default,
		.diag = &diag,
		.now_s = clock_wall_s(&clock),
		.progress = &progress,
	};

	config_fill_zonefile(job->config, job->zone, &zf, names);
	read_and_seal(&zf, &found, job, &image, &m);
	m.elapsed_ms = (uint32_t)(clock_now_ms(&clock) - start_ms);
	/* The log first, as far as nobody has to wait for it. */
	bool is_good = m.kind == LOAD_ZONE;
	bool is_early = is_good && (job->was_cut || zf.builder.record_count >= LARGE_ZONE);
	struct load_image fresh = { image.fd, m.size, served->view };
	if (is_early)
		send_early(job, &image, &fresh, served->fd >= 0, &m);
	tell(job, &zf, &found, served, &fresh, &m);
	if (is_good && m.hash == 0)
		m.hash = hash_image(job, &fresh);
	send_inputs(&zf, job->zone, job->channel);
	if (is_good && !is_early)
		send_image(&image, &m, job->channel);
	send_message(job->channel, &m, sizeof m, is_good ? -1 : image.fd);
	zonefile_free(&zf);
	if (is_good) {
		*served = fresh;
		sealed_make_huge(image.fd, (size_t)m.size); /* it is being served already */
	} else if (image.fd >= 0) {
		close(image.fd);
	}
}

/* ------ the names of addresses ------ */

/* Views of all images; those that are not there stay without a header. */
static struct image *map_images(const struct load_image *images, size_t count)
{
	struct image *zones = calloc(count + 1, sizeof *zones);

	for (size_t i = 0; zones && i < count; i++) {
		size_t size = (size_t)images[i].size;
		const void *at = images[i].fd >= 0 ? sealed_map(images[i].fd, size) : NULL;

		if (!at || !image_open(&zones[i], at, size))
			zones[i].header = NULL;
		zones[i].view = images[i].view;
	}
	return zones;
}

void load_pointers(const struct load_image *images, size_t count, const struct siphash_key *key,
		   int channel)
{
	struct load_message m = { .kind = LOAD_POINTERS };
	struct image *zones = map_images(images, count);
	size_t room = zones ? pointers_room(zones, count) : 0;
	struct sealed block = { .fd = -1 };

	if (room && sealed_open(&block, "ten35-pointers", room)) {
		m.size = pointers_make(zones, count, block.octets);
		m.hash = siphash13(key, block.octets, (size_t)m.size);
		(void)!sealed_finish(&block, (size_t)m.size);
	}
	bool lacks_memory = !zones || (room && block.fd < 0);
	free(zones);
	if (lacks_memory) {
		log_write(LEVEL_ERROR, "out of memory: the names of addresses stay as they were");
		return;
	}
	send_message(channel, &m, sizeof m, block.fd);
}
