/*
 * reverse.c -- names of addresses: in-addr.arpa and ip6.arpa.
 */
#include "zone/reverse.h"

enum { MAPPED_BITS = 96 };

/* What a label says: a number in decimal without needless zeros, or one hexadecimal digit. */
static int octet_of(const uint8_t *label)
{
	int value = 0;

	if (label[0] == 0 || label[0] > 3 || (label[0] > 1 && label[1] == '0'))
		return -1;
	for (unsigned i = 1; i <= label[0]; i++) {
		if (label[i] < '0' || label[i] > '9')
			return -1;
		value = value * 10 + label[i] - '0';
	}
	return value <= 255 ? value : -1;
}

static int nibble_of(const uint8_t *label)
{
	uint8_t c = label[1] | 0x20;

	if (label[0] != 1)
		return -1;
	if (label[1] >= '0' && label[1] <= '9')
		return label[1] - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The labels before the suffix, the last of them first in the address. */
static bool take_labels(struct name name, unsigned count, unsigned unit, uint8_t *address)
{
	for (unsigned i = count; i-- > 0; name = name_parent(name)) {
		int value = unit == 8 ? octet_of(name.octets) : nibble_of(name.octets);
		unsigned at = i * unit / 8;

		if (value < 0)
			return false;
		if (unit == 4 && i % 2 == 0)
			value <<= 4;
		address[at] = (uint8_t)(address[at] | value);
	}
	return true;
}

static const uint8_t ip4_octets[] = "\7in-addr\4arpa", ip6_octets[] = "\3ip6\4arpa";
static const struct name ip4_root = { ip4_octets, sizeof ip4_octets };
static const struct name ip6_root = { ip6_octets, sizeof ip6_octets };

bool reverse_is(struct name name)
{
	return name_is_within(name, ip4_root) || name_is_within(name, ip6_root);
}

bool reverse_parse(struct name name, uint8_t address[IP6_SIZE], unsigned *bits)
{
	memset(address, 0, IP6_SIZE);
	if (name_is_within(name, ip4_root)) {
		unsigned count = name_labels(name) - 2;

		memcpy(address, ip4_mapped, sizeof ip4_mapped);
		*bits = MAPPED_BITS + count * 8;
		return count <= 4 && take_labels(name, count, 8, address + sizeof ip4_mapped);
	}
	if (!name_is_within(name, ip6_root))
		return false;
	unsigned count = name_labels(name) - 2;
	*bits = count * 4;
	/* What belongs to in-addr.arpa is found there only. */
	return count <= 32 && take_labels(name, count, 4, address) &&
	       !(*bits >= MAPPED_BITS && ip6_is_mapped(address));
}
