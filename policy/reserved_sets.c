/* SPDX-License-Identifier: GPL-2.0-only */
#include "reserved_sets.h"

#include <errno.h>
#include <stdlib.h>

#include "cleanup.h"

#define METADATA "metadata"

const char *const reserved_set_names[] = { "host", "gateway", METADATA, NULL };

#define IPV4(a, b, c, d)                                                                  \
	{                                                                                 \
		.high = (uint64_t)(a) << 56 | (uint64_t)(b) << 48 | (uint64_t)(c) << 40 | \
			(uint64_t)(d) << 32,                                              \
		.family = PCTL_IPV4, .length = 32                                         \
	}
#define IPV6(first, second, last)                                                          \
	{                                                                                  \
		.high = (uint64_t)(first) << 48 | (uint64_t)(second) << 32, .low = (last), \
		.family = PCTL_IPV6, .length = 128                                         \
	}

/* Where the machines of a cloud read who they are, and often credentials too. */
static const struct prefix metadata[] = {
	IPV4(100, 100, 100, 200), /* Alibaba Cloud */
	IPV4(169, 254, 42, 42), /* Scaleway */
	IPV4(169, 254, 169, 254), /* AWS, Azure, Google, OpenStack, DigitalOcean and others */
	IPV4(169, 254, 170, 2), /* AWS ECS: credentials of a task */
	IPV4(169, 254, 170, 23), /* AWS EKS Pod Identity */
	IPV4(192, 0, 0, 192), /* Oracle Cloud Classic */
	IPV6(0xfd00, 0x0042, 0x42), /* Scaleway */
	IPV6(0xfd00, 0x0ec2, 0x23), /* AWS EKS Pod Identity */
	IPV6(0xfd00, 0x0ec2, 0x254), /* AWS */
	IPV6(0xfd20, 0x00ce, 0x254), /* Google Cloud */
};

static size_t find(const char *name, size_t length)
{
	size_t i = 0;

	while (reserved_set_names[i] &&
	       (strncmp(reserved_set_names[i], name, length) != 0 || reserved_set_names[i][length]))
		i++;
	return i;
}

bool set_name_is_reserved(const char *name, size_t length)
{
	return reserved_set_names[find(name, length)];
}

static int fill(struct set *set)
{
	static const enum pctl_live_kind kinds[] = { PCTL_LIVE_HOST, PCTL_LIVE_GATEWAY };
	size_t capacity = 0, number = find(set->name, strlen(set->name));

	if (number < sizeof(kinds) / sizeof(kinds[0])) {
		set->live = kinds[number];
		return 0;
	}
	for (size_t i = 0; i < sizeof(metadata) / sizeof(metadata[0]); i++)
		if (prefixes_add(&set->prefixes, &capacity, metadata[i]))
			return -ENOMEM;
	prefixes_normalise(&set->prefixes);
	prefixes_count(&set->prefixes, set->counts);
	return 0;
}

struct set *reserved_set_new(const char *name, size_t length)
{
	_cleanup_(set_freep) struct set *set = calloc(1, sizeof(*set));

	if (!set)
		return NULL;
	set->name = strndup(name, length);
	if (!set->name || fill(set))
		return NULL;
	return TAKE_PTR(set);
}
