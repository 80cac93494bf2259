// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <linux/gen_stats.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/tc_act/tc_mirred.h>
#include <stdlib.h>
#include <string.h>

#include "netlink_shape.h"
#include "netlink_talk.h"
#include "util.h"

/* Of tbf, bytes a second: fast enough that its token bucket never says no. */
#define UNREACHED (1ull << 40)
/* Times in tc's messages are in units of 64 ns (PSCHED_SHIFT, include/net/pkt_sched.h). */
#define TICK_NS 64
/* Packets without a class do not wait; this bounds what the kernel keeps of them while it does not
 * come to send. The default is the device's tx_queue_len, which docker sets to 0. */
#define DIRECT_PACKETS 1000
/* The version that htb asks for: its major number, HTB_VER >> 16. */
#define HTB_VERSION 3
/* How classes share what is left over. There is nothing left over: each has its own rate. */
#define QUANTUM 1514

static struct nlmsghdr *tc_message(struct nl *nl, uint16_t type, uint16_t flags, uint32_t ifindex,
				   uint32_t parent, uint32_t handle)
{
	struct nlmsghdr *message = nl_request(nl, type, flags);
	struct tcmsg *tc = mnl_nlmsg_put_extra_header(message, sizeof(*tc));

	tc->tcm_ifindex = ifindex;
	tc->tcm_parent = parent;
	tc->tcm_handle = handle;
	return message;
}

/* --- the qdisc --- */

int nl_htb_add(struct nl *nl, uint32_t ifindex, uint32_t handle)
{
	struct nlmsghdr *message =
		tc_message(nl, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, ifindex, TC_H_ROOT, handle);
	const struct tc_htb_glob init = { .version = HTB_VERSION, .rate2quantum = 10 };
	struct nlattr *options;

	mnl_attr_put_strz(message, TCA_KIND, "htb");
	options = mnl_attr_nest_start(message, TCA_OPTIONS);
	mnl_attr_put(message, TCA_HTB_INIT, sizeof(init), &init);
	mnl_attr_put_u32(message, TCA_HTB_DIRECT_QLEN, DIRECT_PACKETS);
	mnl_attr_nest_end(message, options);
	return nl_talk_ack(nl, message);
}

int nl_root_delete(struct nl *nl, uint32_t ifindex, uint32_t handle)
{
	return nl_talk_ack(nl, tc_message(nl, RTM_DELQDISC, 0, ifindex, TC_H_ROOT, handle));
}

/* --- its classes --- */

static uint32_t ticks(uint64_t ns)
{
	return ns / TICK_NS < UINT32_MAX ? ns / TICK_NS : UINT32_MAX;
}

/* The field of old holds what fits; the attribute beside it has the rate. */
static struct tc_ratespec ratespec(uint64_t rate)
{
	return (struct tc_ratespec){
		.linklayer = TC_LINKLAYER_ETHERNET,
		.rate = rate < UINT32_MAX ? rate : UINT32_MAX,
	};
}

static int put_class(struct nl *nl, uint32_t ifindex, const struct nl_class *class)
{
	struct nlmsghdr *message = tc_message(nl, RTM_NEWTCLASS, NLM_F_CREATE | NLM_F_REPLACE,
					      ifindex, TC_H_MAJ(class->classid), class->classid);
	const struct tc_htb_opt option = {
		.rate = ratespec(class->rate),
		.ceil = ratespec(class->rate),
		.buffer = ticks(class->burst_ns),
		.cbuffer = ticks(class->burst_ns),
		.quantum = QUANTUM,
	};
	struct nlattr *options;

	mnl_attr_put_strz(message, TCA_KIND, "htb");
	options = mnl_attr_nest_start(message, TCA_OPTIONS);
	mnl_attr_put(message, TCA_HTB_PARMS, sizeof(option), &option);
	mnl_attr_put_u64(message, TCA_HTB_RATE64, class->rate);
	mnl_attr_put_u64(message, TCA_HTB_CEIL64, class->rate);
	mnl_attr_nest_end(message, options);
	return nl_talk_ack(nl, message);
}

