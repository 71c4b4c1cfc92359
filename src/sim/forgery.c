/*
 * forgery.c -- answers of attackers.
 */
#include "sim/forgery.h"
#include "dns/message.h"

/* A response like the right one, but for one thing; that is told by `wrong`. */
enum wrong { WRONG_ID, WRONG_LETTERS, WRONG_PORT, WRONG_SOURCE, WRONG_TYPE, WRONGS };

static bool is_letter(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Turns the case of one letter of the question's name; false when it has none. */
static bool turn_letter(uint8_t *octets, size_t size)
{
	size_t at = HEADER_SIZE;

	while (at < size && octets[at] != 0) {
		for (size_t end = at + octets[at]; ++at <= end && at < size;)
			if (is_letter(octets[at])) {
				octets[at] ^= 0x20;
				return true;
			}
	}
	return false;
}

/* Where the question ends; 0 when it is none. */
static size_t question_end(const struct sim_asked *a)
{
	struct reader r = reader_init(a->octets, a->size);
	struct header h;
	struct question q;

	return get_header(&r, &h) && get_question(&r, &q) ? a->size - reader_left(&r) : 0;
}

static void put_line(const struct sim_asked *a, size_t end, struct text *out)
{
	text_put(out, "send ");
	address_print(&a->to, out);
	text_put_char(out, ' ');
	address_print(&a->from, out);
	text_format(out, " %02x%02x81800001000100000000", a->octets[0], a->octets[1]);
	for (size_t i = HEADER_SIZE; i < end; i++)
		text_format(out, "%02x", a->octets[i]);
	text_put(out, "c00c000100010000003c0004");
	for (size_t i = 0; i < sizeof rules_poison; i++)
		text_format(out, "%02x", rules_poison[i]);
}

bool forgery_put(const struct sim_asked *seen, struct chance *chance, struct text *out)
{
	struct sim_asked a = *seen;
	size_t end = question_end(&a);

	if (end == 0)
		return false;
	enum wrong wrong = (enum wrong)chance_below(chance, WRONGS);
	if (wrong == WRONG_LETTERS && !turn_letter(a.octets, end))
		wrong = WRONG_ID;
	if (wrong == WRONG_ID)
		a.octets[0] ^= (uint8_t)(1 + chance_below(chance, 255));
	if (wrong == WRONG_PORT)
		a.from.port ^= (uint16_t)(1 + chance_below(chance, 65535));
	if (wrong == WRONG_SOURCE)
		a.to.octets[3] ^= (uint8_t)(16 + chance_below(chance, 16));
	if (wrong == WRONG_TYPE)
		a.octets[end - 3] ^= (uint8_t)(1 + chance_below(chance, 255));
	put_line(&a, end, out);
	return true;
}
