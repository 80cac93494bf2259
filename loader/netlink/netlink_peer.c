// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/if_link.h>
#include <string.h>

#include "netlink_address.h"
#include "netlink_peer.h"
#include "netlink_talk.h"
#include "util.h"

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

int nl_peer_addresses(struct nl *nl, const struct link *link, uint8_t mac[6],
		      struct prefixes *addresses)
{
	int error = link->peer ? find_mac(nl, link, mac) : -ENODEV;

	error = error ?: nl_addresses(nl, link->peer_nsid, link->peer, addresses);
	if (!error)
		prefixes_normalise(addresses);
	return error;
}
