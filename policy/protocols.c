/* SPDX-License-Identifier: GPL-2.0-only */
#include "protocols.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

/* If a number has several names, the first one is printed. Names are those of IANA's list,
 * except ipip: it is 4, as Linux uses it for such tunnels. Debian's /etc/protocols says 94. */
static const struct protocol {
	const char *name;
	uint8_t number;
} protocols[] = {
	{ "icmp", IPPROTO_ICMP },
	{ "igmp", IPPROTO_IGMP },
	{ "ipip", IPPROTO_IPIP },
	{ "tcp", IPPROTO_TCP },
	{ "egp", IPPROTO_EGP },
	{ "udp", IPPROTO_UDP },
	{ "dccp", IPPROTO_DCCP },
	{ "ipv6", IPPROTO_IPV6 },
	{ "rsvp", IPPROTO_RSVP },
	{ "gre", IPPROTO_GRE },
	{ "esp", IPPROTO_ESP },
	{ "ah", IPPROTO_AH },
	{ "icmpv6", IPPROTO_ICMPV6 },
	{ "ipv6-nonxt", IPPROTO_NONE },
	{ "eigrp", 88 },
	{ "ospf", 89 },
	{ "etherip", 97 },
	{ "pim", IPPROTO_PIM },
	{ "ipcomp", IPPROTO_COMP },
	{ "vrrp", 112 },
	{ "l2tp", 115 },
	{ "sctp", IPPROTO_SCTP },
	{ "udplite", IPPROTO_UDPLITE },
	{ "mpls-in-ip", 137 },
	{ "hip", 139 },
	{ "ipv6-icmp", IPPROTO_ICMPV6 },
	{ "ipencap", IPPROTO_IPIP },
	{ "hopopt", IPPROTO_HOPOPTS },
	{ "ipv6-route", IPPROTO_ROUTING },
	{ "ipv6-frag", IPPROTO_FRAGMENT },
	{ "ipv6-opts", IPPROTO_DSTOPTS },
};

#define PROTOCOL_COUNT (sizeof(protocols) / sizeof(protocols[0]))

const uint8_t protocol_selected[PROTOCOL_SELECTED_COUNT] = {
	[PCTL_SELECTED_TCP] = IPPROTO_TCP,	   [PCTL_SELECTED_UDP] = IPPROTO_UDP,
	[PCTL_SELECTED_UDPLITE] = IPPROTO_UDPLITE, [PCTL_SELECTED_SCTP] = IPPROTO_SCTP,
	[PCTL_SELECTED_DCCP] = IPPROTO_DCCP,	   [PCTL_SELECTED_ICMP] = IPPROTO_ICMP,
	[PCTL_SELECTED_ICMPV6] = IPPROTO_ICMPV6,
};

int protocol_number(const char *name)
{
	struct protoent entry, *found = NULL;
	char buffer[4096];

	for (size_t i = 0; i < PROTOCOL_COUNT; i++)
		if (!strcmp(protocols[i].name, name))
			return protocols[i].number;
	if (getprotobyname_r(name, &entry, buffer, sizeof(buffer), &found) || !found)
		return -ENOENT;
	/* The pseudo protocol `ip` is listed as 0, and Linux's own mptcp as 262. */
	if (!strcasecmp(name, "ip") || found->p_proto < 0 || found->p_proto > 255)
		return -ENOENT;
	return found->p_proto;
}

const char *protocol_name(unsigned int number)
{
	for (size_t i = 0; i < PROTOCOL_COUNT; i++)
		if (protocols[i].number == number)
			return protocols[i].name;
	return NULL;
}

const char *protocol_known(size_t index)
{
	return index < PROTOCOL_COUNT ? protocols[index].name : NULL;
}

bool protocol_has_ports(unsigned int number)
{
	switch (number) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		return true;
	default:
		return false;
	}
}

bool protocol_is_icmp(unsigned int number)
{
	return number == IPPROTO_ICMP || number == IPPROTO_ICMPV6;
}

const char *protocol_looked_through(unsigned int number)
{
	switch (number) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_FRAGMENT:
	case IPPROTO_DSTOPTS:
		return protocol_name(number);
	default:
		return NULL;
	}
}

int service_port(const char *name, unsigned int protocol)
{
	struct servent entry, *found = NULL;
	char buffer[4096];

	/* UDP-Lite has no services of its own: RFC 3828 section 6 gives it those of UDP. */
	if (protocol == IPPROTO_UDPLITE)
		protocol = IPPROTO_UDP;
	if (getservbyname_r(name, protocol ? protocol_name(protocol) : NULL, &entry, buffer,
			    sizeof(buffer), &found) ||
	    !found)
		return -ENOENT;
	return ntohs((uint16_t)found->s_port);
}
