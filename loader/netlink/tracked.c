// SPDX-License-Identifier: GPL-2.0-only
/* ctnetlink: what the connection tracking of a network namespace knows. */
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "error.h"
#include "netlink_talk.h"
#include "sockets.h"
#include "util.h"

static void take_address(const struct nlattr *attribute, struct endpoint_address *end)
{
	size_t size = mnl_attr_get_payload_len(attribute);

	if (size == 4 || size == 16)
		memcpy(end->bytes, mnl_attr_get_payload(attribute), size);
}

static void take_addresses(const struct nlattr *nest, struct tracked_tuple *tuple)
{
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute, nest)
	{
		switch (mnl_attr_get_type(attribute)) {
		case CTA_IP_V4_SRC:
		case CTA_IP_V6_SRC:
			take_address(attribute, &tuple->source);
			break;
		case CTA_IP_V4_DST:
		case CTA_IP_V6_DST:
			take_address(attribute, &tuple->destination);
			break;
		}
	}
}

static void take_ports(const struct nlattr *nest, struct tracked_tuple *tuple, uint8_t *protocol)
{
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute, nest)
	{
		size_t size = mnl_attr_get_payload_len(attribute);

		switch (mnl_attr_get_type(attribute)) {
		case CTA_PROTO_NUM:
			if (size == 1)
				*protocol = mnl_attr_get_u8(attribute);
			break;
		case CTA_PROTO_SRC_PORT:
			if (size == 2)
				tuple->source.port = ntohs(mnl_attr_get_u16(attribute));
			break;
		case CTA_PROTO_DST_PORT:
			if (size == 2)
				tuple->destination.port = ntohs(mnl_attr_get_u16(attribute));
			break;
		}
	}
}

static void take_tuple(const struct nlattr *nest, struct tracked_tuple *tuple, uint8_t *protocol)
{
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute, nest)
	{
		if (mnl_attr_get_type(attribute) == CTA_TUPLE_IP)
			take_addresses(attribute, tuple);
		else if (mnl_attr_get_type(attribute) == CTA_TUPLE_PROTO)
			take_ports(attribute, tuple, protocol);
	}
}

/* -1: it does not say */
static int tcp_state(const struct nlattr *nest)
{
	const struct nlattr *tcp, *attribute;

	mnl_attr_for_each_nested(tcp, nest)
	{
		if (mnl_attr_get_type(tcp) != CTA_PROTOINFO_TCP)
			continue;
		mnl_attr_for_each_nested(attribute, tcp)
		{
			if (mnl_attr_get_type(attribute) == CTA_PROTOINFO_TCP_STATE &&
			    mnl_attr_get_payload_len(attribute) == 1)
				return mnl_attr_get_u8(attribute);
		}
	}
	return -1;
}

/* Has ended, or has not begun. Without a state it is of a protocol that has none. */
static bool is_tcp_over(int state)
{
	return state >= 0 && (state < TCP_CONNTRACK_ESTABLISHED || state > TCP_CONNTRACK_LAST_ACK);
}

static int add(struct sockets_seen *seen, const struct tracked_seen *tracked, size_t limit)
{
	if (seen->tracked_count >= limit) {
		seen->left_out++;
		return 0;
	}
	if (seen->tracked_count == seen->tracked_capacity) {
		size_t capacity = 2 * seen->tracked_capacity + 64;
		struct tracked_seen *grown =
			reallocarray(seen->tracked, capacity, sizeof(*seen->tracked));

		if (!grown)
			return -ENOMEM;
		seen->tracked = grown;
		seen->tracked_capacity = capacity;
	}
	seen->tracked[seen->tracked_count++] = *tracked;
	return 0;
}

int tracked_take(const struct nlmsghdr *message, struct sockets_seen *seen, size_t limit)
{
	const struct nfgenmsg *header = mnl_nlmsg_get_payload(message);
	struct tracked_seen tracked = {};
	const struct nlattr *attribute;
	uint32_t status = 0;
	bool over = false;

	if (NFNL_SUBSYS_ID(message->nlmsg_type) != NFNL_SUBSYS_CTNETLINK ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*header) ||
	    (header->nfgen_family != AF_INET && header->nfgen_family != AF_INET6))
		return 0;
	tracked.family = header->nfgen_family == AF_INET ? PCTL_IPV4 : PCTL_IPV6;
	mnl_attr_for_each(attribute, message, sizeof(*header))
	{
		switch (mnl_attr_get_type(attribute)) {
		case CTA_TUPLE_ORIG:
			take_tuple(attribute, &tracked.original, &tracked.protocol);
			break;
		case CTA_TUPLE_REPLY:
			take_tuple(attribute, &tracked.reply, &tracked.protocol);
			break;
		case CTA_STATUS:
			if (mnl_attr_get_payload_len(attribute) == sizeof(status))
				status = ntohl(mnl_attr_get_u32(attribute));
			break;
		case CTA_PROTOINFO:
			over = is_tcp_over(tcp_state(attribute));
			break;
		}
	}
	if (!(status & IPS_SEEN_REPLY) || over || !tracked.original.source.port)
		return 0;
	return add(seen, &tracked, limit);
}

struct dump {
	struct sockets_seen *seen;
	size_t limit;
};

static int one_message(const struct nlmsghdr *message, void *data)
{
	const struct dump *dump = data;

	return tracked_take(message, dump->seen, dump->limit);
}

int tracked_read(struct sockets_seen *seen, size_t limit)
{
	_cleanup_(nl_closep) struct nl *nl = NULL;
	struct dump dump = { seen, limit };
	struct nlmsghdr *message;
	struct nfgenmsg *header;
	int error = nl_open_protocol(&nl, NETLINK_NETFILTER);

	if (error == -EPROTONOSUPPORT) { /* a kernel without it */
		error_clear();
		return 0;
	}
	if (error)
		return error;
	message = nl_request(nl, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET, NLM_F_DUMP);
	header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	header->nfgen_family = AF_UNSPEC;
	error = nl_talk(nl, message, one_message, &dump);
	if (error != -EINTR && error != -EINVAL && error != -EOPNOTSUPP)
		return error;
	error_clear();
	return 0;
}
