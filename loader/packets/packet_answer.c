// SPDX-License-Identifier: GPL-2.0-only
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <netinet/in.h>

#include "packet_answer.h"
#include "packet_words.h"
#include "protocols.h"

bool packet_answer(const struct packet_words *packet, struct packet_words *answer)
{
	bool has_ports = packet->protocol >= 0 && protocol_has_ports(packet->protocol);

	if (packet->arp || packet->ethertype != PACKET_NOT_GIVEN || packet->header_count ||
	    packet->fragment || packet->cut || packet->source_route)
		return false;
	*answer = *packet;
	answer->established = true; /* of the connection that the packet begins */
	answer->direction = packet->direction == PCTL_FROM ? PCTL_TO : PCTL_FROM;
	answer->sport = packet->dport;
	answer->dport = packet->sport;
	if (packet->protocol == IPPROTO_ICMP && packet->type == ICMP_ECHO)
		answer->type = ICMP_ECHOREPLY;
	else if (packet->protocol == IPPROTO_ICMPV6 && packet->type == ICMPV6_ECHO_REQUEST)
		answer->type = ICMPV6_ECHO_REPLY;
	else
		return has_ports;
	return true;
}
