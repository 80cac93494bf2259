/* SPDX-License-Identifier: GPL-2.0-only */
#include "implicit.h"

#include <netinet/in.h>

#include "rules.h"

/* Selectors of one type, whatever its code. */
#define TYPE(type)                              \
	{                                       \
		(type) << 8, (type) << 8 | 0xff \
	}
#define TYPES(low, high)                       \
	{                                      \
		(low) << 8, (high) << 8 | 0xff \
	}
#define TYPE_CODE(type, code)                              \
	{                                                  \
		(type) << 8 | (code), (type) << 8 | (code) \
	}

/*
 * Never router advertisements (134) or redirects (137, ICMP 5): they change the routes of all
 * neighbours.
 */
const struct implicit_rule policy_implicit_rules[] = {
	{
		.slot = PCTL_SLOT_KEEP_ARP,
		.directions = POLICY_BOTH,
		.text = "arp",
	},
	{
		.slot = PCTL_SLOT_KEEP_ND,
		.directions = POLICY_BOTH,
		.text = "icmpv6 type { router-solicitation, neighbour-solicitation, "
			"neighbour-advertisement }",
		.protocol = IPPROTO_ICMPV6,
		.selectors = { TYPE(133), TYPES(135, 136) },
		.selector_count = 2,
	},
	{
		.slot = PCTL_SLOT_KEEP_MLD,
		.directions = POLICY_BOTH,
		.text = "icmpv6 type { mld-query, mld-report, mld-done, mldv2-report }",
		.protocol = IPPROTO_ICMPV6,
		.selectors = { TYPES(130, 132), TYPE(143) },
		.selector_count = 2,
	},
	/* What MLD is for IPv6: without it no multicast arrives. */
	{
		.slot = PCTL_SLOT_KEEP_IGMP,
		.directions = POLICY_BOTH,
		.text = "igmp",
		.protocol = IPPROTO_IGMP,
	},
	{
		.slot = PCTL_SLOT_KEEP_PMTU,
		.directions = POLICY_BOTH,
		.text = "icmp type destination-unreachable code fragmentation-needed",
		.protocol = IPPROTO_ICMP,
		.selectors = { TYPE_CODE(3, 4) },
		.selector_count = 1,
	},
	{
		.slot = PCTL_SLOT_KEEP_PMTU,
		.directions = POLICY_BOTH,
		.text = "icmpv6 type packet-too-big",
		.protocol = IPPROTO_ICMPV6,
		.selectors = { TYPE(2) },
		.selector_count = 1,
	},
};

const size_t policy_implicit_rule_count =
	sizeof(policy_implicit_rules) / sizeof(policy_implicit_rules[0]);