/* Inside tbf the kernel puts a bfifo of `limit` bytes. */
static int put_queue(struct nl *nl, uint32_t ifindex, const struct nl_class *class)
{
	struct nlmsghdr *message = tc_message(nl, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE,
					      ifindex, class->classid, 0);
	const struct tc_tbf_qopt option = {
		.rate = ratespec(UNREACHED),
		.limit = class->queue,
	};
	struct nlattr *options;

	mnl_attr_put_strz(message, TCA_KIND, "tbf");
	options = mnl_attr_nest_start(message, TCA_OPTIONS);
	mnl_attr_put(message, TCA_TBF_PARMS, sizeof(option), &option);
	mnl_attr_put_u64(message, TCA_TBF_RATE64, UNREACHED);
	mnl_attr_put_u32(message, TCA_TBF_BURST, class->largest);
	mnl_attr_nest_end(message, options);
	return nl_talk_ack(nl, message);
}

int nl_class_put(struct nl *nl, uint32_t ifindex, const struct nl_class *class)
{
	int error = put_class(nl, ifindex, class);

	return error ?: put_queue(nl, ifindex, class);
}

int nl_class_delete(struct nl *nl, uint32_t ifindex, uint32_t classid)
{
	return nl_talk_ack(nl,
			   tc_message(nl, RTM_DELTCLASS, 0, ifindex, TC_H_MAJ(classid), classid));
}

struct class_list {
	uint32_t ifindex, handle;
	struct nl_class_state *states;
	size_t count;
};

static int append_class(const struct nlmsghdr *message, void *data)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(message);
	struct class_list *list = data;
	struct nl_class_state *grown;

	if (message->nlmsg_type != RTM_NEWTCLASS || (uint32_t)tc->tcm_ifindex != list->ifindex ||
	    TC_H_MAJ(tc->tcm_handle) != list->handle)
		return 0;
	grown = reallocarray(list->states, list->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	list->states = grown;
	grown[list->count++] = (struct nl_class_state){ .classid = tc->tcm_handle };
	return 0;
}

static void read_stats(const struct nlattr *nested, struct nl_class_state *state)
{
	const struct nlattr *attribute;
	struct gnet_stats_basic basic = {};
	struct gnet_stats_queue queue = {};
	size_t length;

	mnl_attr_for_each_nested(attribute, nested)
	{
		length = mnl_attr_get_payload_len(attribute);
		switch (mnl_attr_get_type(attribute)) {
		case TCA_STATS_BASIC:
			memcpy(&basic, mnl_attr_get_payload(attribute),
			       length < sizeof(basic) ? length : sizeof(basic));
			state->bytes = basic.bytes;
			state->packets = basic.packets;
			break;
		case TCA_STATS_PKT64: /* behind the one above */
			state->packets = mnl_attr_get_u64(attribute);
			break;
		case TCA_STATS_QUEUE:
			memcpy(&queue, mnl_attr_get_payload(attribute),
			       length < sizeof(queue) ? length : sizeof(queue));
			state->dropped = queue.drops;
			state->waiting = queue.backlog;
			break;
		}
	}
}

/* The queue counts, not the class: of a GSO packet that was cut the class does not know what was
 * dropped. */
static int read_queue(const struct nlmsghdr *message, void *data)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(message);
	const struct class_list *list = data;
	const struct nlattr *attribute;
	struct nl_class_state *state = NULL;

	if (message->nlmsg_type != RTM_NEWQDISC || (uint32_t)tc->tcm_ifindex != list->ifindex)
		return 0;
	for (size_t i = 0; i < list->count && !state; i++)
		if (list->states[i].classid == tc->tcm_parent)
			state = &list->states[i];
	if (!state)
		return 0;
	mnl_attr_for_each(attribute, message, sizeof(*tc))
	{
		switch (mnl_attr_get_type(attribute)) {
		case TCA_KIND:
			state->queued = !strcmp(mnl_attr_get_str(attribute), "tbf");
			break;
		case TCA_STATS2:
			read_stats(attribute, state);
			break;
		}
	}
	return 0;
}

static int dump_classes(struct nl *nl, struct class_list *list)
{
	int error = nl_talk(nl, tc_message(nl, RTM_GETTCLASS, NLM_F_DUMP, list->ifindex, 0, 0),
			    append_class, list);

	if (error || !list->count)
		return error;
	return nl_talk(nl, tc_message(nl, RTM_GETQDISC, NLM_F_DUMP, list->ifindex, 0, 0),
		       read_queue, list);
}

