/*
 * Bounded text: never an octet too many, always a NUL, full when something
 * was left out.
 */
#include <setjmp.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "support/guard.h"

static void pieces_are_put_together(void **state)
{
	char room[200];
	struct text t = text_init(room, sizeof room);

	(void)state;
	assert_string_equal(text_str(&t), "");
	text_put(&t, "a");
	text_put_octets(&t, "bcd", 2);
	text_put_char(&t, '-');
	text_put_u32(&t, 0);
	text_put_char(&t, ' ');
	text_put_u32(&t, 4294967295u);
	text_put_char(&t, ' ');
	text_put_u64(&t, 18446744073709551615u);
	text_put_char(&t, ' ');
	text_put_hex(&t, (const uint8_t *)"\x00\x9a\xff", 3);
	text_format(&t, " %s %.*s %c %u %d %zu %x %% %03u|%3s", "s", 2, "xyz", 'c', 7u, -8,
		    (size_t)9, 255u, 5u, "r");
	assert_string_equal(
		room, "abc-0 4294967295 18446744073709551615 009AFF s xy c 7 -8 9 ff % 005|  r");
	assert_int_equal(t.used, strlen(room));
	assert_false(t.full);
}

/* Each function, in buffers that are too small by one, and by all. */
static void what_does_not_fit_is_left_out(void **state)
{
	static const char *const whole[] = { "abcdef", "abc",    "123456",        "9876543210",
					     "0AFF10", "x=17 y", "\\001a\\255..." };

	(void)state;
	for (size_t f = 0; f < sizeof whole / sizeof whole[0]; f++) {
		size_t need = strlen(whole[f]);
		for (size_t size = 1; size <= need + 3; size++) {
			char *room = malloc(size); /* exactly: a write beyond it is found */
			struct text t = text_init(room, size);

			switch (f) {
			case 0:
				text_put(&t, "abcdef");
				break;
			case 1:
				text_put_octets(&t, "abc", 3);
				break;
			case 2:
				text_put_u32(&t, 123456);
				break;
			case 3:
				text_put_u64(&t, 9876543210u);
				break;
			case 4:
				text_put_hex(&t, (const uint8_t *)"\x0a\xff\x10", 3);
				break;
			case 5:
				text_format(&t, "x=%u %s", 17u, "y");
				break;
			default:
				text_put_escaped(&t, "\001a\377bcd", 6, 3);
			}
			assert_int_equal(t.full, size <= need);
			assert_true(t.used < size);
			assert_int_equal(strlen(room), t.used);
			if (strncmp(room, whole[f], t.used) != 0)
				fail_msg("%zu: '%s' in %zu", f, room, size);
			if (!t.full)
				assert_string_equal(room, whole[f]);
			free(room);
		}
	}
}

static void a_full_text_stays_full_and_as_it_is(void **state)
{
	char room[4];
	struct text t = text_init(room, sizeof room);

	(void)state;
	text_put(&t, "abc");
	assert_false(t.full);
	text_put_char(&t, 'd');
	assert_true(t.full);
	text_format(&t, "%u", 1u);
	text_put(&t, "");
	assert_string_equal(room, "abc");
	assert_true(t.full);
}

