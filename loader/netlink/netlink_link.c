// SPDX-License-Identifier: GPL-2.0-only
/* Links and their XDP programs. */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <stdlib.h>
#include <string.h>

#include "netlink_talk.h"
#include "util.h"

const char *xdp_mode_name(enum xdp_mode mode)
{
	static const char *const names[] = {
		[XDP_MODE_NONE] = "none",
		[XDP_MODE_NATIVE] = "native",
		[XDP_MODE_GENERIC] = "generic",
		[XDP_MODE_OTHER] = "offloaded",
	};

	return names[mode];
}

static struct nlmsghdr *link_request(struct nl *nl, uint16_t type, uint16_t flags, uint32_t ifindex)
{
	struct nlmsghdr *message = nl_request(nl, type, flags);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));

	info->ifi_index = ifindex;
	return message;
}

static void read_xdp(const struct nlattr *nested, struct link *link)
{
	static const enum xdp_mode modes[] = {
		[XDP_ATTACHED_NONE] = XDP_MODE_NONE,
		[XDP_ATTACHED_DRV] = XDP_MODE_NATIVE,
		[XDP_ATTACHED_SKB] = XDP_MODE_GENERIC,
	};
	const struct nlattr *attribute;
	uint8_t attached;

	mnl_attr_for_each_nested(attribute, nested)
	{
		switch (mnl_attr_get_type(attribute)) {
		case IFLA_XDP_ATTACHED:
			attached = mnl_attr_get_u8(attribute);
			link->xdp_mode =
				attached < ARRAY_SIZE(modes) ? modes[attached] : XDP_MODE_OTHER;
			break;
		case IFLA_XDP_PROG_ID:
			link->xdp_id = mnl_attr_get_u32(attribute);
			break;
		}
	}
}

static void read_kind(const struct nlattr *nested, struct link *link)
{
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute,
				 nested) if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND)
		nl_copy_name(link->kind, sizeof(link->kind), attribute);
}

void nl_read_link(const struct nlmsghdr *message, struct link *link)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	const struct nlattr *attribute;

	*link = (struct link){ .ifindex = info->ifi_index,
			       .type = info->ifi_type,
			       .flags = info->ifi_flags,
			       .peer_nsid = -1 };
	mnl_attr_for_each(attribute, message, sizeof(*info))
	{
		switch (mnl_attr_get_type(attribute)) {
		case IFLA_IFNAME:
			snprintf(link->name, sizeof(link->name), "%s", mnl_attr_get_str(attribute));
			break;
		case IFLA_ADDRESS:
			if (mnl_attr_get_payload_len(attribute) == sizeof(link->mac))
				memcpy(link->mac, mnl_attr_get_payload(attribute),
				       sizeof(link->mac));
			break;
		case IFLA_MTU:
			link->mtu = mnl_attr_get_u32(attribute);
			break;
		case IFLA_MASTER:
			link->master = mnl_attr_get_u32(attribute);
			break;
		case IFLA_LINK:
			link->peer = mnl_attr_get_u32(attribute);
			break;
		case IFLA_LINK_NETNSID:
			link->peer_nsid = mnl_attr_get_u32(attribute);
			break;
		case IFLA_LINKINFO:
			read_kind(attribute, link);
			break;
		case IFLA_XDP:
			read_xdp(attribute, link);
			break;
		}
	}
}

static int one_link(const struct nlmsghdr *message, void *data)
{
	if (message->nlmsg_type == RTM_NEWLINK)
		nl_read_link(message, data);
	return 0;
}

int nl_link_get(struct nl *nl, const char *name, uint32_t ifindex, struct link *link)
{
	struct nlmsghdr *message = link_request(nl, RTM_GETLINK, NLM_F_ACK, name ? 0 : ifindex);
	struct link found = {};
	int error;

	if (name)
		mnl_attr_put_strz(message,
				  strlen(name) < IF_NAMESIZE ? IFLA_IFNAME : IFLA_ALT_IFNAME, name);
	mnl_attr_put_u32(message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	error = nl_talk(nl, message, one_link, &found);
	if (!error)
		*link = found;
	return error;
}

struct link_list {
	struct link *links;
	size_t count;
};

static int append_link(const struct nlmsghdr *message, void *data)
{
	struct link_list *list = data;
	struct link *grown;

	if (message->nlmsg_type != RTM_NEWLINK)
		return 0;
	grown = reallocarray(list->links, list->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	list->links = grown;
	nl_read_link(message, &list->links[list->count++]);
	return 0;
}

/* @nsid: -1: this namespace */
static int dump_links(struct nl *nl, int32_t nsid, struct link_list *list)
{
	struct nlmsghdr *message = link_request(nl, RTM_GETLINK, NLM_F_DUMP, 0);

	if (nsid >= 0)
		mnl_attr_put_u32(message, IFLA_TARGET_NETNSID, nsid);
	mnl_attr_put_u32(message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return nl_talk(nl, message, append_link, list);
}

int nl_links(struct nl *nl, struct link **links, size_t *count)
{
	int error = -EINTR;

	for (int i = 0; i < DUMP_TRIES && error == -EINTR; i++) {
		struct link_list list = {};

		error = dump_links(nl, -1, &list);
		if (error) {
			free(list.links);
			continue;
		}
		*links = list.links;
		*count = list.count;
	}
	return error;
}

/* Who lives there could change its links all the time: a list that changed is better than none. */
int nl_links_of(struct nl *nl, int32_t nsid, struct link **links, size_t *count)
{
	struct link_list list = {};
	int error = dump_links(nl, nsid, &list);

	if (error && error != -EINTR) {
		free(list.links);
		return error;
	}
	*links = list.links;
	*count = list.count;
	return 0;
}

int nl_xdp_set(struct nl *nl, uint32_t ifindex, enum xdp_mode mode, int fd, int expected_fd)
{
	struct nlmsghdr *message = link_request(nl, RTM_SETLINK, 0, ifindex);
	uint32_t flags = mode == XDP_MODE_NATIVE ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE;
	struct nlattr *nest = mnl_attr_nest_start(message, IFLA_XDP);

	flags |= expected_fd >= 0 ? XDP_FLAGS_REPLACE : XDP_FLAGS_UPDATE_IF_NOEXIST;
	mnl_attr_put_u32(message, IFLA_XDP_FD, fd);
	mnl_attr_put_u32(message, IFLA_XDP_FLAGS, flags);
	if (expected_fd >= 0)
		mnl_attr_put_u32(message, IFLA_XDP_EXPECTED_FD, expected_fd);
	mnl_attr_nest_end(message, nest);
	return nl_talk_ack(nl, message);
}

static int one_netns_id(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, message,
			  sizeof(struct rtgenmsg)) if (mnl_attr_get_type(attribute) ==
						       NETNSA_NSID) *
		(int32_t *)data = mnl_attr_get_u32(attribute);
	return 0;
}

int32_t nl_netns_id(struct nl *nl, pid_t pid, int fd)
{
	struct nlmsghdr *message = nl_request(nl, RTM_GETNSID, NLM_F_ACK);
	struct rtgenmsg *header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	int32_t id = NETNSA_NSID_NOT_ASSIGNED;

	header->rtgen_family = AF_UNSPEC;
	mnl_attr_put_u32(message, pid ? NETNSA_PID : NETNSA_FD, pid ? (uint32_t)pid : (uint32_t)fd);
	return nl_talk(nl, message, one_netns_id, &id) ? NETNSA_NSID_NOT_ASSIGNED : id;
}
