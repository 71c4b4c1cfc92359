#include "support/properties.h"

#include "support/cache_model.h"

enum { STEPS_MAX = 400 };

void property_cache_ops(const uint8_t *octets, size_t size)
{
	static const struct cache_model_setup setups[] = {
		{ CACHE_MIN_SIZE, 86400, 1000, false },
		{ CACHE_MIN_SIZE + 4000, 0, (1ull << 32) - 600000, false },
		{ CACHE_MIN_SIZE + 24, 60, 1ull << 40, false },
		{ 16 << 20, CACHE_MAX_STALE_S, (1ull << 33) - 1000, true },
	};
	static struct cache_model model;
	struct reader input = reader_init(octets, size);
	const struct choices choices = { .input = &input };

	uint8_t first = get_u8(&input);
	cache_model_open(&model, &setups[first % 4], &choices);
	cache_model_fill(&model, first / 4);
	for (unsigned steps = 0; steps < STEPS_MAX && reader_left(&input) > 0; steps++)
		cache_model_step(&model);
	cache_model_close(&model);
}
