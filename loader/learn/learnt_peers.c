// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "learnt_peers.h"

#define FEW 8 /* so many addresses of a family are written one by one */
#define NEIGHBOURS 4 /* so many of one network are written as the network */
#define MANY 64 /* more blocks than that are joined to larger ones */
#define TOO_MANY 256 /* more: all peers of the family */

/* The lengths of networks, by family: as sites get them, and as providers do. */
static const uint8_t lengths[][PCTL_FAMILIES] = {
	{ [PCTL_IPV4] = 24, [PCTL_IPV6] = 64 },
	{ [PCTL_IPV4] = 16, [PCTL_IPV6] = 48 },
};

static int compare(const void *a, const void *b)
{
	return prefix_compare(a, b);
}

static struct prefix network_of(const struct prefix *block, uint8_t length)
{
	struct prefix network = *block;

	if (network.length > length)
		network.length = length;
	prefix_align(&network);
	return network;
}

static size_t count_of(const struct prefixes *peers, uint8_t family)
{
	size_t count = 0;

	for (size_t i = 0; i < peers->count; i++)
		count += peers->items[i].family == family;
	return count;
}

/* The blocks are sorted, so those of one network stand together. Returns whether any was joined. */
static bool join(struct prefixes *peers, uint8_t family, uint8_t length, size_t least)
{
	size_t kept = 0, run;
	bool joined = false;

	for (size_t i = 0; i < peers->count; i += run) {
		struct prefix network = network_of(&peers->items[i], length);

		for (run = 1;
		     i + run < peers->count && prefix_holds(&network, &peers->items[i + run]);)
			run++;
		if (peers->items[i].family == family && run >= least) {
			joined = joined || network.length < peers->items[i].length || run > 1;
			peers->items[kept++] = network;
			continue;
		}
		for (size_t j = 0; j < run; j++)
			peers->items[kept++] = peers->items[i + j];
	}
	peers->count = kept;
	return joined;
}

static bool join_family(struct prefixes *peers, uint8_t family, enum learnt_width width)
{
	size_t few = width == LEARNT_WIDE ? 1 : FEW, many = width == LEARNT_WIDE ? FEW : MANY;
	bool joined = false;

	if (count_of(peers, family) > few)
		joined = join(peers, family, lengths[0][family], NEIGHBOURS);
	if (count_of(peers, family) > many)
		joined = join(peers, family, lengths[1][family], NEIGHBOURS) || joined;
	if (count_of(peers, family) > (width == LEARNT_WIDE ? MANY : TOO_MANY))
		joined = join(peers, family, 0, 1) || joined;
	return joined;
}

void learnt_join_peers(struct learnt_rule *rule, enum learnt_width width)
{
	if (!rule->peers.count)
		return;
	qsort(rule->peers.items, rule->peers.count, sizeof(*rule->peers.items), compare);
	rule->addresses = 1;
	for (size_t i = 1; i < rule->peers.count; i++)
		rule->addresses +=
			prefix_compare(&rule->peers.items[i - 1], &rule->peers.items[i]) != 0;
	prefixes_normalise(&rule->peers);
	for (uint8_t family = 0; family < PCTL_FAMILIES && width != LEARNT_EXACT; family++)
		rule->widened = join_family(&rule->peers, family, width) || rule->widened;
	prefixes_normalise(&rule->peers);
}
