/*
 * answer_elsewhere.c -- a name that no zone of ours has: a special-use name, or
 * what upstream servers have said of it.
 */
#include "serve/answering.h"

static const char *failure_text(int32_t ede)
{
	switch (ede) {
	case EDE_NO_REACHABLE_AUTHORITY:
		return "the upstream servers have no answer";
	case EDE_NETWORK_ERROR:
		return "no upstream server answers";
	default:
		return NULL; /* the upstream's own reason */
	}
}

static enum step found_special(struct answer *a, const struct place *place)
{
	bool fits;

	a->out.flags &= (uint16_t)~FLAG_AD;
	/* An alias that anybody may have made leads to this host. */
	if (a->is_public && place->special->kind == SPECIAL_LOCALHOST) {
		a->out.ede = EDE_BLOCKED;
		return STEP_DONE;
	}
	a->out.rcode = put_special(a->m, place->special, probe_ancestor(a->probe, place->depth),
				   a->owner.name, a->q->type, &fits);
	if (a->chain == 0)
		a->out.flags |= FLAG_AA;
	if (!fits)
		a->out.flags |= FLAG_TC;
	return STEP_DONE;
}

/* What header and OPT say of an answer that was found elsewhere. */
static void note_elsewhere(struct answer *a, enum cache_state state,
			   const struct cache_answer *answer)
{
	bool authentic = answer->authentic && (a->chain == 0 || a->out.flags & FLAG_AD);

	a->out.is_local = false;
	a->out.rcode = answer->rcode;
	a->out.flags &= (uint16_t)~FLAG_AD;
	if (authentic)
		a->out.flags |= FLAG_AD;
	if (answer->ede != EDE_NONE)
		a->out.ede = answer->ede;
	if (state == CACHE_STALE) /* RFC 8914 §4.4, §4.20 */
		a->out.ede = answer->rcode == RCODE_NXDOMAIN ? EDE_STALE_NXDOMAIN
							     : EDE_STALE_ANSWER;
}

/* Writes what was found, and goes on where it leads. */
static enum step found_elsewhere(struct answer *a, const struct place *place,
				 enum cache_state state, const struct cache_found *found)
{
	struct elsewhere *e = a->source->elsewhere;
	struct name_buf *target = &a->made[a->chain];
	enum position position = a->chain == 0 ? AT_QUESTION : BEHIND_ALIAS;

	/* An alias that anybody may have made leads into our network (serve/private.h). */
	if (a->is_public && found->answer.is_private) {
		a->out.ede = EDE_BLOCKED;
		return STEP_DONE;
	}
	note_elsewhere(a, state, &found->answer);
	if (!elsewhere_put(e, a->m, position, state, found, target)) {
		a->out.flags |= FLAG_TC;
		return STEP_DONE;
	}
	if (found->refresh) {
		elsewhere_want(e, a->owner.name, a->q->type, place);
		a->out.lack = LACK_FRESH;
	}
	if (target->size == 0)
		return STEP_DONE;
	if (a->chain == ANSWER_MAX_CHAIN)
		return give_up(a, EDE_OTHER, "too many aliases");
	a->is_public = a->is_public || !routes_is_trusted(e->routes, a->probe, place);
	return follow(a, NULL, name_view(target));
}

static enum step look_upstream(struct answer *a, const struct place *place)
{
	struct elsewhere *e = a->source->elsewhere;
	struct cache_found found;
	enum cache_state state = elsewhere_find(e, a->probe, a->q->type, place, &found);

	if (state == CACHE_FRESH || state == CACHE_STALE)
		return found_elsewhere(a, place, state, &found);
	a->out.is_local = false;
	if (state == CACHE_FAILED)
		return give_up(a, found.answer.ede, failure_text(found.answer.ede));
	if (e->patient)
		return give_up(a, EDE_NETWORK_ERROR, failure_text(EDE_NETWORK_ERROR));
	elsewhere_want(e, a->owner.name, a->q->type, place);
	a->out.lack = LACK_ANSWER;
	return STEP_DONE;
}

enum step look_elsewhere(struct answer *a, const struct place *place)
{
	switch (place->kind) {
	case PLACE_SPECIAL:
		return found_special(a, place);
	case PLACE_UPSTREAM:
		return look_upstream(a, place);
	case PLACE_ZONE:
	case PLACE_NOWHERE:
		break;
	}
	/* RFC 6604 §2: an alias that leads to where nobody is asked is a whole answer of ours. */
	if (a->chain == 0)
		a->out.lack = LACK_ZONE;
	return STEP_DONE;
}
