// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "netlink.h"
#include "util.h"

/* A dump answers in messages of up to 32 kB (NLMSG_GOODSIZE of the kernel's netlink_dump()). */
#define BUFFER_SIZE 32768
#define DUMP_TRIES 16

struct nl {
	struct mnl_socket *socket;
	uint32_t sequence;
	char send[1024];
	char receive[BUFFER_SIZE];
};

static const uint32_t hook_parent[] = {
	[TC_HOOK_INGRESS] = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
	[TC_HOOK_EGRESS] = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS),
};

int nl_open(struct nl **nl)
{
	struct nl *new = calloc(1, sizeof(*new));
	int on = 1, error;

	if (!new)
		return -ENOMEM;
	new->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!new->socket || mnl_socket_bind(new->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		error = error_set(-errno, "cannot open a netlink socket: %m");
		nl_close(new);
		return error;
	}
	/* Comfort, each of them: an old kernel without it still answers. */
	mnl_socket_setsockopt(new->socket, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(new->socket, NETLINK_CAP_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(new->socket, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	*nl = new;
	return 0;
}

void nl_close(struct nl *nl)
{
	if (!nl)
		return;
	if (nl->socket)
		mnl_socket_close(nl->socket);
	free(nl);
}

void nl_closep(struct nl **nl)
{
	nl_close(*nl);
	*nl = NULL;
}

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

/* A request in nl->send, with the family header its type has. */
static struct nlmsghdr *request(struct nl *nl, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *message;

	memset(nl->send, 0, sizeof(nl->send));
	message = mnl_nlmsg_put_header(nl->send);
	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | flags;
	message->nlmsg_seq = ++nl->sequence;
	return message;
}

static struct nlmsghdr *link_request(struct nl *nl, uint16_t type, uint16_t flags, uint32_t ifindex)
{
	struct nlmsghdr *message = request(nl, type, flags);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));

	info->ifi_index = ifindex;
	return message;
}

static struct nlmsghdr *tc_request(struct nl *nl, uint16_t type, uint16_t flags, uint32_t ifindex,
				   uint32_t parent)
{
	struct nlmsghdr *message = request(nl, type, flags);
	struct tcmsg *tc = mnl_nlmsg_put_extra_header(message, sizeof(*tc));

	tc->tcm_ifindex = ifindex;
	tc->tcm_parent = parent;
	return message;
}

/* The kernel's words for a refusal, if it had any. */
static int refusal(const struct nlmsghdr *message)
{
	const struct nlmsgerr *answer = mnl_nlmsg_get_payload(message);
	size_t skip = sizeof(*answer);
	const struct nlattr *attribute;

	if (!answer->error)
		return 0;
	if (!(message->nlmsg_flags & NLM_F_CAPPED))
		skip += mnl_nlmsg_get_payload_len(&answer->msg);
	if (message->nlmsg_flags & NLM_F_ACK_TLVS)
		mnl_attr_for_each(
			attribute, message,
			skip) if (mnl_attr_get_type(attribute) ==
				  NLMSGERR_ATTR_MSG) return error_set(answer->error,
								      "%s (the kernel says: %s)",
								      strerror(-answer->error),
								      mnl_attr_get_str(attribute));
	return error_set(answer->error, "%s", strerror(-answer->error));
}

/*
 * Sends a request and hands every answer to `each` (may be NULL) until the kernel's acknowledgement
 * or the end of the dump. -EINTR: the dump is not one consistent picture, it must be asked again.
 */
static int talk(struct nl *nl, const struct nlmsghdr *message,
		int (*each)(const struct nlmsghdr *, void *), void *data)
{
	const struct nlmsghdr *answer;
	bool interrupted = false;
	int length, error = 0;

	if (mnl_socket_sendto(nl->socket, message, message->nlmsg_len) < 0)
		return error_set(-errno, "cannot send a netlink message: %m");
	for (;;) {
		length = mnl_socket_recvfrom(nl->socket, nl->receive, sizeof(nl->receive));
		if (length < 0)
			return error_set(-errno, "cannot read a netlink answer: %m");
		for (answer = (void *)nl->receive; mnl_nlmsg_ok(answer, length);
		     answer = mnl_nlmsg_next(answer, &length)) {
			if (answer->nlmsg_seq != message->nlmsg_seq)
				continue;
			if (answer->nlmsg_flags & NLM_F_DUMP_INTR)
				interrupted = true;
			if (answer->nlmsg_type == NLMSG_ERROR)
				return error ? error : refusal(answer);
			if (answer->nlmsg_type == NLMSG_DONE)
				return error ? error : interrupted ? -EINTR : 0;
			if (each && !error)
				error = each(answer, data);
		}
	}
}

static int talk_ack(struct nl *nl, struct nlmsghdr *message)
{
	message->nlmsg_flags |= NLM_F_ACK;
	return talk(nl, message, NULL, NULL);
}

/* --- links
 * ------------------------------------------------------------------------------------------ */

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
		snprintf(link->kind, sizeof(link->kind), "%s", mnl_attr_get_str(attribute));
}

