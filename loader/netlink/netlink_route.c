// SPDX-License-Identifier: GPL-2.0-only
#include <netinet/in.h>

#include "abi.h"
#include "error.h"
#include "netlink_route.h"
#include "netlink_talk.h"

static int one_route(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *attribute;
	uint32_t *ifindex = data;

	if (message->nlmsg_type != RTM_NEWROUTE)
		return 0;
	mnl_attr_for_each(attribute, message, sizeof(struct rtmsg))
	{
		if (mnl_attr_get_type(attribute) == RTA_OIF &&
		    mnl_attr_get_payload_len(attribute) == sizeof(*ifindex))
			*ifindex = mnl_attr_get_u32(attribute);
	}
	return 0;
}

uint32_t nl_route_interface(struct nl *nl, uint8_t family, const uint8_t *address)
{
	struct nlmsghdr *message = nl_request(nl, RTM_GETROUTE, NLM_F_ACK);
	struct rtmsg *route = mnl_nlmsg_put_extra_header(message, sizeof(*route));
	size_t size = family == PCTL_IPV4 ? 4 : 16;
	uint32_t ifindex = 0;

	route->rtm_family = family == PCTL_IPV4 ? AF_INET : AF_INET6;
	route->rtm_dst_len = 8 * size;
	mnl_attr_put(message, RTA_DST, size, address);
	if (nl_talk(nl, message, one_route, &ifindex)) {
		error_clear();
		return 0;
	}
	return ifindex;
}
