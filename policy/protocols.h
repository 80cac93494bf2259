/* SPDX-License-Identifier: GPL-2.0-only */
/* IP protocols: names, numbers, and which of them have selectors. */
#ifndef PCTL_PROTOCOLS_H
#define PCTL_PROTOCOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi.h"

/* The number for a name, ours first, then /etc/protocols; -ENOENT. */
int protocol_number(const char *name);

/* The name to print; NULL when we know none. Never from /etc/protocols, so that a printed policy
 * means the same on another host. */
const char *protocol_name(unsigned int number);

/* The names that have a number here, by index from 0; NULL behind the last. */
const char *protocol_known(size_t index);

bool protocol_has_ports(unsigned int number);
bool protocol_is_icmp(unsigned int number); /* ICMP or ICMPv6 */

/* NULL, or the name of the IPv6 extension header that this protocol number stands for and that the
 * kernel program looks through. */
const char *protocol_looked_through(unsigned int number);

/* The protocol number for each value of enum pctl_selected. */
#define PROTOCOL_SELECTED_COUNT (PCTL_SELECTED_ICMPV6 + 1)
extern const uint8_t protocol_selected[PROTOCOL_SELECTED_COUNT];

/* The port of a service name for @protocol (0: for any protocol), or -ENOENT. */
int service_port(const char *name, unsigned int protocol);

#endif
