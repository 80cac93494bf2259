// SPDX-License-Identifier: GPL-2.0-only
#include "blocks.h"

#include <arpa/inet.h>
#include <endian.h>

#include "numbers.h"

/* Each block is in a slot of its own, a /24 or a /48. */
#define SLOT_BITS_IPV4 23
#define SLOT_BITS_IPV6 26
#define FIRST_IPV4 UINT64_C(0x40000000) /* 64.0.0.0 to 191.255.255.255 */
#define FIRST_IPV6 UINT64_C(0x20000000) /* 2000::/3 */

static unsigned int slot_bits(int family)
{
	return family == PCTL_IPV4 ? SLOT_BITS_IPV4 : SLOT_BITS_IPV6;
}

static struct prefix slot(int family, uint64_t number)
{
	uint64_t scattered = scatter(number, slot_bits(family));
	struct prefix prefix = { .family = family, .length = family == PCTL_IPV4 ? 24 : 48 };

	if (family == PCTL_IPV4)
		prefix.high = (FIRST_IPV4 + (scattered << 8)) << 32;
	else
		prefix.high = (FIRST_IPV6 + scatter(scattered >> 14, 29)) << 32 |
			      (scattered & 0x3fff) << 18;
	return prefix;
}

/* Fills the bits behind @length with bits of @random, as far as an address of the family has
 * them. */
static void fill(struct prefix *prefix, unsigned int length, uint64_t random)
{
	if (prefix->family == PCTL_IPV4) {
		prefix->high |= (random & ((UINT64_C(1) << (32 - length)) - 1)) << 32;
	} else if (length >= 64) {
		prefix->low |= length == 128 ? 0 : random >> (length - 64);
	} else {
		prefix->high |= random >> length;
		prefix->low = mix(random);
	}
}

static void cut(struct prefix *prefix)
{
	if (prefix->length >= 64) {
		prefix->low &= prefix->length == 64 ? 0 : ~UINT64_C(0) << (128 - prefix->length);
		return;
	}
	prefix->high &= ~UINT64_C(0) << (64 - prefix->length);
	prefix->low = 0;
}

struct prefix block_number(int family, uint64_t i)
{
	struct prefix prefix = slot(family, i);
	uint64_t random = mix(i);
	bool ipv4 = family == PCTL_IPV4;

	if (random % 4 == 2)
		return prefix;
	fill(&prefix, prefix.length, mix(random));
	if (random % 4 == 3)
		prefix.length = ipv4 ? 25 + random / 4 % 7 : 52 + random / 4 % 4 * 4;
	else
		prefix.length = ipv4 ? 32 : 128;
	cut(&prefix);
	return prefix;
}

struct prefix block_inside(int family, uint64_t i)
{
	struct prefix prefix = block_number(family, i);

	fill(&prefix, prefix.length, mix(~i));
	return prefix;
}

struct prefix blocks_outside(int family, uint64_t i, size_t count)
{
	uint64_t random = mix(i), slots = 1ull << slot_bits(family);
	struct prefix prefix;

	if (random % 16 == 0) { /* in a slot with a block of one address */
		uint64_t neighbour = mix(random) % count;

		prefix = block_number(family, neighbour);
		if (family == PCTL_IPV4 && prefix.length == 32) {
			prefix.high ^= (1 + random / 16 % 255) << 32;
			return prefix;
		}
		if (family == PCTL_IPV6 && prefix.length == 128) {
			prefix.low ^= 1 + random / 16 % 0xffff;
			return prefix;
		}
	}
	prefix = slot(family, count + random / 16 % (slots - count));
	fill(&prefix, prefix.length, mix(random));
	return prefix;
}

void block_print(FILE *file, const struct prefix *prefix)
{
	uint64_t bytes[2] = { htobe64(prefix->high), htobe64(prefix->low) };
	char text[INET6_ADDRSTRLEN];

	inet_ntop(prefix->family == PCTL_IPV4 ? AF_INET : AF_INET6, bytes, text, sizeof(text));
	fprintf(file, "%s/%u", text, prefix->length);
}
