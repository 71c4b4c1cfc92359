#include "support/reply.h"

#include "support/property.h"

struct header reply_read(struct slice reply, struct slice query, reply_visit *visit, void *self)
{
	struct reader r = reader_init(reply.octets, reply.size);
	struct header h;
	struct question q;
	struct record rr;

	PROPERTY(get_header(&r, &h) && h.flags & FLAG_QR);
	PROPERTY(h.id == (query.octets[0] << 8 | query.octets[1]));
	PROPERTY(h.count[SECTION_QUESTION] <= 1);
	if (h.count[SECTION_QUESTION] == 1) {
		PROPERTY(get_question(&r, &q));
		size_t end = (size_t)(r.pos - r.base);
		PROPERTY(query.size >= end &&
			 memcmp(reply.octets + HEADER_SIZE, query.octets + HEADER_SIZE,
				end - HEADER_SIZE) == 0);
	}
	for (unsigned s = SECTION_ANSWER; s <= SECTION_ADDITIONAL; s++)
		for (unsigned i = 0; i < h.count[s]; i++) {
			PROPERTY(get_record(&r, &rr));
			if (visit)
				visit(self, s, &rr);
		}
	PROPERTY(reader_left(&r) == 0);
	return h;
}
