// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <string.h>

#include "netlink_peer.h"
#include "netlink_talk.h"
#include "util.h"

struct addresses {
	uint32_t ifindex;
	struct prefixes list;
	size_t capacity;
};

static int one_link(const struct nlmsghdr *message, void *data)
{
	if (message->nlmsg_type == RTM_NEWLINK)
		nl_read_link(message, data);
	return 0;
}

static int find_mac(struct nl *nl, const struct link *link, uint8_t mac[6])
{
	struct nlmsghdr *message = nl_request(nl, RTM_GETLINK, NLM_F_ACK);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));
	struct link peer = {};
	int error;

	info->ifi_index = link->peer;
	if (link->peer_nsid >= 0)
		mnl_attr_put_u32(message, IFLA_TARGET_NETNSID, link->peer_nsid);
	mnl_attr_put_u32(message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	error = nl_talk(nl, message, one_link, &peer);
	if (!error)
		memcpy(mac, peer.mac, sizeof(peer.mac));
	return error;
}

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

	if (message->nlmsg_type != RTM_NEWADDR || info->ifa_index != all->ifindex ||
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

static int find_addresses(struct nl *nl, const struct link *link, struct prefixes *addresses)
{
	int error = -EINTR;

	for (int i = 0; i < DUMP_TRIES && error == -EINTR; i++) {
		struct nlmsghdr *message = nl_request(nl, RTM_GETADDR, NLM_F_DUMP);
		struct ifaddrmsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));
		struct addresses all = { .ifindex = link->peer };

		info->ifa_family = AF_UNSPEC;
		info->ifa_index = link->peer;
		if (link->peer_nsid >= 0)
			mnl_attr_put_u32(message, IFA_TARGET_NETNSID, link->peer_nsid);
		error = nl_talk(nl, message, one_address, &all);
		if (error) {
			prefixes_clear(&all.list);
			continue;
		}
		prefixes_normalise(&all.list);
		*addresses = all.list;
	}
	return error;
}

int nl_peer_addresses(struct nl *nl, const struct link *link, uint8_t mac[6],
		      struct prefixes *addresses)
{
	int error = link->peer ? find_mac(nl, link, mac) : -ENODEV;

	return error ?: find_addresses(nl, link, addresses);
}
