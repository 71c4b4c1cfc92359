/*
 * host.c -- a machine that runs a server.
 */
#include "sim/host.h"
#include "app/load.h"
#include "app/sealed.h"
#include "zone/seal.h"

#include <stdlib.h>
#include <sys/mman.h>

/* ------ files ------ */

static struct host_file *find_file(struct host *h, const char *path)
{
	for (size_t i = 0; i < h->file_count; i++)
		if (strcmp(h->files[i].path, path) == 0)
			return &h->files[i];
	return NULL;
}

/* In a folder first, where the path is relative to the file that named it. */
static const struct host_file *find_in(struct host *h, const char *folder, const char *path)
{
	char room[FILE_NAME_MAX];
	struct text whole = text_init(room, sizeof room);

	if (!folder || *folder == '\0' || strcmp(folder, ".") == 0)
		return find_file(h, path);
	text_format(&whole, "%s/%s", folder, path);
	return find_file(h, room);
}

static struct file_id id_of(const struct host_file *f)
{
	return (struct file_id){ .device = 1, .inode = f->version, .size = f->size };
}

static const char *read_file(void *self, const char *folder, const char *path, size_t limit,
			     struct file_text *out)
{
	const struct host_file *f = find_in(self, folder, path);

	if (!f)
		return "no such file";
	if (f->size > limit)
		return "the file is larger than the limit";
	out->octets = malloc(f->size + 1);
	if (!out->octets)
		return file_no_memory;
	memcpy(out->octets, f->octets, f->size);
	out->octets[f->size] = '\n';
	out->size = f->size;
	out->id = id_of(f);
	return NULL;
}

static void release_file(void *self, struct file_text *text)
{
	(void)self;
	free(text->octets);
	text->octets = NULL;
}

static bool identify_file(void *self, const char *path, struct file_id *out)
{
	const struct host_file *f = find_file(self, path);

	if (f)
		*out = id_of(f);
	return f != NULL;
}

/* A folder is whatever stands in front of a "/" in the path of some file. */
static bool list_folder(void *self, const char *path, struct file_list *out)
{
	const struct host *h = self;
	size_t n = strlen(path);

	out->count = 0;
	out->is_cut = false;
	for (size_t i = 0; i < h->file_count && out->count < FILE_LIST_MAX; i++) {
		const char *name = h->files[i].path;

		if (strncmp(name, path, n) != 0 || name[n] != '/' ||
		    strlen(name + n + 1) >= FILE_NAME_MAX)
			continue;
		strcpy(out->names[out->count++], name + n + 1);
	}
	return out->count > 0;
}

static struct files files_of(struct host *h)
{
	return (struct files){ .read = read_file,
			       .release = release_file,
			       .identify = identify_file,
			       .list = list_folder,
			       .self = h };
}

static struct host_file *add_file(struct host *h, const char *path)
{
	struct host_file *f = &h->files[h->file_count];

	if (h->file_count == HOST_FILES)
		return NULL;
	*f = (struct host_file){ .path = malloc(strlen(path) + 1) };
	if (!f->path)
		return NULL;
	strcpy(f->path, path);
	h->file_count++;
	return f;
}

bool host_write(struct host *h, const char *path, struct slice text)
{
	struct host_file *f = find_file(h, path);
	uint8_t *octets = malloc(text.size + 1);

	if (!f && octets)
		f = add_file(h, path);
	if (!octets || !f) {
		free(octets);
		return false;
	}
	if (text.size > 0)
		memcpy(octets, text.octets, text.size);
	free(f->octets);
	f->octets = octets;
	f->size = text.size;
	f->version = ++h->changes;
	return true;
}

/* ------ clock and randomness ------ */

static uint64_t now_ms(void *self)
{
	return ((const struct host *)self)->kernel.net->now_ms;
}

static int64_t wall_s(void *self)
{
	const struct host *h = self;

	return h->wall_s + (int64_t)(h->kernel.net->now_ms / 1000);
}

static bool fill(void *self, uint8_t *out, size_t n)
{
	chance_fill(&((struct host *)self)->chance, out, n);
	return true;
}

