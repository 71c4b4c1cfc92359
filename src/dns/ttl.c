/*
 * ttl.c -- times to live as text.
 */
#include "dns/ttl.h"

static uint32_t unit_seconds(uint8_t c)
{
	switch (octet_folded[c]) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	case 'w':
		return 604800;
	default:
		return 0;
	}
}

bool ttl_parse(const uint8_t *text, size_t size, uint32_t *ttl, const char **problem)
{
	uint64_t sum = 0, number = 0;
	bool after_digit = false, has_unit = false;

	*problem = "TTL does not begin with a digit";
	for (size_t i = 0; i < size; i++) {
		unsigned digit = (unsigned)(text[i] - '0');
		uint32_t unit = unit_seconds(text[i]);

		if (digit <= 9) {
			number = number * 10 + digit;
		} else if (!after_digit && i == 0) {
			return false;
		} else if (unit == 0 || !after_digit) {
			*problem = "bad TTL unit";
			return false;
		} else {
			sum += number * unit;
			number = 0;
			has_unit = true;
		}
		/* Both stay far below 2^64: number < 10 * 2^32, times at most 2^20. */
		if (number > UINT32_MAX || sum > UINT32_MAX) {
			*problem = "TTL larger than 4294967295";
			return false;
		}
		after_digit = digit <= 9;
	}
	if (size == 0)
		return false;
	if (has_unit && after_digit) { /* "1h30": seconds to some, minutes to people */
		*problem = "TTL number without a unit behind one with a unit";
		return false;
	}
	*ttl = (uint32_t)(sum + number);
	return true;
}
