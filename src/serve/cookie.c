/*
 * cookie.c -- server cookies.
 */
#include "serve/cookie.h"

enum {
	COOKIE_VERSION = 1,
	COOKIE_PLAIN_SIZE = COOKIE_CLIENT_SIZE + 8, /* all but the hash */
	COOKIE_MAX_AGE_S = 3600,
	COOKIE_MAX_AHEAD_S = 300,
	ADDRESS_MAX_SIZE = 16,
};

static void put_hash(const struct siphash_key *secret, uint8_t cookie[COOKIE_SIZE],
		     struct slice address)
{
	uint8_t input[COOKIE_PLAIN_SIZE + ADDRESS_MAX_SIZE];
	size_t n = address.size < ADDRESS_MAX_SIZE ? address.size : ADDRESS_MAX_SIZE;

	memcpy(input, cookie, COOKIE_PLAIN_SIZE);
	memcpy(input + COOKIE_PLAIN_SIZE, address.octets, n);
	uint64_t hash = siphash24(secret, input, COOKIE_PLAIN_SIZE + n);
	/* The authors of SipHash write its result little-endian. */
	for (int i = 0; i < 8; i++)
		cookie[COOKIE_PLAIN_SIZE + i] = (uint8_t)(hash >> (8 * i));
}

void cookie_make(const struct siphash_key *secret, const uint8_t *client, struct slice address,
		 uint32_t now_s, uint8_t out[COOKIE_SIZE])
{
	memcpy(out, client, COOKIE_CLIENT_SIZE);
	store_u32(out + COOKIE_CLIENT_SIZE, (uint32_t)COOKIE_VERSION << 24);
	store_u32(out + COOKIE_CLIENT_SIZE + 4, now_s);
	put_hash(secret, out, address);
}

bool cookie_is_ours(const struct siphash_key *secret, struct slice cookie, struct slice address,
		    uint32_t now_s)
{
	uint8_t right[COOKIE_SIZE];
	struct reader r = reader_init(cookie.octets, cookie.size);

	if (cookie.size != COOKIE_SIZE || cookie.octets[COOKIE_CLIENT_SIZE] != COOKIE_VERSION)
		return false;
	reader_take(&r, COOKIE_CLIENT_SIZE + 4);
	uint32_t made_s = get_u32(&r);
	uint32_t age_s = now_s - made_s; /* serial arithmetic, RFC 1982 */
	if (age_s > COOKIE_MAX_AGE_S && made_s - now_s > COOKIE_MAX_AHEAD_S)
		return false;
	/* RFC 9018 §4.2: the reserved octets need not be zero, but they are hashed. */
	memcpy(right, cookie.octets, COOKIE_PLAIN_SIZE);
	put_hash(secret, right, address);
	uint8_t different = 0;
	for (size_t i = 0; i < COOKIE_SIZE; i++)
		different |= right[i] ^ cookie.octets[i];
	return different == 0;
}
