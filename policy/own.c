/* SPDX-License-Identifier: GPL-2.0-only */
#include "own.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "cleanup.h"

bool policy_asks_for_own(const struct policy *policy, size_t *index)
{
	size_t found = policy->count;

	for (size_t i = policy->count; i-- > 0;)
		if (policy->rules[i].spoofed &&
		    (found == policy->count || !policy->rules[i].audit ||
		     policy->rules[found].audit))
			found = i;
	if (found < policy->count && index)
		*index = found;
	return found < policy->count;
}

static const struct prefix link_local = {
	.high = UINT64_C(0xfe80) << 48,
	.family = PCTL_IPV6,
	.length = 10,
};

/* RFC 4291, appendix A: the universal bit is inverted, ff:fe goes in the middle. */
static struct prefix link_local_of(const uint8_t mac[6])
{
	struct prefix prefix = { .high = link_local.high, .family = PCTL_IPV6, .length = 128 };
	const uint8_t bytes[8] = { mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5] };

	for (unsigned int i = 0; i < sizeof(bytes); i++)
		prefix.low = prefix.low << 8 | bytes[i];
	return prefix;
}

static void put_bits(uint32_t words[4], uint64_t high, uint64_t low)
{
	words[0] = htonl((uint32_t)(high >> 32));
	words[1] = htonl((uint32_t)high);
	words[2] = htonl((uint32_t)(low >> 32));
	words[3] = htonl((uint32_t)low);
}

static int add_block(struct pctl_own *own, const struct prefix *prefix)
{
	struct prefix mask = { .high = UINT64_MAX, .low = UINT64_MAX, .length = prefix->length };
	struct pctl_own_block *block;

	if (own->counts[prefix->family] == PCTL_OWN_MAX)
		return -E2BIG;
	block = &own->blocks[prefix->family][own->counts[prefix->family]++];
	prefix_align(&mask);
	put_bits(block->address, prefix->high, prefix->low);
	put_bits(block->mask, mask.high, mask.low);
	return 0;
}

static int collect(const struct policy *policy, const uint8_t mac[6], const struct prefixes *seen,
		   struct prefixes *all)
{
	size_t capacity = 0;
	int error = prefixes_add(all, &capacity, link_local_of(mac));

	for (size_t i = 0; i < policy->own.count && !error; i++)
		error = prefixes_add(all, &capacity, policy->own.items[i]);
	for (size_t i = 0; i < seen->count && !error; i++)
		if (!policy->own.count || prefix_holds(&link_local, &seen->items[i]))
			error = prefixes_add(all, &capacity, seen->items[i]);
	prefixes_normalise(all);
	return error;
}

int own_find(const struct policy *policy, const uint8_t mac[6], const struct prefixes *seen,
	     struct pctl_own *own)
{
	_cleanup_(prefixes_clear) struct prefixes all = { 0 };
	struct pctl_own new = { .known = 1 };
	int error;

	if (!policy->own.count && !seen->count)
		return -ENODATA;
	memcpy(new.mac, mac, sizeof(new.mac));
	error = collect(policy, mac, seen, &all);
	for (size_t i = 0; i < all.count && !error; i++)
		error = add_block(&new, &all.items[i]);
	if (!error)
		*own = new;
	return error;
}

struct prefix own_block(const struct pctl_own *own, enum pctl_family family, unsigned int index)
{
	const struct pctl_own_block *block = &own->blocks[family][index];
	struct prefix prefix = { .family = (uint8_t)family };

	prefix.high = (uint64_t)ntohl(block->address[0]) << 32 | ntohl(block->address[1]);
	prefix.low = (uint64_t)ntohl(block->address[2]) << 32 | ntohl(block->address[3]);
	for (unsigned int i = 0; i < 4; i++)
		prefix.length += (uint8_t)__builtin_popcount(block->mask[i]);
	return prefix;
}

bool own_same(const struct pctl_own *a, const struct pctl_own *b)
{
	return !memcmp(a, b, sizeof(*a));
}
