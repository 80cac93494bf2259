// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#include "connection_frame.h"
#include "protocols.h"

#define PAYLOAD 16 /* bytes behind the last header */
#define TCP_HEADER 20
#define TCP_OFFSET 12 /* where its length is, in words, in the upper half */
#define TCP_FLAGS 13
#define TCP_SYN 0x02
#define ECHO_REQUEST 8
#define ECHO_REQUEST_V6 128
#define ECHO_ID 4

static void put_addresses(const struct pctl_connection_key *key, bool sent, struct frame *frame)
{
	const __u32 *source = sent ? key->local : key->remote;
	const __u32 *destination = sent ? key->remote : key->local;

	if (key->family == PCTL_IPV4) {
		struct ipv4_fields fields = IPV4_PLAIN;

		fields.source = ntohl(source[0]);
		fields.destination = ntohl(destination[0]);
		frame_ipv4(frame, &fields);
	} else {
		struct ipv6_fields fields = IPV6_PLAIN;

		memcpy(fields.source, source, sizeof(fields.source));
		memcpy(fields.destination, destination, sizeof(fields.destination));
		frame_ipv6(frame, &fields);
	}
}

static void put_ports(const struct pctl_connection_key *key, bool sent, struct frame *frame)
{
	__be16 source = sent ? key->local_port : key->remote_port;
	__be16 destination = sent ? key->remote_port : key->local_port;
	size_t at = frame->length, size = 8;

	if (key->protocol == IPPROTO_TCP)
		size = TCP_HEADER;
	else if (key->protocol == IPPROTO_DCCP || key->protocol == IPPROTO_SCTP)
		size = 16;
	frame_ports(frame, key->protocol, ntohs(source), ntohs(destination), size);
	if (key->protocol != IPPROTO_TCP)
		return;
	frame->data[at + TCP_OFFSET] = TCP_HEADER / 4 << 4;
	frame->data[at + TCP_FLAGS] = TCP_SYN;
}

static void put_echo(const struct pctl_connection_key *key, bool sent, struct frame *frame)
{
	__be16 id = sent ? key->local_port : key->remote_port;
	size_t at = frame->length;

	frame_icmp(frame, key->protocol,
		   key->protocol == IPPROTO_ICMP ? ECHO_REQUEST : ECHO_REQUEST_V6, 0, 8);
	memcpy(frame->data + at + ECHO_ID, &id, sizeof(id));
}

void connection_frame(const struct connection *connection, const struct pctl_own *own,
		      struct frame *frame)
{
	const struct pctl_connection_key *key = &connection->key;
	bool sent = connection_direction(connection) == PCTL_FROM;

	frame_ethernet(frame);
	if (sent && own && own->known)
		memcpy(frame->data + ETH_ALEN, own->mac, sizeof(own->mac));
	if (key->vlan && key->vlan < PCTL_VLAN_UNKNOWN)
		frame_vlan(frame, ETH_P_8021Q, key->vlan);
	put_addresses(key, sent, frame);
	if (protocol_is_icmp(key->protocol))
		put_echo(key, sent, frame);
	else
		put_ports(key, sent, frame);
	frame_append(frame, 0, PAYLOAD);
	frame_seal(frame);
}