static void octets_from_outside_cannot_play_tricks(void **state)
{
	static const struct {
		const char *name, *octets;
		size_t n, limit;
		const char *text;
	} cases[] = {
		{ "printable ASCII as it is", "a Z~!", 5, 99, "a Z~!" },
		{ "a line's end is no line's end", "a\nb\r", 4, 99, "a\\010b\\013" },
		{ "nor does ESC colour anything", "\033[31m", 5, 99, "\\027[31m" },
		{ "NUL, DEL, and above", "\000\177\200\377", 4, 99, "\\000\\127\\128\\255" },
		{ "tab is not printable", "\t", 1, 99, "\\009" },
		{ "up to the limit", "abc", 3, 3, "abc" },
		{ "beyond it dots", "abcd", 4, 3, "abc..." },
		{ "nothing", "", 0, 0, "" },
		{ "nothing of something", "a", 1, 0, "..." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char room[100];
		struct text t = text_init(room, sizeof room);

		text_put_escaped(&t, guard_copy(cases[i].octets, cases[i].n), cases[i].n,
				 cases[i].limit);
		if (strcmp(room, cases[i].text) != 0)
			fail_msg("%s: %s", cases[i].name, room);
		guard_release();
	}
}

static void a_string_of_json_is_ascii_whatever_is_in_it(void **state)
{
	static const struct {
		const char *name, *octets, *text;
	} cases[] = {
		{ "printable ASCII as it is", "a Z~/'", "\"a Z~/'\"" },
		{ "quotes and backslashes", "\\\"", "\"\\\\\\\"\"" },
		{ "control characters", "\n\033\177", "\"\\u000a\\u001b\\u007f\"" },
		{ "octets above are ISO 8859-1", "\200\377", "\"\\u0080\\u00ff\"" },
		{ "nothing", "", "\"\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char room[100];
		struct text t = text_init(room, sizeof room);

		text_put_json(&t, cases[i].octets);
		if (strcmp(room, cases[i].text) != 0)
			fail_msg("%s: %s", cases[i].name, room);
	}
}

static void a_number_is_taken_off_a_text(void **state)
{
	static const struct {
		const char *text;
		unsigned base;
		uint64_t most, value;
		const char *rest; /* NULL: no such number */
	} cases[] = {
		{ "0", 10, 9, 0, "" },
		{ "42abc", 10, 42, 42, "abc" },
		{ "43", 10, 42, 0, NULL },
		{ "042", 10, 42, 42, "" },
		{ "", 10, 9, 0, NULL },
		{ "x", 10, 9, 0, NULL },
		{ "-1", 10, 9, 0, NULL },
		{ " 1", 10, 9, 0, NULL },
		{ "+1", 10, 9, 0, NULL },
		{ "9", 10, 8, 0, NULL },
		{ "1F:", 16, 255, 31, ":" },
		{ "fFg", 16, 255, 255, "g" },
		{ "100", 16, 255, 0, NULL },
		{ "@`G", 16, 255, 0, NULL },
		{ "18446744073709551615", 10, UINT64_MAX, UINT64_MAX, "" },
		{ "18446744073709551616", 10, UINT64_MAX, 0, NULL },
		{ "99999999999999999999", 10, UINT64_MAX, 0, NULL },
		{ "ffffffffffffffff", 16, UINT64_MAX, UINT64_MAX, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *at = cases[i].text;
		uint64_t value = 0;
		bool taken = text_take_number(&at, cases[i].base, cases[i].most, &value);

		if (taken != (cases[i].rest != NULL) ||
		    (taken ? value != cases[i].value || strcmp(at, cases[i].rest) != 0
			   : at != cases[i].text))
			fail_msg("'%s' became %llu and '%s'", cases[i].text,
				 (unsigned long long)value, at);
	}
}

#define SAME_AS_PRINTF(...)                                       \
	do {                                                      \
		char got[128], expected[128];                     \
		struct text text = text_init(got, sizeof got);    \
		text_format(&text, __VA_ARGS__);                  \
		snprintf(expected, sizeof expected, __VA_ARGS__); \
		assert_string_equal(got, expected);               \
		assert_int_equal(text.used, strlen(expected));    \
	} while (0)

static void formats_mean_what_they_mean_to_printf(void **state)
{
	(void)state;
	SAME_AS_PRINTF("%s", "plain");
	SAME_AS_PRINTF("%s|%10s|%-10s|%2s|", "", "abc", "abc", "abc");
	SAME_AS_PRINTF("%.2s|%.0s|%.*s|%.20s", "abc", "abc", 1, "abc", "abc");
	SAME_AS_PRINTF("%c%c|%3c|%-3c|", 'a', '%', 'b', 'c');
	SAME_AS_PRINTF("%u %u %u", 0u, 1u, UINT_MAX);
	SAME_AS_PRINTF("%d %d %d %d", 0, -1, INT_MAX, INT_MIN);
	SAME_AS_PRINTF("%zu %lu %ld %ld", SIZE_MAX, ULONG_MAX, LONG_MAX, LONG_MIN);
	SAME_AS_PRINTF("%x %X %04x %02X %o %04o", 0xbeefu, 0xbeefu, 0xau, 0x5u, 8u, 0644u);
	SAME_AS_PRINTF("%03u %5u %-5u| %1u", 7u, 42u, 42u, 123u);
	SAME_AS_PRINTF("100%% %s%%", "x");
}

static void a_string_of_a_given_length_needs_no_end(void **state)
{
	const char *octets = (const char *)guard_copy("abc", 3);
	char room[8];
	struct text text = text_init(room, sizeof room);

	(void)state;
	text_format(&text, "%.*s|%.3s", 3, octets, octets);
	assert_string_equal(room, "abc|abc");
	guard_release();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_taken_off_a_text),
		cmocka_unit_test(formats_mean_what_they_mean_to_printf),
		cmocka_unit_test(a_string_of_a_given_length_needs_no_end),
		cmocka_unit_test(pieces_are_put_together),
		cmocka_unit_test(what_does_not_fit_is_left_out),
		cmocka_unit_test(a_full_text_stays_full_and_as_it_is),
		cmocka_unit_test(octets_from_outside_cannot_play_tricks),
		cmocka_unit_test(a_string_of_json_is_ascii_whatever_is_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
