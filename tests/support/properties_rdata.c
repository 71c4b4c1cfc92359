#include "support/properties.h"

#include "dns/rdata.h"
#include "support/words.h"

enum { SIZE_MAX_TRIED = 4096 };

static char first_text[RDATA_MAX_TEXT], second_text[RDATA_MAX_TEXT];
static uint8_t first_wire[RDATA_MAX_SIZE], second_wire[RDATA_MAX_SIZE];

/* Octets read out of a text; false when it is none. */
static bool parse(const struct rrtype *type, struct slice text, uint8_t *out, size_t *size)
{
	struct writer w = writer_init(out, RDATA_MAX_SIZE);
	struct words words;

	if (!words_split(text.octets, text.size, &words) ||
	    !rdata_parse(type, &words, name_root, &w))
		return false;
	*size = writer_size(&w);
	return true;
}

static struct slice print(const struct rrtype *type, const uint8_t *rdata, size_t size, char *room)
{
	struct text text = text_init(room, RDATA_MAX_TEXT);

	rdata_print(type, rdata, size, &text);
	PROPERTY(!text.full);
	return (struct slice){ (const uint8_t *)room, text.used };
}

/* In a message, where names might be compressed, the same octets are the same RDATA. */
static void check_message(const struct rrtype *type, const uint8_t *rdata, size_t size)
{
	struct writer w = writer_init(second_wire, sizeof second_wire);
	struct reader r = reader_init(rdata, size);

	PROPERTY(get_rdata(type, &r, &w) && writer_size(&w) == size);
	PROPERTY(memcmp(second_wire, rdata, size) == 0);
}

static void check_wire(const struct rrtype *type, const uint8_t *rdata, size_t size)
{
	size_t again;

	if (!rdata_is_valid(type, rdata, size))
		return;
	check_message(type, rdata, size);
	struct slice text = print(type, rdata, size, first_text);
	PROPERTY(parse(type, text, first_wire, &again));
	PROPERTY(again == size && memcmp(first_wire, rdata, size) == 0);
}

static void check_text(const struct rrtype *type, struct slice text)
{
	size_t size, again;

	if (!parse(type, text, first_wire, &size))
		return;
	PROPERTY(rdata_is_valid(type, first_wire, size));
	struct slice first = print(type, first_wire, size, first_text);
	PROPERTY(parse(type, first, second_wire, &again));
	PROPERTY(again == size && memcmp(first_wire, second_wire, size) == 0);
	struct slice second = print(type, second_wire, size, second_text);
	PROPERTY(first.size == second.size && memcmp(first.octets, second.octets, first.size) == 0);
}

void property_rdata(const uint8_t *octets, size_t size)
{
	if (size < 2 || size > SIZE_MAX_TRIED)
		return;
	const struct rrtype *type = rrtype_find((uint16_t)(octets[0] << 8 | octets[1]));
	check_wire(type, octets + 2, size - 2);
	check_text(type, (struct slice){ octets + 2, size - 2 });
}