static void read_link(const struct nlmsghdr *message, struct link *link)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	const struct nlattr *attribute;

	*link = (struct link){ .ifindex = info->ifi_index,
			       .type = info->ifi_type,
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
		read_link(message, data);
	return 0;
}

int nl_link_get(struct nl *nl, const char *name, uint32_t ifindex, struct link *link)
{
	struct nlmsghdr *message = link_request(nl, RTM_GETLINK, NLM_F_ACK, name ? 0 : ifindex);
	struct link found = {};
	int error;

	if (name)
		mnl_attr_put_strz(message, IFLA_IFNAME, name);
	mnl_attr_put_u32(message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	error = talk(nl, message, one_link, &found);
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
	read_link(message, &list->links[list->count++]);
	return 0;
}

int nl_links(struct nl *nl, struct link **links, size_t *count)
{
	int error = -EINTR;

	for (int i = 0; i < DUMP_TRIES && error == -EINTR; i++) {
		struct nlmsghdr *message = link_request(nl, RTM_GETLINK, NLM_F_DUMP, 0);
		struct link_list list = {};

		mnl_attr_put_u32(message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
		error = talk(nl, message, append_link, &list);
		if (error) {
			free(list.links);
			continue;
		}
		*links = list.links;
		*count = list.count;
	}
	return error;
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
	return talk_ack(nl, message);
}

/* --- qdisc
 * ------------------------------------------------------------------------------------------ */

struct qdisc_search {
	uint32_t ifindex;
	char kind[16];
};

/* The kernel ignores tcm_ifindex in a dump: look at what comes. */
static int find_qdisc(const struct nlmsghdr *message, void *data)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(message);
	struct qdisc_search *search = data;
	const struct nlattr *attribute;

	if ((uint32_t)tc->tcm_ifindex != search->ifindex || tc->tcm_parent != TC_H_INGRESS)
		return 0;
	mnl_attr_for_each(attribute, message,
			  sizeof(*tc)) if (mnl_attr_get_type(attribute) == TCA_KIND)
		snprintf(search->kind, sizeof(search->kind), "%s", mnl_attr_get_str(attribute));
	return 0;
}

int nl_qdisc_kind(struct nl *nl, uint32_t ifindex, char kind[16])
{
	struct qdisc_search search;
	int error = -EINTR;

	for (int i = 0; i < DUMP_TRIES && error == -EINTR; i++) {
		search = (struct qdisc_search){ .ifindex = ifindex };
		error = talk(nl, tc_request(nl, RTM_GETQDISC, NLM_F_DUMP, ifindex, 0), find_qdisc,
			     &search);
	}
	if (!error)
		memcpy(kind, search.kind, sizeof(search.kind));
	return error;
}

static struct nlmsghdr *clsact_request(struct nl *nl, uint16_t type, uint16_t flags,
				       uint32_t ifindex)
{
	struct nlmsghdr *message = tc_request(nl, type, flags, ifindex, TC_H_CLSACT);
	struct tcmsg *tc = mnl_nlmsg_get_payload(message);

	tc->tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0);
	mnl_attr_put_strz(message, TCA_KIND, "clsact");
	return message;
}

int nl_clsact_add(struct nl *nl, uint32_t ifindex)
{
	return talk_ack(nl, clsact_request(nl, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, ifindex));
}

int nl_clsact_delete(struct nl *nl, uint32_t ifindex)
{
	return talk_ack(nl, clsact_request(nl, RTM_DELQDISC, 0, ifindex));
}

