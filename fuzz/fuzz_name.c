/*
 * fuzz_name.c -- names: what is read can be printed, read again, and compared.
 */
#include "dns/name.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	struct reader r = reader_init(octets, size);
	struct name_buf name, again;
	char room[NAME_MAX_TEXT];
	struct text text = text_init(room, sizeof room);

	/* The first octet says where in the message the name begins. */
	reader_take(&r, get_u8(&r));
	if (get_name(&r, &name)) {
		struct name n = name_view(&name);

		PROPERTY(n.size >= 1 && name_labels(n) <= NAME_MAX_LABELS);
		name_print(n, &text);
		PROPERTY(!text.full);
		PROPERTY(!name_parse((const uint8_t *)room, text.used, name_root, &again));
		PROPERTY(again.size == n.size && memcmp(again.octets, n.octets, n.size) == 0);
		PROPERTY(name_compare(n, name_view(&again)) == 0);
	}
	if (!name_parse(octets, size, name_root, &name))
		PROPERTY(name_equal(name_view(&name), name_view(&name)));
	return 0;
}
