// SPDX-License-Identifier: GPL-2.0-only
/* Which qdiscs a device has, the clsact qdisc and its filters. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/tc_act/tc_mirred.h>
#include <stdlib.h>
#include <string.h>

#include "netlink_talk.h"
#include "util.h"

static const uint32_t hook_parent[] = {
	[TC_HOOK_INGRESS] = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
	[TC_HOOK_EGRESS] = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS),
};

static struct nlmsghdr *tc_request(struct nl *nl, uint16_t type, uint16_t flags, uint32_t ifindex,
				   uint32_t parent)
{
	struct nlmsghdr *message = nl_request(nl, type, flags);
	struct tcmsg *tc = mnl_nlmsg_put_extra_header(message, sizeof(*tc));

	tc->tcm_ifindex = ifindex;
	tc->tcm_parent = parent;
	return message;
}

/* --- qdiscs --- */

struct qdisc_search {
	uint32_t ifindex;
	struct qdiscs found;
};

/* The kernel ignores tcm_ifindex in a dump: look at what comes. */
static int find_qdisc(const struct nlmsghdr *message, void *data)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(message);
	struct qdisc_search *search = data;
	const struct nlattr *attribute;
	char *kind;

	if ((uint32_t)tc->tcm_ifindex != search->ifindex ||
	    (tc->tcm_parent != TC_H_INGRESS && tc->tcm_parent != TC_H_ROOT))
		return 0;
	if (tc->tcm_parent == TC_H_ROOT)
		search->found.root_handle = tc->tcm_handle;
	kind = tc->tcm_parent == TC_H_ROOT ? search->found.root : search->found.clsact;
	mnl_attr_for_each(attribute, message,
			  sizeof(*tc)) if (mnl_attr_get_type(attribute) == TCA_KIND)
		nl_copy_name(kind, sizeof(search->found.root), attribute);
	return 0;
}

int nl_qdiscs(struct nl *nl, uint32_t ifindex, struct qdiscs *qdiscs)
{
	struct qdisc_search search;
	int error = -EINTR;

	for (int i = 0; i < DUMP_TRIES && error == -EINTR; i++) {
		search = (struct qdisc_search){ .ifindex = ifindex };
		error = nl_talk(nl, tc_request(nl, RTM_GETQDISC, NLM_F_DUMP, ifindex, 0),
				find_qdisc, &search);
	}
	if (!error)
		*qdiscs = search.found;
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
	return nl_talk_ack(nl,
			   clsact_request(nl, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, ifindex));
}

int nl_clsact_delete(struct nl *nl, uint32_t ifindex)
{
	return nl_talk_ack(nl, clsact_request(nl, RTM_DELQDISC, 0, ifindex));
}

/* --- filters --- */

struct filter_list {
	enum tc_hook hook;
	struct filter *filters;
	size_t count;
};

/* The device that its one action sends packets to. The kernel says 0 of one that is gone. */
static void read_redirect(const struct nlattr *nested, struct filter *filter)
{
	const struct nlattr *action, *attribute, *options = NULL;
	struct tc_mirred mirred = {};

	mnl_attr_for_each_nested(action, nested) mnl_attr_for_each_nested(
		attribute, action) if (mnl_attr_get_type(attribute) == TCA_ACT_OPTIONS) options =
		attribute;
	if (!options)
		return;
	mnl_attr_for_each_nested(attribute,
				 options) if (mnl_attr_get_type(attribute) == TCA_MIRRED_PARMS &&
					      mnl_attr_get_payload_len(attribute) == sizeof(mirred))
		memcpy(&mirred, mnl_attr_get_payload(attribute), sizeof(mirred));
	filter->redirect = mirred.ifindex;
}

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
			nl_copy_name(filter->name, sizeof(filter->name), attribute);
			break;
		case TCA_BPF_ACT:
			read_redirect(attribute, filter);
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
			nl_copy_name(filter->kind, sizeof(filter->kind), attribute);
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

		error = nl_talk(
			nl, tc_request(nl, RTM_GETTFILTER, NLM_F_DUMP, ifindex, hook_parent[hook]),
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

struct nlmsghdr *nl_filter_request(struct nl *nl, uint16_t type, uint16_t flags,
				   const struct filter_position *position)
{
	struct nlmsghdr *message =
		tc_request(nl, type, flags, position->ifindex, hook_parent[position->hook]);
	struct tcmsg *tc = mnl_nlmsg_get_payload(message);

	tc->tcm_info = TC_H_MAKE((uint32_t)position->priority << 16, htons(ETH_P_ALL));
	tc->tcm_handle = position->handle;
	mnl_attr_put_strz(message, TCA_KIND, "bpf");
	return message;
}

int nl_filter_put(struct nl *nl, const struct filter_position *position, int fd, const char *name,
		  bool replace)
{
	uint16_t flags = NLM_F_CREATE | (replace ? NLM_F_REPLACE : NLM_F_EXCL);
	struct nlmsghdr *message = nl_filter_request(nl, RTM_NEWTFILTER, flags, position);
	struct nlattr *options = mnl_attr_nest_start(message, TCA_OPTIONS);

	mnl_attr_put_u32(message, TCA_BPF_FD, fd);
	mnl_attr_put_strz(message, TCA_BPF_NAME, name);
	mnl_attr_put_u32(message, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	mnl_attr_nest_end(message, options);
	return nl_talk_ack(nl, message);
}

int nl_filter_delete(struct nl *nl, const struct filter_position *position)
{
	return nl_talk_ack(nl, nl_filter_request(nl, RTM_DELTFILTER, 0, position));
}