static bool fill_secret(void *self, uint8_t *out, size_t n)
{
	return !((const struct host *)self)->unseeded && fill(self, out, n);
}

/* ------ zones ------ */

/* Memory as a server gets it: mapped, and its own to unmap.  NULL without memory. */
static void *map_block(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

/* Gives back the pages behind the first `size` octets: it is unmapped by that size. */
static void *cut_block(void *block, size_t room, size_t size)
{
	if (size == 0) {
		munmap(block, room);
		return NULL;
	}
	return mremap(block, room, size, 0) == MAP_FAILED ? NULL : block;
}

/* For a zone with errors: an image that says just that (app/load.c does the same). */
static size_t seal_stand_in(const struct zonefile *zf, void **block)
{
	struct builder b;
	size_t size = 0;

	if (!zf->has_builder ||
	    !builder_init(&b, name_view(&zf->builder.origin), zf->key, &zf->limits))
		return 0;
	size_t room = seal_room(&b);
	*block = map_block(room);
	if (*block) {
		struct seal_output out = seal_in_memory(*block);

		size = seal_zone(&b, NULL, &out);
		*block = cut_block(*block, room, size);
	}
	builder_free(&b);
	return size;
}

static bool is_served(const struct host *h, size_t zone)
{
	const struct image *z = &h->server->mapped.zones[zone];

	return z->header && z->header->soa;
}

/* An image, to be unmapped by its size; the size, 0 when there is none. */
static size_t make_image(struct zonefile *zf, bool wants_stand_in, void **block)
{
	size_t size = 0;
	uint8_t *image = zonefile_image(zf, &size);

	*block = NULL;
	if (!image)
		return wants_stand_in ? seal_stand_in(zf, block) : 0;
	*block = map_block(size);
	if (*block)
		memcpy(*block, image, size);
	free(image);
	return *block ? size : 0;
}

static void load_zone_of(struct host *h, uint32_t zone)
{
	static struct names_file names[CONFIG_MAX_NAMES];
	struct files files = files_of(h);
	struct diag diag = { .report = load_report };
	struct server_message m = { .kind = SERVER_ZONE, .zone = zone };
	void *block;
	struct zonefile zf = {
		.files = &files,
		.key = &h->setup.zone_key,
		.limits = builder_limits_default,
		.diag = &diag,
		.now_s = wall_s(h),
		.wants_lint = true,
	};

	config_fill_zonefile(&h->config, zone, &zf, names);
	m.size = make_image(&zf, !is_served(h, zone), &block);
	zonefile_free(&zf);
	if (block)
		server_hear(h->server, &m, block);
}

/* The names of all addresses, as a reader makes them at the end of a round. */
static void make_pointers(struct host *h)
{
	const struct image *zones = h->server->mapped.zones;
	size_t room = pointers_room(zones, h->config.zone_count);
	struct server_message m = { .kind = SERVER_POINTERS };
	void *block = room ? map_block(room) : NULL;

	if (room && !block)
		return;
	if (room) {
		m.size = pointers_make(zones, h->config.zone_count, block);
		block = cut_block(block, room, (size_t)m.size);
	}
	server_hear(h->server, &m, block);
}

void host_reload(struct host *h)
{
	if (!h->server)
		return;
	if (h->memory && h->memory_ends)
		h->memory->fails_once_at(h->memory_at);
	for (uint32_t i = 0; i < h->config.zone_count; i++)
		load_zone_of(h, i);
	make_pointers(h);
	if (h->memory)
		(void)h->memory->recovers();
	h->memory_ends = false;
}

/* ------ surroundings ------ */

/* The networks of RFC 5737 and RFC 3849 that examples are made of are attached. */
static void put_networks(const struct config *c, struct surroundings *s)
{
	static const struct network attached[] = {
		{ .octets = { 192, 0, 2 }, .size = 4, .bits = 24 },
		{ .octets = { 0x20, 0x01, 0x0d, 0xb8 }, .size = 16, .bits = 32 },
	};

	for (size_t i = 0; i < c->allowed_count; i++)
		s->networks[s->network_count++] = c->allowed[i];
	for (size_t i = 0; c->allow_attached && i < sizeof attached / sizeof attached[0]; i++)
		s->networks[s->network_count++] = attached[i];
}

static void put_servers(const struct forward_config *f, struct surrounding_servers *s)
{
	for (size_t i = 0; i < f->upstream_count; i++)
		if (!f->upstreams[i].file)
			s->at[s->count++] = f->upstreams[i].address;
}

static bool tell_surroundings(struct host *h)
{
	const struct config *c = &h->config;
	struct server_message m = { .kind = SERVER_SURROUNDINGS,
				    .size = sizeof(struct surroundings) };
	struct surroundings *s = map_block(sizeof *s);

	if (!s)
		return false;
	put_networks(c, s);
	for (size_t i = 0; i < c->viewer_count; i++)
		if (!c->viewers[i].interface && s->views.count < VIEWS_ROWS)
			s->views.at[s->views.count++] =
				(struct viewer){ c->viewers[i].network, c->viewers[i].view };
	for (size_t i = 0; i < c->forward_count; i++)
		put_servers(&c->forwards[i], &s->servers[i]);
	server_hear(h->server, &m, s);
	return true;
}

/* ------ the server ------ */

static void stop(struct host *h)
{
	if (!h->server)
		return;
	server_free(h->server);
	munmap(h->server, sizeof *h->server);
	config_free(&h->config);
	h->server = NULL;
}

static bool read_config(struct host *h, struct config *out)
{
	struct files files = files_of(h);
	struct diag diag = { .report = load_report };

	config_init(out);
	if (config_read_file(out, HOST_CONFIG, &files, &diag) && config_complete(out))
		return true;
	config_free(out);
	return false;
}

static void make_setup(struct host *h)
{
	uint8_t keys[32];

	chance_fill(&h->chance, keys, sizeof keys);
	h->setup = (struct server_setup){
		.config = &h->config,
		.listeners = h->listeners,
		.listener_count = HOST_LISTENERS,
		.channel = -1,
		.zone_key = siphash_key(keys),
		.cookie_secret = siphash_key(keys + 16),
		.counters = &h->counters,
		.sockets = &h->kernel.sockets,
		.clock = { now_ms, wall_s, h },
		.random = { fill, fill_secret, h },
	};
}

static void tell(struct host *h, enum server_kind kind)
{
	const struct server_message m = { .kind = kind };

	server_hear(h->server, &m, NULL);
}

bool host_start(struct host *h)
{
	struct config fresh;

	if (!read_config(h, &fresh))
		return false;
	stop(h);
	h->config = fresh;
	if (h->cache_size)
		h->config.cache_size = h->cache_size;
	make_setup(h);
	h->server = map_block(sizeof *h->server);
	if (!h->server) {
		config_free(&h->config);
		return false;
	}
	if (!server_init(h->server, &h->setup) || !tell_surroundings(h)) {
		stop(h);
		return false;
	}
	host_reload(h);
	tell(h, SERVER_READY);
	tell(h, SERVER_LOADED);
	h->kernel.wake_ms = 0;
	return true;
}

bool host_turn(struct host *h)
{
	if (!h->server || !server_wait(h->server))
		return false;
	server_serve(h->server);
	return true;
}

void host_init(struct host *h, struct net *net, const struct address *ip4,
	       const struct address *ip6, uint64_t seed)
{
	struct listener *l = h->listeners;

	kernel_init(&h->kernel, net, ip4, ip6);
	h->chance = chance_seed(seed);
	kernel_listen(&h->kernel, l++, TRANSPORT_UDP, ADDRESS_IP4, HOST_PORT);
	kernel_listen(&h->kernel, l++, TRANSPORT_TCP, ADDRESS_IP4, HOST_PORT);
	kernel_listen(&h->kernel, l++, TRANSPORT_UDP, ADDRESS_IP6, HOST_PORT);
	kernel_listen(&h->kernel, l++, TRANSPORT_TCP, ADDRESS_IP6, HOST_PORT);
}

void host_free(struct host *h)
{
	stop(h);
	kernel_free(&h->kernel);
	for (size_t i = 0; i < h->file_count; i++) {
		free(h->files[i].path);
		free(h->files[i].octets);
	}
	h->file_count = 0;
}
