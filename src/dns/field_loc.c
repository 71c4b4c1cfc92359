/*
 * field_loc.c -- where a host stands (RFC 1876).
 *
 *	42 21 54.000 N 71 6 18.000 W -24.00m 30.00m 10000.00m 10.00m
 *
 *	+--------+--------+--------+--------+
 *	|version | size   | horiz. | vert.  |	sizes: a digit, and a power of ten, in cm
 *	+--------+--------+--------+--------+
 *	|             latitude              |	thousandths of a second of arc, the equator
 *	+--------+--------+--------+--------+	and the prime meridian are 2^31
 *	|             longitude             |
 *	+--------+--------+--------+--------+
 *	|             altitude              |	cm above 100 km below the ellipsoid
 *	+--------+--------+--------+--------+
 *
 * All numbers are fixed point: there is no floating point here.
 */
#include "dns/field_kinds.h"

enum {
	SIZE_DEFAULT = 0x12,       /* 1 m, RFC 1876 §3 */
	HORIZONTAL_DEFAULT = 0x16, /* 10 km */
	VERTICAL_DEFAULT = 0x13,   /* 10 m */
	ALTITUDE_BASE = 10000000,  /* cm */
	DEGREE = 3600000,          /* thousandths of a second */
	MINUTE = 60000,
	LOC_SIZE = 16,
};

#define ANGLE_BASE  0x80000000u
#define SIZE_MAX_CM 9999999999u /* eight digits of metres; 9 * 10^9 is what fits the wire */

struct axis {
	uint32_t max_degrees;
	char positive, negative;
	const char *missing, *problem;
};

/* 90 59 59.999 is taken as well: each number is checked by itself, as others do. */
static const struct axis latitude = { 90, 'N', 'S', "missing latitude",
				      "invalid latitude; it is degrees, minutes, seconds, N or S" };
static const struct axis longitude = {
	180, 'E', 'W', "missing longitude",
	"invalid longitude; it is degrees, minutes, seconds, E or W"
};

/* ------ text to wire ------ */

/* Digits, a point, and up to `places` digits more, times 10^places. */
static bool fixed_parse(const uint8_t *text, size_t size, unsigned places, uint64_t max,
			uint64_t *value)
{
	const uint8_t *point = memchr(text, '.', size);
	size_t whole = point ? (size_t)(point - text) : size;
	size_t rest = point ? size - whole - 1 : 0;
	uint64_t v, fraction = 0;

	if (point && (rest == 0 || rest > places))
		return false;
	if (number_parse(text, whole, UINT32_MAX, &v) != NULL)
		return false;
	if (point && number_parse(point + 1, rest, UINT32_MAX, &fraction) != NULL)
		return false;
	for (unsigned i = 0; i < places; i++) {
		v *= 10;
		if (i >= rest)
			fraction *= 10;
	}
	*value = v + fraction;
	return *value <= max;
}

/* The sign of a letter: 1, -1, or 0 when it is none of this axis. */
static int axis_sign(const struct axis *a, const struct word *w)
{
	if (w->size != 1)
		return 0;
	uint8_t letter = octet_folded[w->at[0]];
	if (letter == octet_folded[(uint8_t)a->positive])
		return 1;
	return letter == octet_folded[(uint8_t)a->negative] ? -1 : 0;
}

/* Minutes and seconds may be left out. */
static bool parse_axis(struct words *in, const struct axis *a, struct writer *out)
{
	const struct {
		uint32_t unit;
		unsigned places;
		uint32_t max;
	} parts[] = { { DEGREE, 0, a->max_degrees }, { MINUTE, 0, 59 }, { 1, 3, MINUTE - 1 } };
	uint32_t angle = 0;

	for (unsigned i = 0;; i++) {
		const struct word *w = field_word(in, a->missing);
		uint64_t value;

		if (!w)
			return false;
		int sign = axis_sign(a, w);
		if (i > 0 && sign != 0) {
			put_u32(out, sign > 0 ? ANGLE_BASE + angle : ANGLE_BASE - angle);
			return true;
		}
		if (i == 3 || !fixed_parse(w->at, w->size, parts[i].places, parts[i].max, &value))
			return words_fail_at(in, w, a->problem);
		angle += (uint32_t)value * parts[i].unit;
	}
}

/* Metres to centimetres; the letter m may stand behind them. */
static bool metres_parse(const uint8_t *text, size_t size, uint64_t max, uint64_t *cm)
{
	if (size > 0 && octet_folded[text[size - 1]] == 'm')
		size--;
	return fixed_parse(text, size, 2, max, cm);
}

