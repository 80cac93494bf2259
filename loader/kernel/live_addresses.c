// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>

#include "live_addresses.h"
#include "netlink_address.h"
#include "util.h"

static struct live_member to_member(const struct prefix *address)
{
	const uint64_t halves[] = { address->high, address->low };
	struct live_member member = { .family = address->family };
	unsigned int words = address->family == PCTL_IPV4 ? 1 : 4;

	for (unsigned int i = 0; i < words; i++)
		member.address[i] = htonl((uint32_t)(halves[i / 2] >> (i % 2 ? 0 : 32)));
	return member;
}

int live_addresses(struct nl *nl, uint32_t ifindex, struct live_member **members, size_t *count)
{
	return live_addresses_of(nl, -1, ifindex, members, count);
}

int live_addresses_of(struct nl *nl, int32_t nsid, uint32_t ifindex, struct live_member **members,
		      size_t *count)
{
	_cleanup_(prefixes_clear) struct prefixes addresses = {};
	int error = nl_addresses(nl, nsid, ifindex, &addresses);

	if (error)
		return error;
	*members = calloc(addresses.count + 1, sizeof(**members));
	if (!*members)
		return -ENOMEM;
	for (size_t i = 0; i < addresses.count; i++)
		(*members)[i] = to_member(&addresses.items[i]);
	*count = addresses.count;
	return 0;
}
