/*
 * number.c -- whole numbers as text, and as sizes of tables.
 */
#include "base/number.h"

static const char *too_large(uint64_t max)
{
	switch (max) {
	case UINT8_MAX:
		return "number larger than 255";
	case UINT16_MAX:
		return "number larger than 65535";
	case UINT32_MAX:
		return "number larger than 4294967295";
	default:
		return "number too large";
	}
}

const char *number_parse(const uint8_t *text, size_t size, uint64_t max, uint64_t *value)
{
	uint64_t v = 0;

	if (size == 0)
		return "invalid number";
	for (size_t i = 0; i < size; i++) {
		unsigned digit = (unsigned)(text[i] - '0');

		if (digit > 9)
			return "invalid number";
		if (digit > max || v > (max - digit) / 10)
			return too_large(max);
		v = v * 10 + digit;
	}
	*value = v;
	return NULL;
}

size_t number_power_of_two(size_t n)
{
	size_t power = 1;

	while (power < n)
		power *= 2;
	return power;
}
