// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/if_addr.h>

#include "netlink_address.h"
#include "netlink_talk.h"
#include "util.h"

struct addresses {
	uint32_t ifindex; /* 0: of all */
	struct prefixes list;
	size_t capacity;
};

static struct prefix to_prefix(int family, const uint8_t *bytes)
{
	struct prefix prefix = { .family = family == AF_INET ? PCTL_IPV4 : PCTL_IPV6 };

	prefix.length = family_bits(prefix.family);
	for (unsigned int i = 0; i < prefix.length / 8u; i++) {
		uint64_t *half = i < 8 ? &prefix.high : &prefix.low;

		*half |= (uint64_t)bytes[i] << (56 - 8 * (i % 8));
	}
	return prefix;
}

/* IFA_LOCAL is the address of this end; IPv6 has it only on point-to-point links. */
static int one_address(const struct nlmsghdr *message, void *data)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(message);
	const struct nlattr *attribute, *address = NULL, *local = NULL;
	struct addresses *all = data;
	size_t size = info->ifa_family == AF_INET ? 4 : 16;

	if (message->nlmsg_type != RTM_NEWADDR ||
	    (all->ifindex && info->ifa_index != all->ifindex) ||
	    (info->ifa_family != AF_INET && info->ifa_family != AF_INET6))
		return 0;
	mnl_attr_for_each(attribute, message, sizeof(*info))
	{
		if (mnl_attr_get_payload_len(attribute) != size)
			continue;
		if (mnl_attr_get_type(attribute) == IFA_ADDRESS)
			address = attribute;
		if (mnl_attr_get_type(attribute) == IFA_LOCAL)
			local = attribute;
	}
	address = local ?: address;
	if (!address)
		return 0;
	return prefixes_add(&all->list, &all->capacity,
			    to_prefix(info->ifa_family, mnl_attr_get_payload(address)));
}

int nl_addresses(struct nl *nl, int32_t nsid, uint32_t ifindex, struct prefixes *addresses)
{
	int error = -EINTR;

	for (int i = 0; i < DUMP_TRIES && error == -EINTR; i++) {
		struct nlmsghdr *message = nl_request(nl, RTM_GETADDR, NLM_F_DUMP);
		struct ifaddrmsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));
		struct addresses all = { .ifindex = ifindex };

		info->ifa_family = AF_UNSPEC;
		info->ifa_index = ifindex;
		if (nsid >= 0)
			mnl_attr_put_u32(message, IFA_TARGET_NETNSID, nsid);
		error = nl_talk(nl, message, one_address, &all);
		if (error) {
			prefixes_clear(&all.list);
			continue;
		}
		*addresses = all.list;
	}
	return error;
}
