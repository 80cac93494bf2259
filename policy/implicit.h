/* SPDX-License-Identifier: GPL-2.0-only */
/* The implicit rules of `default deny`. */
#ifndef PCTL_IMPLICIT_H
#define PCTL_IMPLICIT_H

#include <stddef.h>
#include <stdint.h>

#include "abi.h"
#include "ranges.h"

/*
 * A direction whose default is deny has these rules behind its own, so that the network keeps
 * working. They are not part of policy_print(); `show` prints them as comments.
 */
struct implicit_rule {
	enum pctl_slot slot; /* counts its packets */
	unsigned int directions; /* bits 1 << enum pctl_direction */
	const char *text; /* in the policy language, without verdict and direction: `arp` */
	uint8_t protocol; /* ARP: 0 */
	struct range selectors[4]; /* type << 8 | code, see enum pctl_selected */
	size_t selector_count; /* 0: all of the protocol, or ARP */
};

extern const struct implicit_rule policy_implicit_rules[];
extern const size_t policy_implicit_rule_count;

#endif