/* --- filters
 * ---------------------------------------------------------------------------------------- */

struct filter_list {
	enum tc_hook hook;
	struct filter *filters;
	size_t count;
};

static void read_bpf_options(const struct nlattr *nested, struct filter *filter)
{
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute, nested)
	{
		switch (mnl_attr_get_type(attribute)) {
		case TCA_BPF_ID:
			filter->program_id = mnl_attr_get_u32(attribute);
			break;
		case TCA_BPF_NAME:
			snprintf(filter->name, sizeof(filter->name), "%s",
				 mnl_attr_get_str(attribute));
			break;
		}
	}
}

static void read_filter(const struct nlmsghdr *message, struct filter *filter)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(message);
	const struct nlattr *attribute, *options = NULL;

	filter->handle = tc->tcm_handle;
	filter->priority = TC_H_MAJ(tc->tcm_info) >> 16;
	filter->protocol = ntohs(TC_H_MIN(tc->tcm_info));
	mnl_attr_for_each(attribute, message, sizeof(*tc))
	{
		switch (mnl_attr_get_type(attribute)) {
		case TCA_KIND:
			snprintf(filter->kind, sizeof(filter->kind), "%s",
				 mnl_attr_get_str(attribute));
			break;
		case TCA_CHAIN:
			filter->chain = mnl_attr_get_u32(attribute);
			break;
		case TCA_OPTIONS:
			options = attribute;
			break;
		}
	}
	filter->bpf = !strcmp(filter->kind, "bpf");
	if (filter->bpf && options)
		read_bpf_options(options, filter);
}

static int append_filter(const struct nlmsghdr *message, void *data)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(message);
	struct filter_list *list = data;
	struct filter *grown;

	/* The first entry of a priority is its head, with handle 0; matchall and others that have
	 * no more than a head say it twice. */
	if (message->nlmsg_type != RTM_NEWTFILTER || tc->tcm_handle == 0)
		return 0;
	grown = reallocarray(list->filters, list->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	list->filters = grown;
	list->filters[list->count] = (struct filter){ .hook = list->hook };
	read_filter(message, &list->filters[list->count++]);
	return 0;
}

int nl_filters(struct nl *nl, uint32_t ifindex, enum tc_hook hook, struct filter **filters,
	       size_t *count)
{
	int error = -EINTR;

	for (int i = 0; i < DUMP_TRIES && error == -EINTR; i++) {
		struct filter_list list = { .hook = hook };

		error = talk(nl,
			     tc_request(nl, RTM_GETTFILTER, NLM_F_DUMP, ifindex, hook_parent[hook]),
			     append_filter, &list);
		if (error) {
			free(list.filters);
			continue;
		}
		*filters = list.filters;
		*count = list.count;
	}
	return error;
}

/* A request about the one filter that is policyctl's. */
static struct nlmsghdr *filter_request(struct nl *nl, uint16_t type, uint16_t flags,
				       uint32_t ifindex)
{
	struct nlmsghdr *message =
		tc_request(nl, type, flags, ifindex, hook_parent[TC_HOOK_EGRESS]);
	struct tcmsg *tc = mnl_nlmsg_get_payload(message);

	tc->tcm_info = TC_H_MAKE(FILTER_PRIORITY << 16, htons(ETH_P_ALL));
	tc->tcm_handle = FILTER_HANDLE;
	mnl_attr_put_strz(message, TCA_KIND, "bpf");
	return message;
}

int nl_filter_put(struct nl *nl, uint32_t ifindex, int fd, const char *name, bool replace)
{
	uint16_t flags = NLM_F_CREATE | (replace ? NLM_F_REPLACE : NLM_F_EXCL);
	struct nlmsghdr *message = filter_request(nl, RTM_NEWTFILTER, flags, ifindex);
	struct nlattr *options = mnl_attr_nest_start(message, TCA_OPTIONS);

	mnl_attr_put_u32(message, TCA_BPF_FD, fd);
	mnl_attr_put_strz(message, TCA_BPF_NAME, name);
	mnl_attr_put_u32(message, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	mnl_attr_nest_end(message, options);
	return talk_ack(nl, message);
}

int nl_filter_delete(struct nl *nl, uint32_t ifindex)
{
	return talk_ack(nl, filter_request(nl, RTM_DELTFILTER, 0, ifindex));
}