static bool parse_altitude(struct words *in, struct writer *out)
{
	const struct word *w = field_word(in, "missing altitude");
	uint64_t cm;

	if (!w)
		return false;
	size_t minus = w->at[0] == '-';
	uint64_t max = minus ? ALTITUDE_BASE : UINT32_MAX - ALTITUDE_BASE;
	if (!metres_parse(w->at + minus, w->size - minus, max, &cm))
		return words_fail_at(in, w, "invalid altitude; it is -100000.00m to 42849672.95m");
	put_u32(out, (uint32_t)(minus ? ALTITUDE_BASE - cm : ALTITUDE_BASE + cm));
	return true;
}

/* One of the three sizes, which may be missing from here on. */
static bool parse_size(struct words *in, uint8_t *size)
{
	uint64_t cm;
	uint8_t power = 0;

	if (words_left(in) == 0)
		return true;
	const struct word *w = field_word(in, "missing size");
	if (!w)
		return false;
	if (!metres_parse(w->at, w->size, SIZE_MAX_CM, &cm))
		return words_fail_at(in, w,
				     "invalid size or precision; it is 0.00m to 90000000.00m");
	for (; cm > 9; power++) /* at most nine times */
		cm /= 10;
	*size = (uint8_t)(cm << 4 | power);
	return true;
}

bool field_parse_loc(struct words *in, struct name origin, struct writer *out)
{
	uint8_t *sizes = writer_room(out, 4);

	(void)origin;
	if (!sizes)
		return false;
	sizes[0] = 0; /* the version */
	sizes[1] = SIZE_DEFAULT;
	sizes[2] = HORIZONTAL_DEFAULT;
	sizes[3] = VERTICAL_DEFAULT;
	return parse_axis(in, &latitude, out) && parse_axis(in, &longitude, out) &&
	       parse_altitude(in, out) && parse_size(in, &sizes[1]) && parse_size(in, &sizes[2]) &&
	       parse_size(in, &sizes[3]);
}

/* ------ wire to text ------ */

static void print_fixed(uint64_t value, unsigned places, struct text *out)
{
	unsigned unit = places == 2 ? 100 : 1000;

	text_put_u64(out, value / unit);
	text_format(out, places == 2 ? ".%02u" : ".%03u", (unsigned)(value % unit));
}

static void print_axis(struct reader *in, const struct axis *a, struct text *out)
{
	uint32_t wire = get_u32(in);
	uint32_t angle = wire >= ANGLE_BASE ? wire - ANGLE_BASE : ANGLE_BASE - wire;

	if (angle / DEGREE > a->max_degrees)
		in->bad = true; /* not in the text form */
	text_put_u32(out, angle / DEGREE);
	text_put_char(out, ' ');
	text_put_u32(out, angle % DEGREE / MINUTE);
	text_put_char(out, ' ');
	print_fixed(angle % MINUTE, 3, out);
	text_put_char(out, ' ');
	text_put_char(out, wire >= ANGLE_BASE ? a->positive : a->negative);
}

static void print_altitude(struct reader *in, struct text *out)
{
	uint32_t wire = get_u32(in);

	text_put(out, wire < ALTITUDE_BASE ? " -" : " ");
	print_fixed(wire < ALTITUDE_BASE ? ALTITUDE_BASE - wire : wire - ALTITUDE_BASE, 2, out);
	text_put_char(out, 'm');
}

static void print_size(struct reader *in, uint8_t size, struct text *out)
{
	unsigned digit = size >> 4, power = size & 15;
	uint64_t cm = digit;

	/* Nought has one text only, and digits above nine have none. */
	if (digit > 9 || power > 9 || (digit == 0 && power > 0)) {
		in->bad = true;
		return;
	}
	for (; power > 0; power--)
		cm *= 10;
	text_put_char(out, ' ');
	print_fixed(cm, 2, out);
	text_put_char(out, 'm');
}

void field_print_loc(struct reader *in, struct text *out)
{
	uint8_t version = get_u8(in);
	const uint8_t *sizes = reader_take(in, 3);

	if (version != 0)
		in->bad = true;
	if (!sizes)
		return;
	print_axis(in, &latitude, out);
	text_put_char(out, ' ');
	print_axis(in, &longitude, out);
	print_altitude(in, out);
	for (size_t i = 0; i < 3; i++)
		print_size(in, sizes[i], out);
}

/* Other versions may have other formats (RFC 1876 §2): they are opaque. */
void field_skip_loc(struct reader *in)
{
	if (reader_left(in) > 0 && in->pos[0] != 0)
		reader_rest(in);
	else
		reader_take(in, LOC_SIZE);
}
