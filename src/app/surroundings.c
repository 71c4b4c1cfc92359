/*
 * surroundings.c -- what is around this host.
 */
#include "app/surroundings.h"
#include "app/resolv_conf.h"
#include "base/list.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	FILE_MAX_OCTETS = 65536,
	/*
	 * Of the kernel's table of connections, two fifths are for our ports at
	 * most: one at once, and one in the time that an entry lives.
	 */
	TABLE_SHARE = 5,
	ENTRY_LIFE_S = 120, /* where the kernel does not say: of a flow that was answered */
};

/* ------ files of upstream servers ------ */

static bool add_file(struct looker *l, const char *path)
{
	for (size_t i = 0; i < l->file_count; i++)
		if (strcmp(l->list[i].path, path) == 0)
			return true;
	struct servers_file *list = list_grow(l->list, l->file_count, sizeof *list);
	if (!list)
		return false;
	l->list = list;
	list[l->file_count++] = (struct servers_file){ .path = path };
	return true;
}

static bool add_files(struct looker *l)
{
	l->file_count = 0;
	for (size_t i = 0; i < l->config->forward_count; i++) {
		const struct forward_config *f = &l->config->forwards[i];

		for (size_t k = 0; k < f->upstream_count; k++)
			if (f->upstreams[k].file && !add_file(l, f->upstreams[k].file))
				return false;
	}
	return true;
}

/* A file that cannot be read names nobody; it may well come back. */
static void read_servers(struct looker *l, struct servers_file *f)
{
	struct file_text text;
	const char *problem = l->files->read(l->files->self, NULL, f->path, FILE_MAX_OCTETS, &text);

	f->count = 0;
	if (problem) {
		log_write(LEVEL_WARNING, "%s: no upstream servers from there: %s", f->path,
			  problem);
		return;
	}
	f->count = resolv_conf_parse((struct slice){ text.octets, text.size }, f->at,
				     FORWARD_PER_ROUTE);
	l->files->release(l->files->self, &text);
}

static void look_at_file(struct looker *l, struct servers_file *f)
{
	struct file_id id;

	if (!l->files->identify(l->files->self, f->path, &id))
		id = (struct file_id){ 0 };
	if (f->is_known && file_id_equal(&id, &f->id))
		return;
	f->is_known = true;
	f->id = id;
	read_servers(l, f);
}

/* ------ ourselves ------ */

static bool is_own_address(const struct looker *l, const struct address *a)
{
	static const uint8_t loopback6[16] = { [15] = 1 };

	if (a->family == ADDRESS_IP4 ? a->octets[0] == 127
				     : memcmp(a->octets, loopback6, sizeof loopback6) == 0)
		return true;
	for (size_t i = 0; i < l->attached.count; i++)
		if (l->attached.at[i].is_own &&
		    address_same_prefix(&l->attached.at[i].address, a, 128))
			return true;
	return false;
}

/* A question to this address and port would come to us. */
static bool is_self(const struct looker *l, const struct address *a)
{
	for (size_t i = 0; i < l->listener_count; i++) {
		const struct listener *own = &l->listeners[i];

		if (own->local.port != a->port || own->local.family != a->family)
			continue;
		if (own->wildcard ? is_own_address(l, a) : address_same_prefix(&own->local, a, 128))
			return true;
	}
	return false;
}

const struct address *surroundings_find_self(const struct looker *l)
{
	for (size_t i = 0; i < l->config->forward_count; i++) {
		const struct forward_config *f = &l->config->forwards[i];

		for (size_t k = 0; k < f->upstream_count; k++)
			if (!f->upstreams[k].file && is_self(l, &f->upstreams[k].address))
				return &f->upstreams[k].address;
	}
	return NULL;
}

/* ------ the block ------ */

static void add_network(struct surroundings *s, const struct address *a, uint8_t bits,
			uint32_t interface)
{
	struct network *n = &s->networks[s->network_count];

	if (s->network_count == SURROUNDINGS_NETWORKS)
		return;
	s->network_count++;
	n->size = a->family == ADDRESS_IP4 ? 4 : 16;
	n->bits = bits;
	n->interface = interface;
	memcpy(n->octets, a->octets, n->size);
}

/* Our own addresses are friends in any case: a process on this host may use them. */
static void put_networks(const struct looker *l, struct surroundings *s)
{
	const struct config *c = l->config;

	for (size_t i = 0; i < c->allowed_count; i++)
		s->networks[s->network_count++] = c->allowed[i];
	for (size_t i = 0; i < l->attached.count; i++) {
		const struct attached_network *n = &l->attached.at[i];

		if (n->is_own || c->allow_attached)
			add_network(s, &n->address, n->bits, n->interface);
	}
}

static void add_viewer(struct views *v, struct network network, uint32_t view)
{
	if (v->count < VIEWS_ROWS)
		v->at[v->count++] = (struct viewer){ network, view };
}

