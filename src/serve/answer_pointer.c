/*
 * answer_pointer.c -- the name of an address that a zone of ours holds, where
 * nobody wrote a PTR record for it.
 *
 * What is in a zone goes before: these answers fill what a reverse zone lacks,
 * and where there is none they come before special-use names and upstream
 * servers.  In a zone they are for everybody, like the zone; elsewhere for
 * those whom we serve, so that strangers cannot walk through a private range
 * and read the names of a network.
 */
#include "serve/answering.h"
#include "zone/reverse.h"

/* RFC 1035 §3.3.12 */
static void put_pointer(struct answer *a, const struct pointer_found *found)
{
	struct message_mark mark = message_mark(a->m);
	uint8_t *rdlength = begin_record(a->m, a->owner.name, TYPE_PTR, CLASS_IN, found->ttl);

	put_name_compressed(&a->m->w, &a->m->names, found->name);
	end_record(a->m, rdlength, SECTION_ANSWER);
	if (a->m->w.full) {
		message_rewind(a->m, mark);
		a->out.flags |= FLAG_TC;
	}
}

/* The name is there, and has nothing of the kind (RFC 2308 §2.2). */
static bool put_nothing(struct answer *a, const struct place *place)
{
	static const struct special empty = { .kind = SPECIAL_NO_DATA };
	bool fits = true;

	if (place->kind == PLACE_ZONE)
		put_soa(a);
	else if (place->kind == PLACE_SPECIAL)
		put_special(a->m, &empty, probe_ancestor(a->probe, place->depth), a->owner.name,
			    a->q->type, &fits);
	else
		return false; /* who knows the names around it may know more of this one */
	if (!fits)
		a->out.flags |= FLAG_TC;
	return true;
}

bool look_for_pointer(struct answer *a, const struct place *place)
{
	const struct answer_source *source = a->source;
	struct pointer_found found;
	uint8_t address[16];
	unsigned bits;

	if (!source->pointers || !(source->is_friend || place->kind == PLACE_ZONE) ||
	    !reverse_parse(a->owner.name, address, &bits))
		return false;
	enum pointer_state state =
		pointers_find(source->pointers, address, bits, source->views, &found);
	if (state == POINTER_NONE)
		return false;
	if (state == POINTER_FOUND && (a->q->type == TYPE_PTR || a->q->type == TYPE_ANY))
		put_pointer(a, &found);
	else if (!put_nothing(a, place))
		return false;
	if (a->chain == 0)
		a->out.flags |= FLAG_AA;
	a->out.flags &= (uint16_t)~FLAG_AD;
	return true;
}
