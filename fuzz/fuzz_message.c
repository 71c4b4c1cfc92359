/*
 * fuzz_message.c -- messages: every part reads within its bounds and ends.
 */
#include "dns/edns.h"
#include "dns/rrtype.h"
#include "dns/tsig.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	struct reader r = reader_init(octets, size);
	struct header header;
	struct question question;
	struct record record;
	struct edns edns;
	struct tsig tsig;

	if (!get_header(&r, &header))
		return 0;
	for (unsigned i = 0; i < header.count[SECTION_QUESTION] && get_question(&r, &question); i++)
		PROPERTY(question.name.size >= 1);
	while (!r.bad && get_record(&r, &record)) {
		PROPERTY(record.rdata.end <= r.end && record.rdata.pos <= record.rdata.end);
		if (record.type == TYPE_OPT && edns_parse(&record, &edns))
			PROPERTY(edns_limit(&edns) >= MESSAGE_UDP_SIZE &&
				 edns_limit(&edns) <= EDNS_UDP_SIZE);
		if (record.type == TYPE_TSIG && tsig_parse(&record, &tsig))
			PROPERTY(tsig_error_size(&tsig) < 2 * NAME_MAX_SIZE + 64);
	}
	return 0;
}
