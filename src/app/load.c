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
	finding_print(f, &text);
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

static void send_inputs(const struct zonefile *zf, uint32_t zone, int channel)
{
	struct {
		struct load_message m;
		char path[LOAD_PATH_MAX];
	} input = { .m = { .kind = LOAD_INPUT, .zone = zone } };

	for (size_t i = 0; i < zf->sources.count; i++) {
		struct text path = text_init(input.path, sizeof input.path);
		const char *slash = strrchr(zf->path, '/');

		/* An included file is named relative to the zone file's folder. */
		if (i > 0 && slash)
			text_put_octets(&path, zf->path, (size_t)(slash - zf->path) + 1);
		text_put(&path, zf->inputs[i].path);
		input.m.id = zf->inputs[i].id;
		if (!path.full)
			send_message(channel, &input.m, sizeof input.m + path.used + 1, -1);
	}
}

/* A fingerprint of an image: siphash of it all. */
static uint64_t fingerprint(const struct siphash_key *key, const struct sealed *s, size_t size)
{
	return siphash13(key, s->octets, size);
}

static bool seal(struct zonefile *zf, struct sealed *s, struct load_message *m)
{
	if (!sealed_open(s, seal_room(&zf->builder))) {
		log_write(LEVEL_ERROR, "%s: out of memory", zf->path);
		return false;
	}
	size_t size = seal_zone(&zf->builder, &zf->sources, zf->diag, s->octets);
	if (size == 0) {
		sealed_discard(s);
		return false;
	}
	const struct image_header *h = (const void *)s->octets;
	struct text origin = text_init(m->origin, sizeof m->origin);
	name_print(name_view(&h->origin), &origin);
	m->size = size;
	m->serial = h->serial;
	m->records = h->record_count;
	m->hash = fingerprint(zf->key, s, size);
	return sealed_finish(s, size);
}

static void log_refusal(const struct zonefile *zf)
{
	const struct diag *d = zf->diag;

	if (d->errors > DIAG_LIMIT)
		log_text(LEVEL_ERROR, "... and more errors than are shown");
	log_write(LEVEL_ERROR, "%s: not loaded: %u error%s", zf->path, d->errors,
		  d->errors == 1 ? "" : "s");
}

void load_zone(const struct config *config, uint32_t zone, const struct files *files,
	       const struct siphash_key *key, int channel)
{
	struct clock clock = clock_system();
	uint64_t start_ms = clock_now_ms(&clock);
	struct diag diag = { .report = load_report };
	struct load_message m = { .kind = LOAD_FAILED, .zone = zone };
	struct sealed image = { .fd = -1 };
	struct zonefile zf = {
		.files = files,
		.path = config->zones[zone].file,
		.origin = config->zones[zone].origin,
		.key = key,
		.limits = builder_limits_default,
		.diag = &diag,
	};

	if (zonefile_read(&zf) && seal(&zf, &image, &m))
		m.kind = LOAD_ZONE;
	else
		log_refusal(&zf);
	send_inputs(&zf, zone, channel);
	m.elapsed_ms = (uint32_t)(clock_now_ms(&clock) - start_ms);
	send_message(channel, &m, sizeof m, m.kind == LOAD_ZONE ? image.fd : -1);
	if (m.kind == LOAD_ZONE)
		close(image.fd);
	zonefile_free(&zf);
}
