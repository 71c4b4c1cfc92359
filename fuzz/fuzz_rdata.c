/*
 * fuzz_rdata.c -- RDATA of every type: wire to text to wire is the same.
 *
 * Two octets of type, then the RDATA.
 */
#include "dns/rdata.h"
#include "fuzz.h"
#include "support/words.h"

enum { TEXT_SIZE = 4 * 65536 + 64 };

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	static char room[TEXT_SIZE];
	static uint8_t wire[RDATA_MAX_SIZE];
	struct text text = text_init(room, sizeof room);
	struct writer w = writer_init(wire, sizeof wire);

	if (size < 2)
		return 0;
	const struct rrtype *type = rrtype_find((uint16_t)(octets[0] << 8 | octets[1]));
	const uint8_t *rdata = octets + 2;
	size -= 2;
	if (size > 4096 || !rdata_is_valid(type, rdata, size))
		return 0;
	rdata_print(type, rdata, size, &text);
	PROPERTY(!text.full);
	struct words words;
	PROPERTY(words_split((const uint8_t *)room, text.used, &words));
	PROPERTY(rdata_parse(type, &words, name_root, &w));
	PROPERTY(writer_size(&w) == size && memcmp(wire, rdata, size) == 0);
	return 0;
}
