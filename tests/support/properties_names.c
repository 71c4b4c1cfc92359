#include "support/properties.h"

#include "support/finding_place.h"
#include "zone/names.h"

static struct names_reading r;

static void check(void *self, const struct named_address *n)
{
	struct reader octets = reader_init(n->owner.octets, n->owner.size);
	struct name name;

	(void)self;
	PROPERTY(get_name_view(&octets, &name) && reader_left(&octets) == 0);
	PROPERTY(name_is_within(n->owner, r.domain));
	PROPERTY(n->address.size == 4 || n->address.size == 16);
	PROPERTY(n->ttl > 0 && n->ttl <= NAMES_TTL_S);
	PROPERTY(n->at >= r.source->text && n->at < r.source->text + r.source->size);
}

static void check_finding(void *self, const struct finding *f)
{
	PROPERTY(finding_fits(f) && f->line > 0 && f->severity != SEVERITY_ERROR);
	PROPERTY(finding_is_in(f, (struct slice){ r.source->text, r.source->size }));
	PROPERTY(*(const enum names_format *)self != NAMES_PEERS || !f->text.octets);
}

static enum names_format format_of(uint8_t octet)
{
	return octet % 3 == 'p' % 3   ? NAMES_PEERS
	       : octet % 3 == 'l' % 3 ? NAMES_LEASES
				      : NAMES_HOSTS;
}

void property_names(const uint8_t *octets, size_t size)
{
	if (size == 0)
		return;
	uint8_t *text = malloc(size); /* with the '\n' that readers are promised */
	enum names_format format = format_of(octets[0]);
	struct diag diag = { .report = check_finding, .self = &format };
	struct source source = { .file = "names", .text = text, .size = size - 1 };

	PROPERTY(text);
	memcpy(text, octets + 1, source.size);
	text[source.size] = '\n';
	r = (struct names_reading){
		&source, { (const uint8_t *)"\4home\4arpa", 11 }, 1767225600, &diag, check, NULL, 0
	};
	names_read(&r, format);
	PROPERTY(r.expires_s == 0 || r.expires_s > r.now_s);
	free(text);
}
