/* SPDX-License-Identifier: GPL-2.0-only */
#include "random_input.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const uint16_t random_ports[12] = { 0, 53, 80, 81, 255, 256, 443, 511, 1023, 1024, 8000, 65535 };
const uint16_t random_vlans[6] = { 1, 2, 10, 11, 4094, 4095 };
const uint8_t random_types[15] = { 0, 1, 2, 3, 5, 8, 128, 130, 133, 134, 135, 136, 137, 143, 255 };
const uint8_t random_codes[6] = { 0, 1, 3, 4, 5, 255 };

/* splitmix64 */
void random_start(struct random *random, uint64_t seed)
{
	uint64_t z = seed + 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	random->state = z ^ z >> 31;
	if (!random->state) /* xorshift would stay there */
		random->state = 1;
}

uint32_t random_below(struct random *random, uint32_t bound)
{
	random->state ^= random->state >> 12;
	random->state ^= random->state << 25;
	random->state ^= random->state >> 27;
	return (uint32_t)((random->state * 0x2545f4914f6cdd1dull) >> 32) % bound;
}

/* Neighbours, first and last addresses of blocks, and of the whole space. */
static const char *const addresses4[RANDOM_ADDRESSES] = {
	"198.51.100.53", "198.51.100.54", "198.51.100.255",  "198.51.101.0", "198.51.128.0",
	"192.0.2.1",	 "0.0.0.0",	  "255.255.255.255", "10.0.0.1"
};
static const char *const addresses6[RANDOM_ADDRESSES] = { "2001:db8:1::53",
							  "2001:db8:1::54",
							  "2001:db8:1:8000::1",
							  "2001:db8:0:ffff:ffff:ffff:ffff:ffff",
							  "2001:db8::",
							  "::",
							  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
							  "fe80::1",
							  "::c633:6435" };
static const uint8_t lengths4[] = { 0, 1, 8, 16, 23, 24, 25, 28, 31, 32, 32, 32 };
static const uint8_t lengths6[] = { 0, 1, 16, 32, 33, 47, 48, 63, 64, 65, 96, 127, 128, 128, 128 };

void random_numbered(unsigned int number, int family, uint8_t address[16])
{
	memset(address, 0, 16);
	if (family == PCTL_IPV4)
		inet_pton(AF_INET, addresses4[number], address);
	else
		inet_pton(AF_INET6, addresses6[number], address);
}

void random_address(struct random *random, int family, uint32_t few, uint8_t address[16])
{
	random_numbered(random_below(random, few), family, address);
}

static unsigned int random_length(struct random *random, int family)
{
	if (one_in(random, 3))
		return random_below(random, family == PCTL_IPV4 ? 33 : 129);
	return family == PCTL_IPV4 ? PICK(random, lengths4) : PICK(random, lengths6);
}

static void set_bit(uint8_t address[16], unsigned int bit, bool value)
{
	uint8_t mask = 0x80 >> bit % 8;

	address[bit / 8] = value ? address[bit / 8] | mask : address[bit / 8] & ~mask;
}

/* Sometimes changes a byte, so that there are many blocks side by side, and packets that match
 * them. */
static void scramble(struct random *random, int family, uint8_t address[16])
{
	if (one_in(random, 4))
		address[random_below(random, family == PCTL_IPV4 ? 4 : 16)] =
			random_below(random, 256);
}

/* Just inside or just outside of a block that begins as the address does. */
void random_neighbour(struct random *random, int family, uint8_t address[16])
{
	unsigned int bits = family == PCTL_IPV4 ? 32 : 128, length;
	bool fill;

	random_address(random, family, RANDOM_ADDRESSES, address);
	scramble(random, family, address);
	if (one_in(random, 3))
		return;
	length = random_length(random, family);
	fill = one_in(random, 2);
	for (unsigned int bit = length; bit < bits; bit++)
		set_bit(address, bit, fill);
	if (one_in(random, 2))
		set_bit(address, random_below(random, bits), one_in(random, 2));
}

unsigned int random_block(struct random *random, int family, uint8_t address[16])
{
	unsigned int length = random_length(random, family);

	random_address(random, family, RANDOM_ADDRESSES, address);
	scramble(random, family, address);
	for (unsigned int bit = length; bit < 128; bit++)
		set_bit(address, bit, false);
	return length;
}