/* That one is there goes without saying, unless it was not. */
static void tell_interface(const char *name, enum looker_interface *was, enum looker_interface is)
{
	if (is == INTERFACE_AWAY && *was != is)
		log_write(LEVEL_NOTICE, "interface %s is not there%s: nobody gets what is for it",
			  name, *was == INTERFACE_UNKNOWN ? " yet" : " any more");
	if (is == INTERFACE_HERE && *was == INTERFACE_AWAY)
		log_write(LEVEL_NOTICE, "interface %s is there", name);
	*was = is;
}

/* An interface that is not there has no clients. */
static void put_views(struct looker *l, struct views *v)
{
	for (size_t i = 0; i < l->config->viewer_count; i++) {
		const struct viewer_config *viewer = &l->config->viewers[i];
		uint32_t index = viewer->interface ? if_nametoindex(viewer->interface) : 0;

		if (!viewer->interface)
			add_viewer(v, viewer->network, viewer->view);
		else
			tell_interface(viewer->interface, &l->interfaces[i],
				       index ? INTERFACE_HERE : INTERFACE_AWAY);
		for (uint8_t size = 4; index && size <= 16; size = (uint8_t)(size * 4))
			add_viewer(v, (struct network){ .size = size, .interface = index },
				   viewer->view);
	}
}

static void add_server(const struct looker *l, struct surrounding_servers *s,
		       const struct address *a)
{
	if (is_self(l, a))
		s->names_us = true;
	else if (s->count < FORWARD_PER_ROUTE)
		s->at[s->count++] = *a;
}

static const struct servers_file *find_file(const struct looker *l, const char *path)
{
	const struct servers_file *f = l->list;

	while (strcmp(f->path, path) != 0)
		f++;
	return f;
}

static void put_servers(const struct looker *l, const struct forward_config *f,
			struct surrounding_servers *s)
{
	for (size_t i = 0; i < f->upstream_count; i++) {
		if (!f->upstreams[i].file) {
			add_server(l, s, &f->upstreams[i].address);
			continue;
		}
		const struct servers_file *file = find_file(l, f->upstreams[i].file);
		for (size_t k = 0; k < file->count; k++)
			add_server(l, s, &file->at[k]);
	}
}

/* A number in a file of the kernel's; 0 when there is none. */
static unsigned kernel_number(const char *path)
{
	char text[32];
	const char *digits = text;
	uint64_t value;

	return files_peek(path, text, sizeof text) &&
			       text_take_number(&digits, 10, UINT32_MAX, &value)
		       ? (unsigned)value
		       : 0;
}

/*
 * Each port that we open is an entry in that table until its time is over.  A
 * table that never had any is not in use, whatever its size.
 */
static void put_port_limit(struct looker *l, struct surroundings *s)
{
	unsigned most = kernel_number("/proc/sys/net/netfilter/nf_conntrack_max");
	unsigned used = kernel_number("/proc/sys/net/netfilter/nf_conntrack_count");
	unsigned life_s = kernel_number("/proc/sys/net/netfilter/nf_conntrack_udp_timeout_stream");

	l->is_tracked = l->is_tracked || used > 0;
	if (most == 0 || !l->is_tracked)
		return;
	s->port_burst = most / TABLE_SHARE + 1;
	s->port_rate = most / TABLE_SHARE / (life_s ? life_s : ENTRY_LIFE_S) + 1;
}

/* What is used of the block; pages that are not written take no memory. */
static void copy(struct surroundings *to, const struct surroundings *from, size_t forwards)
{
	memcpy(to, from, offsetof(struct surroundings, networks));
	memcpy(to->networks, from->networks, from->network_count * sizeof from->networks[0]);
	memcpy(to->servers, from->servers, forwards * sizeof from->servers[0]);
}

static bool seal(struct looker *l, const struct surroundings *s)
{
	struct sealed block;

	if (!sealed_open(&block, "ten35-surroundings", sizeof *s))
		return false;
	copy((void *)block.octets, s, l->config->forward_count);
	if (!sealed_finish(&block, sizeof *s))
		return false;
	if (l->fd >= 0)
		close(l->fd);
	l->fd = block.fd;
	l->version++;
	return true;
}

/* ------ telling ------ */

static void log_servers(const struct forward_config *f, const struct surrounding_servers *s)
{
	char room[LOG_LINE_MAX];
	struct text line = text_init(room, sizeof room);

	if (f->is_blocked)
		return;
	text_put(&line, "upstream servers for ");
	name_print(name_view(&f->domain), &line);
	text_put(&line, ":");
	for (uint32_t i = 0; i < s->count; i++) {
		text_put_char(&line, ' ');
		address_print(&s->at[i], &line);
	}
	bool is_root = name_is_root(name_view(&f->domain));
	log_write(s->count ? LEVEL_NOTICE : LEVEL_WARNING, "%s%s%s", room,
		  s->count  ? ""
		  : is_root ? " none: names that are not ours are REFUSED"
			    : " none: its names fail",
		  s->names_us ? " (this server itself is left out)" : "");
}

