/*
 * identity.c -- questions about the server itself, in class CHAOS.
 */
#include "serve/identity.h"
#include "dns/rrtype.h"

static const char *text_for(const struct identity *id, struct name name)
{
	const struct {
		const char *name;
		const char *text;
	} known[] = {
		{ "version.bind.", id->version },
		{ "version.server.", id->version },
		{ "hostname.bind.", id->server },
		{ "id.server.", id->server },
	};
	struct name_buf buf;

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (!name_parse_absolute(known[i].name, &buf) && name_equal(name_view(&buf), name))
			return known[i].text;
	return NULL;
}

bool put_identity(struct message *m, const struct identity *id, const struct question *q)
{
	const char *text = text_for(id, q->name);

	if (!text || (q->type != TYPE_TXT && q->type != TYPE_ANY))
		return false;
	size_t n = strlen(text);
	uint8_t size = (uint8_t)(n < IDENTITY_MAX ? n : IDENTITY_MAX);
	uint8_t *rdlength = begin_record(m, q->name, TYPE_TXT, CLASS_CH, 0);
	put_u8(&m->w, size);
	put_octets(&m->w, text, size);
	end_record(m, rdlength, SECTION_ANSWER);
	return true;
}
