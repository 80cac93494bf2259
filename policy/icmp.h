/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of ICMP and ICMPv6 types and codes (IANA's registries; RFC 792, 4443, 4861, 2710, 3810). */
#ifndef PCTL_ICMP_H
#define PCTL_ICMP_H

#include <stddef.h>

/* @protocol: IPPROTO_ICMP or IPPROTO_ICMPV6. Numbers or -ENOENT; names or NULL. */
int icmp_type_number(unsigned int protocol, const char *name);
const char *icmp_type_name(unsigned int protocol, unsigned int type);
/* The names of its types, by index from 0; NULL behind the last. */
const char *icmp_type_known(unsigned int protocol, size_t index);

/* Codes have names only within their type. */
int icmp_code_number(unsigned int protocol, unsigned int type, const char *name);
const char *icmp_code_name(unsigned int protocol, unsigned int type, unsigned int code);
const char *icmp_code_known(unsigned int protocol, unsigned int type, size_t index);

/* How many bytes a message of IPv6 neighbour discovery has before its options (RFC 4861 section 4);
 * 0: the type is none of it. */
size_t icmpv6_discovery_size(int type);

#endif