static void log_changes(const struct looker *l, const struct surroundings *fresh)
{
	for (size_t i = 0; i < l->config->forward_count; i++)
		if (!l->now ||
		    memcmp(&l->now->servers[i], &fresh->servers[i], sizeof fresh->servers[i]) != 0)
			log_servers(&l->config->forwards[i], &fresh->servers[i]);
}

/* ------ looking ------ */

static void read_networks(struct looker *l)
{
	bool known = attached_read(&l->attached);

	if ((known && !l->attached.is_cut) || l->has_complained)
		return;
	l->has_complained = true;
	if (known)
		log_write(LEVEL_WARNING, "more than %d networks are attached: some are not known",
			  ATTACHED_MAX);
	else
		log_write(LEVEL_WARNING,
			  "the system does not tell its networks (errno %d): questions are passed "
			  "on for this host alone; 'allow NETWORK' names others",
			  errno);
}

static void fill_in(struct looker *l, struct surroundings *s)
{
	for (size_t i = 0; i < l->file_count; i++)
		look_at_file(l, &l->list[i]);
	put_networks(l, s);
	put_views(l, &s->views);
	for (size_t i = 0; i < l->config->forward_count; i++)
		put_servers(l, &l->config->forwards[i], &s->servers[i]);
	put_port_limit(l, s);
}

/* Of a block that is mapped only what copy() wrote is looked at: a look at a page takes memory. */
static bool is_as_known(const struct looker *l, const struct surroundings *s)
{
	const struct surroundings *now = l->now;
	size_t forwards = l->config->forward_count;

	return now && memcmp(s, now, offsetof(struct surroundings, networks)) == 0 &&
	       memcmp(s->networks, now->networks, s->network_count * sizeof s->networks[0]) == 0 &&
	       memcmp(s->servers, now->servers, forwards * sizeof s->servers[0]) == 0;
}

/* What we know is what servers have: their block. */
static void map_block(struct looker *l)
{
	if (l->now)
		sealed_unmap(l->now, sizeof *l->now);
	l->now = surroundings_map(l->fd);
}

/* Makes a new block if anything is not as it was; false when memory ended. */
static bool take_in(struct looker *l)
{
	struct surroundings *fresh = calloc(1, sizeof *fresh);

	/* There was no memory for it when the block was made. */
	if (!l->now && l->fd >= 0)
		map_block(l);
	if (fresh)
		fill_in(l, fresh);
	if (fresh && is_as_known(l, fresh)) {
		free(fresh);
		return true;
	}
	if (!fresh || !seal(l, fresh)) {
		log_write(LEVEL_ERROR, "out of memory: the surroundings stay as they were known");
		free(fresh);
		return false;
	}
	log_changes(l, fresh);
	free(fresh);
	map_block(l);
	return true;
}

bool surroundings_look_now(struct looker *l)
{
	l->look_ms = clock_now_ms(l->clock) + l->config->watch_s * 1000u;
	read_networks(l);
	return take_in(l);
}

void surroundings_look(struct looker *l, bool networks_changed)
{
	uint64_t now_ms = clock_now_ms(l->clock);

	if (networks_changed) {
		attached_hear(l->watch);
		(void)surroundings_look_now(l); /* what is not known now is found later */
		return;
	}
	if (l->config->watch_s == 0 || now_ms < l->look_ms)
		return;
	/* Where nobody tells of networks, they are looked at like files. */
	if (l->watch < 0)
		read_networks(l);
	l->look_ms = now_ms + l->config->watch_s * 1000u;
	(void)take_in(l);
}

bool surroundings_init(struct looker *l, const struct config *config,
		       const struct listener *listeners, size_t listener_count,
		       const struct files *files, const struct clock *clock)
{
	l->config = config;
	l->listeners = listeners;
	l->listener_count = listener_count;
	l->files = files;
	l->clock = clock;
	l->watch = attached_watch();
	l->fd = -1;
	return add_files(l) && surroundings_look_now(l);
}

bool surroundings_replace(struct looker *l, const struct config *config)
{
	struct servers_file *list = l->list;
	uint8_t before[offsetof(struct looker, attached)]; /* that is large, and stays as it is */

	memcpy(before, l, sizeof before);
	l->config = config;
	l->list = NULL;
	memset(l->interfaces, 0, sizeof l->interfaces); /* other viewers, or other numbers */
	if (!add_files(l) || !surroundings_look_now(l)) {
		free(l->list);
		memcpy(l, before, sizeof before);
		return false;
	}
	free(list);
	return true;
}

const struct surroundings *surroundings_map(int fd)
{
	return sealed_map(fd, sizeof(struct surroundings));
}