int nl_classes(struct nl *nl, uint32_t ifindex, uint32_t handle, struct nl_class_state **states,
	       size_t *count)
{
	int error = -EINTR;

	for (int i = 0; i < DUMP_TRIES && error == -EINTR; i++) {
		struct class_list list = { .ifindex = ifindex, .handle = handle };

		error = dump_classes(nl, &list);
		if (error) {
			free(list.states);
			continue;
		}
		*states = list.states;
		*count = list.count;
	}
	return error;
}

/* --- the device --- */

static struct nlmsghdr *link_message(struct nl *nl, uint16_t type, uint16_t flags,
				     const struct ifinfomsg *header)
{
	struct nlmsghdr *message = nl_request(nl, type, flags);

	memcpy(mnl_nlmsg_put_extra_header(message, sizeof(*header)), header, sizeof(*header));
	return message;
}

int nl_ifb_add(struct nl *nl, const char *name, const uint8_t mac[6])
{
	struct nlmsghdr *message =
		link_message(nl, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &(struct ifinfomsg){});
	struct nlattr *nest;

	mnl_attr_put_strz(message, IFLA_IFNAME, name);
	mnl_attr_put(message, IFLA_ADDRESS, 6, mac);
	nest = mnl_attr_nest_start(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_KIND, "ifb");
	mnl_attr_nest_end(message, nest);
	return nl_talk_ack(nl, message);
}

/* Comfort: a kernel without IPv6 refuses, and needs it not. */
static void set_no_ipv6_address(struct nl *nl, uint32_t ifindex)
{
	const struct ifinfomsg header = { .ifi_index = ifindex };
	struct nlmsghdr *message = link_message(nl, RTM_SETLINK, 0, &header);
	struct nlattr *families = mnl_attr_nest_start(message, IFLA_AF_SPEC);
	struct nlattr *inet6 = mnl_attr_nest_start(message, AF_INET6);

	mnl_attr_put_u8(message, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(message, inet6);
	mnl_attr_nest_end(message, families);
	nl_talk_ack(nl, message);
}

int nl_link_set_up(struct nl *nl, uint32_t ifindex)
{
	const struct ifinfomsg header = {
		.ifi_index = ifindex,
		.ifi_flags = IFF_UP,
		.ifi_change = IFF_UP,
	};

	set_no_ipv6_address(nl, ifindex);
	return nl_talk_ack(nl, link_message(nl, RTM_SETLINK, 0, &header));
}

int nl_link_delete(struct nl *nl, uint32_t ifindex)
{
	return nl_talk_ack(
		nl, link_message(nl, RTM_DELLINK, 0, &(struct ifinfomsg){ .ifi_index = ifindex }));
}

/* --- the way there --- */

int nl_filter_put_redirect(struct nl *nl, const struct filter_position *position, int fd,
			   const char *name, uint32_t to, bool replace)
{
	struct nlmsghdr *message =
		nl_filter_request(nl, RTM_NEWTFILTER,
				  NLM_F_CREATE | (replace ? NLM_F_REPLACE : NLM_F_EXCL), position);
	const struct tc_mirred mirred = {
		.action = TC_ACT_STOLEN,
		.eaction = TCA_EGRESS_REDIR,
		.ifindex = to,
	};
	struct nlattr *options = mnl_attr_nest_start(message, TCA_OPTIONS), *actions, *action,
		      *parameters;

	mnl_attr_put_u32(message, TCA_BPF_FD, fd);
	mnl_attr_put_strz(message, TCA_BPF_NAME, name);
	actions = mnl_attr_nest_start(message, TCA_BPF_ACT);
	action = mnl_attr_nest_start(message, 1);
	mnl_attr_put_strz(message, TCA_ACT_KIND, "mirred");
	parameters = mnl_attr_nest_start(message, TCA_ACT_OPTIONS);
	mnl_attr_put(message, TCA_MIRRED_PARMS, sizeof(mirred), &mirred);
	mnl_attr_nest_end(message, parameters);
	mnl_attr_nest_end(message, action);
	mnl_attr_nest_end(message, actions);
	mnl_attr_nest_end(message, options);
	return nl_talk_ack(nl, message);
}
