// SPDX-License-Identifier: GPL-2.0-only
/* sock_diag(7): which sockets are connected, and which listen. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "error.h"
#include "netlink_talk.h"
#include "prefixes.h"
#include "sockets.h"
#include "util.h"

/* Of TCP and DCCP, whose states the kernel numbers alike (include/net/tcp_states.h). One that is
 * half closed still carries data the other way. */
#define CONNECTED                                                                                 \
	(1u << TCP_ESTABLISHED | 1u << TCP_SYN_RECV | 1u << TCP_FIN_WAIT1 | 1u << TCP_FIN_WAIT2 | \
	 1u << TCP_CLOSE_WAIT | 1u << TCP_LAST_ACK | 1u << TCP_CLOSING)

static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE, IPPROTO_SCTP,
				     IPPROTO_DCCP };

void sockets_clear(struct sockets_seen *seen)
{
	free(seen->sockets);
	free(seen->tracked);
	*seen = (struct sockets_seen){};
}

bool endpoint_is_one_of(const struct endpoint_address *end, uint8_t family,
			const struct prefixes *addresses)
{
	struct prefix address = { .family = family, .length = family_bits(family) };
	uint64_t halves[2];

	memcpy(halves, end->bytes, sizeof(halves));
	address.high = be64toh(halves[0]);
	address.low = be64toh(halves[1]);
	return prefixes_hold(addresses, &address);
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
	while (size && !bytes[size - 1])
		size--;
	return !size;
}

static bool is_mapped(const uint8_t bytes[16])
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(bytes, prefix, sizeof(prefix));
}

static void unmap(struct endpoint_address *end)
{
	memmove(end->bytes, end->bytes + 12, 4);
	memset(end->bytes + 4, 0, 12);
}

static bool is_v6only(const struct nlmsghdr *message)
{
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, message, sizeof(struct inet_diag_msg))
	{
		if (mnl_attr_get_type(attribute) == INET_DIAG_SKV6ONLY &&
		    mnl_attr_get_payload_len(attribute) == 1)
			return mnl_attr_get_u8(attribute);
	}
	return false;
}

static int add(struct sockets_seen *seen, const struct socket_seen *socket)
{
	if (seen->socket_count == seen->socket_capacity) {
		size_t capacity = 2 * seen->socket_capacity + 64;
		struct socket_seen *grown =
			reallocarray(seen->sockets, capacity, sizeof(*seen->sockets));

		if (!grown)
			return -ENOMEM;
		seen->sockets = grown;
		seen->socket_capacity = capacity;
	}
	seen->sockets[seen->socket_count++] = *socket;
	return 0;
}

/* States of UDP: TCP_ESTABLISHED if it is connected, else TCP_CLOSE. Those of SCTP have numbers of
 * their own: there the other end's port tells an association from an endpoint. */
static bool is_wanted(uint8_t protocol, uint8_t state, bool listens)
{
	switch (protocol) {
	case IPPROTO_TCP:
	case IPPROTO_DCCP:
		return listens ? state == TCP_LISTEN : state < 32 && CONNECTED & 1u << state;
	default:
		return true;
	}
}

int sockets_take(const struct nlmsghdr *message, uint8_t protocol, struct sockets_seen *seen,
		 size_t limit)
{
	const struct inet_diag_msg *diag = mnl_nlmsg_get_payload(message);
	struct socket_seen socket = { .protocol = protocol };

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*diag) ||
	    message->nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return 0;
	if (diag->idiag_family != AF_INET && diag->idiag_family != AF_INET6)
		return 0;
	socket.family = diag->idiag_family == AF_INET ? PCTL_IPV4 : PCTL_IPV6;
	memcpy(socket.local.bytes, diag->id.idiag_src, socket.family == PCTL_IPV4 ? 4 : 16);
	memcpy(socket.remote.bytes, diag->id.idiag_dst, socket.family == PCTL_IPV4 ? 4 : 16);
	socket.local.port = ntohs(diag->id.idiag_sport);
	socket.remote.port = ntohs(diag->id.idiag_dport);
	socket.listens = !socket.remote.port;
	if (!socket.local.port || !is_wanted(protocol, diag->idiag_state, socket.listens))
		return 0;
	if (socket.family == PCTL_IPV6 && is_mapped(socket.local.bytes)) {
		socket.family = PCTL_IPV4;
		unmap(&socket.local);
		unmap(&socket.remote);
	}
	socket.both_families = socket.listens && socket.family == PCTL_IPV6 &&
			       is_zero(socket.local.bytes, 16) && !is_v6only(message);
	if (socket.listens && seen->listening >= SOCKETS_LISTENING_MAX)
		return 0;
	if (!socket.listens && seen->socket_count - seen->listening >= limit) {
		seen->left_out++;
		return 0;
	}
	seen->listening += socket.listens;
	return add(seen, &socket);
}

struct dump {
	struct sockets_seen *seen;
	uint8_t protocol;
	size_t limit;
};

static int one_message(const struct nlmsghdr *message, void *data)
{
	const struct dump *dump = data;

	return sockets_take(message, dump->protocol, dump->seen, dump->limit);
}

static int read_one(struct nl *nl, uint8_t family, struct dump *dump)
{
	struct nlmsghdr *message = nl_request(nl, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP);
	struct inet_diag_req_v2 *request = mnl_nlmsg_put_extra_header(message, sizeof(*request));
	int error;

	request->sdiag_family = family;
	request->sdiag_protocol = dump->protocol;
	request->idiag_states = UINT32_MAX;
	if (dump->protocol == IPPROTO_TCP || dump->protocol == IPPROTO_DCCP)
		request->idiag_states = CONNECTED | 1u << TCP_LISTEN;
	error = nl_talk(nl, message, one_message, dump);
	/* The kernel has no such protocol, or does not list its sockets. A picture that changed
	 * while it was taken is as good as any. */
	if (error != -ENOENT && error != -EINVAL && error != -EINTR && error != -EOPNOTSUPP &&
	    error != -EAFNOSUPPORT)
		return error;
	error_clear();
	return 0;
}

int sockets_read(struct sockets_seen *seen, size_t limit)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	_cleanup_(nl_closep) struct nl *nl = NULL;
	int error = nl_open_protocol(&nl, NETLINK_SOCK_DIAG);

	for (size_t i = 0; i < ARRAY_SIZE(protocols) && !error; i++)
		for (size_t j = 0; j < ARRAY_SIZE(families) && !error; j++)
			error = read_one(nl, families[j],
					 &(struct dump){ seen, protocols[i], limit });
	return error;
}

static bool listens_there(const struct socket_seen *listener, const struct socket_seen *socket)
{
	if (!listener->listens || listener->protocol != socket->protocol ||
	    listener->local.port != socket->local.port)
		return false;
	if (listener->both_families)
		return true;
	return listener->family == socket->family &&
	       (is_zero(listener->local.bytes, 16) ||
		!memcmp(listener->local.bytes, socket->local.bytes, 16));
}

bool socket_was_accepted(const struct sockets_seen *seen, const struct socket_seen *socket)
{
	for (size_t i = 0; i < seen->socket_count; i++)
		if (listens_there(&seen->sockets[i], socket))
			return true;
	return false;
}
