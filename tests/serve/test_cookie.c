/*
 * Server cookies: RFC 9018 appendix A, and what makes a cookie ours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "serve/cookie.h"
#include "support/guard.h"

#define SECRET   "e5e973e5a6b2a43f48e7dc849e37bfcf"
#define CLIENT_1 "c6336464"                          /* 198.51.100.100 */
#define CLIENT_2 "cb0071cb"                          /* 203.0.113.203 */
#define CLIENT_6 "20010db802200001 59ded0f4876982b8" /* 2001:db8:220:1:59de:d0f4:8769:82b8 */

static struct siphash_key key_of(const char *hex)
{
	size_t n;
	const uint8_t *octets = guard_hex(hex, &n);

	assert_int_equal(n, 16);
	return siphash_key(octets);
}

static struct slice slice_of(const char *hex)
{
	struct slice s;

	s.octets = guard_hex(hex, &s.size);
	return s;
}

static void cookies_are_made_as_in_rfc_9018_appendix_a(void **state)
{
	static const struct {
		const char *name, *secret, *client, *address, *cookie;
		uint32_t now_s;
	} vectors[] = {
		{ "A.1: a new server cookie", SECRET, "2464c4abcf10c957", CLIENT_1,
		  "2464c4abcf10c957010000005cf79f111f8130c3eee29480", 1559731985 },
		{ "A.2: the same client, renewed", SECRET, "2464c4abcf10c957", CLIENT_1,
		  "2464c4abcf10c957010000005cf7a871d4a564a1442aca77", 1559734385 },
		{ "A.3: another client; reserved octets are zero again", SECRET, "fc93fc62807ddb86",
		  CLIENT_2, "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e", 1559734700 },
		{ "A.4: IPv6", "445536bcd2513298075a5d379663c962", "22681ab97d52c298", CLIENT_6,
		  "22681ab97d52c298010000005cf7c609a6bb79d16625507a", 1559741961 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		struct siphash_key secret = key_of(vectors[i].secret);
		uint8_t out[COOKIE_SIZE];

		cookie_make(&secret, slice_of(vectors[i].client).octets,
			    slice_of(vectors[i].address), vectors[i].now_s, out);
		if (memcmp(out, slice_of(vectors[i].cookie).octets, COOKIE_SIZE) != 0)
			fail_msg("%s", vectors[i].name);
		guard_release();
	}
}

static void a_cookie_is_ours_or_not(void **state)
{
	enum { MADE = 1559731985 };
#define A1 "2464c4abcf10c957010000005cf79f111f8130c3eee29480"
	static const struct {
		const char *name, *secret, *cookie, *address;
		uint32_t now_s;
		bool ours;
	} cases[] = {
		{ "A.2: forty minutes old", SECRET, A1, CLIENT_1, MADE + 2400, true },
		{ "A.3: reserved octets may be anything, they are hashed", SECRET,
		  "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5", CLIENT_2, 1559727985 + 60,
		  true },
		{ "A.4: made with the secret of before", "dd3bdf9344b678b185a6f5cb60fca715",
		  "22681ab97d52c298010000005cf7c57926556bd0934c72f8", CLIENT_6, 1559741961, true },
		{ "A.4: but not with the secret of now", "445536bcd2513298075a5d379663c962",
		  "22681ab97d52c298010000005cf7c57926556bd0934c72f8", CLIENT_6, 1559741961, false },
		{ "made this second", SECRET, A1, CLIENT_1, MADE, true },
		{ "4.3: one hour old", SECRET, A1, CLIENT_1, MADE + 3600, true },
		{ "4.3: more than one hour old", SECRET, A1, CLIENT_1, MADE + 3601, false },
		{ "4.3: five minutes in the future", SECRET, A1, CLIENT_1, MADE - 300, true },
		{ "4.3: more than that", SECRET, A1, CLIENT_1, MADE - 301, false },
		{ "half the clock's circle away", SECRET, A1, CLIENT_1, MADE + 0x80000000u, false },
		{ "of another address", SECRET, A1, CLIENT_2, MADE, false },
		{ "of an address of another family", SECRET, A1, CLIENT_6, MADE, false },
		{ "of another client cookie", SECRET,
		  "2464c4abcf10c958010000005cf79f111f8130c3eee29480", CLIENT_1, MADE, false },
		{ "of another version", SECRET, "2464c4abcf10c957020000005cf79f111f8130c3eee29480",
		  CLIENT_1, MADE, false },
		{ "with a time that was changed", SECRET,
		  "2464c4abcf10c957010000005cf79f121f8130c3eee29480", CLIENT_1, MADE, false },
		{ "with a hash whose first octet was changed", SECRET,
		  "2464c4abcf10c957010000005cf79f111e8130c3eee29480", CLIENT_1, MADE, false },
		{ "with a hash whose last octet was changed", SECRET,
		  "2464c4abcf10c957010000005cf79f111f8130c3eee29481", CLIENT_1, MADE, false },
		{ "a client cookie alone", SECRET, "2464c4abcf10c957", CLIENT_1, MADE, false },
		{ "one octet short", SECRET, "2464c4abcf10c957010000005cf79f111f8130c3eee294",
		  CLIENT_1, MADE, false },
		{ "one octet long", SECRET, A1 "00", CLIENT_1, MADE, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct siphash_key secret = key_of(cases[i].secret);

		if (cookie_is_ours(&secret, slice_of(cases[i].cookie), slice_of(cases[i].address),
				   cases[i].now_s) != cases[i].ours)
			fail_msg("%s", cases[i].name);
		guard_release();
	}
}

/* A cookie made when 32 bits of seconds end is good across the end (RFC 9018 section 4.3). */
static void time_is_counted_round_the_end_of_32_bits(void **state)
{
	struct siphash_key secret = key_of(SECRET);
	uint8_t cookie[COOKIE_SIZE];
	struct slice address = slice_of(CLIENT_1), made = { cookie, sizeof cookie };

	(void)state;
	cookie_make(&secret, slice_of("2464c4abcf10c957").octets, address, 0xffffff00, cookie);
	assert_true(cookie_is_ours(&secret, made, address, 0x00000100));
	assert_false(cookie_is_ours(&secret, made, address, 0x00001000));
	guard_release();
}

/* RFC 9018 section 4.1: version 1 is the only one, even when the hash is right. */
static void a_cookie_of_version_2_is_not_ours(void **state)
{
	struct siphash_key secret = key_of(SECRET);
	struct slice plain = slice_of("2464c4abcf10c957 02000000 5cf79f11" CLIENT_1);
	uint8_t cookie[COOKIE_SIZE];

	(void)state;
	for (uint8_t version = 1; version <= 2; version++) {
		uint8_t input[20];
		memcpy(input, plain.octets, plain.size);
		input[8] = version;
		uint64_t hash = siphash24(&secret, input, sizeof input);
		memcpy(cookie, input, 16);
		for (int i = 0; i < 8; i++)
			cookie[16 + i] = (uint8_t)(hash >> 8 * i);
		assert_int_equal(cookie_is_ours(&secret, (struct slice){ cookie, sizeof cookie },
						slice_of(CLIENT_1), 1559731985),
				 version == 1);
	}
	guard_release();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cookies_are_made_as_in_rfc_9018_appendix_a),
		cmocka_unit_test(a_cookie_is_ours_or_not),
		cmocka_unit_test(a_cookie_of_version_2_is_not_ours),
		cmocka_unit_test(time_is_counted_round_the_end_of_32_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
