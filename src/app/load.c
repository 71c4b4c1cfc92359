/*
 * load.c -- reading zones in a process of its own.
 */
#include "app/load.h"
#include "app/sealed.h"
#include "base/clock.h"
#include "zone/seal.h"
#include "zone/zonefile.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

enum { SEND_WAIT_MS = 10000 };

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

/* A file that was included, or was to be: its name is relative to the zone file's folder. */
static void send_input(const struct zonefile *zf, const struct zonefile_input *file, bool included,
		       uint32_t zone, int channel)
{
	struct {
		struct load_message m;
		char path[LOAD_PATH_MAX];
	} input = { .m = { .kind = LOAD_INPUT, .zone = zone, .id = file->id } };
	struct text path = text_init(input.path, sizeof input.path);
	const char *slash = strrchr(zf->path, '/');

	if (included && slash)
		text_put_octets(&path, zf->path, (size_t)(slash - zf->path) + 1);
	text_put(&path, file->path);
	if (file == &zf->missing && !zf->files->identify(zf->files->self, input.path, &input.m.id))
		input.m.id = (struct file_id){ 0 };
	if (!path.full)
		send_message(channel, &input.m, sizeof input.m + path.used + 1, -1);
}

static void send_inputs(const struct zonefile *zf, uint32_t zone, int channel)
{
	for (size_t i = 0; i < zf->sources.count; i++)
		send_input(zf, &zf->inputs[i], i > 0, zone, channel);
	if (zf->missing.path)
		send_input(zf, &zf->missing, true, zone, channel);
}

/* A fingerprint of an image: siphash of it all. */
static uint64_t fingerprint(const struct siphash_key *key, const struct sealed *s, size_t size)
{
	return siphash13(key, s->octets, size);
}

static bool seal(struct zonefile *zf, struct sealed *s, struct load_message *m)
{
	if (!sealed_open(s, "ten35-zone", seal_room(&zf->builder))) {
		log_write(LEVEL_ERROR, "%s: out of memory", zf->path);
		s->fd = -1;
		return false;
	}
	size_t size = seal_zone(&zf->builder, &zf->sources, zf->diag, s->octets);
	if (size == 0) {
		sealed_discard(s);
		s->fd = -1;
		return false;
	}
	const struct image_header *h = (const void *)s->octets;
	struct text origin = text_init(m->origin, sizeof m->origin);
	name_print(name_view(&h->origin), &origin);
	m->size = size;
	m->serial = h->serial;
	m->records = h->record_count;
	m->hash = fingerprint(zf->key, s, size);
	if (!sealed_finish(s, size))
		s->fd = -1;
	return s->fd >= 0;
}

/* ------ findings ------ */

/* Everything that was found in one zone, as the log will show it. */
struct findings {
	char room[(2 * DIAG_LIMIT + 1) * DIAG_FINDING_SIZE];
	struct text text;
};

static void collect(void *self, const struct finding *f)
{
	struct findings *found = self;

	finding_print(f, FORM_PLAIN, &found->text);
}

/* Logs what was found, unless the log has just that already. */
static uint64_t log_findings(const struct load_job *job, const struct findings *found,
			     const struct diag *d)
{
	const char *file = job->config->zones[job->zone].file;
	uint64_t hash = siphash13(job->key, (const uint8_t *)found->room, found->text.used);

	if (d->errors + d->warnings == 0)
		return 0;
	if (hash == job->told)
		return hash;
	log_text(d->errors ? LEVEL_ERROR : LEVEL_WARNING, found->room);
	if (d->errors > DIAG_LIMIT)
		log_write(LEVEL_ERROR, "%s: ... and %u more errors", file, d->errors - DIAG_LIMIT);
	if (d->errors)
		log_write(LEVEL_ERROR, "%s: not loaded: %u error%s", file, d->errors,
			  d->errors == 1 ? "" : "s");
	return hash;
}

/*
 * For a zone with errors whose origin is known: an image that says just that.
 * Without it a zone above would answer for the names below.
 */
static void seal_stand_in(const struct zonefile *zf, struct sealed *s, struct load_message *m)
{
	struct builder b;
	size_t size = 0;

	if (!zf->has_builder ||
	    !builder_init(&b, name_view(&zf->builder.origin), zf->key, &zf->limits))
		return;
	if (sealed_open(s, "ten35-zone", seal_room(&b)) && (size = seal_broken(&b, s->octets)) == 0)
		sealed_discard(s);
	if (size == 0 || !sealed_finish(s, size))
		s->fd = -1;
	m->size = size;
	builder_free(&b);
}

void load_zone(const struct load_job *job)
{
	static struct findings found;
	struct clock clock = clock_system();
	uint64_t start_ms = clock_now_ms(&clock);
	struct diag diag = { .report = collect, .self = &found };
	struct load_message m = { .kind = LOAD_FAILED, .zone = job->zone };
	struct sealed image = { .fd = -1 };
	struct zonefile zf = {
		.files = job->files,
		.path = job->config->zones[job->zone].file,
		.origin = job->config->zones[job->zone].origin,
		.key = job->key,
		.limits = builder_limits_default,
		.diag = &diag,
	};

	found.text = text_init(found.room, sizeof found.room);
	if (zonefile_read(&zf) && seal(&zf, &image, &m))
		m.kind = LOAD_ZONE;
	else
		seal_stand_in(&zf, &image, &m);
	m.unreadable = zf.sources.count == 0;
	m.findings = log_findings(job, &found, &diag);
	send_inputs(&zf, job->zone, job->channel);
	m.elapsed_ms = (uint32_t)(clock_now_ms(&clock) - start_ms);
	send_message(job->channel, &m, sizeof m, image.fd);
	if (image.fd >= 0)
		close(image.fd);
	zonefile_free(&zf);
}
