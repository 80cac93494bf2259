/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The link layers of captures, turned into Ethernet, which is what the programs read. Types are the
 * LINKTYPE_ numbers of pcap and pcapng (www.tcpdump.org/linktypes.html).
 */
#ifndef PCTL_LINK_LAYER_H
#define PCTL_LINK_LAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum link_type {
	LINK_NULL = 0, /* 4 bytes, the address family in host order: BSD's loopback */
	LINK_ETHERNET = 1,
	LINK_RAW_BSD = 12, /* as LINK_RAW: DLT_RAW of most systems, in old files */
	LINK_RAW_OPENBSD = 14, /* and of OpenBSD */
	LINK_RAW = 101, /* an IPv4 or IPv6 packet, without any header in front */
	LINK_LOOP = 108, /* as LINK_NULL, in network order: OpenBSD's loopback */
	LINK_LINUX_SLL = 113, /* "Linux cooked": 16 bytes, of tcpdump -i any until libpcap 1.9 */
	LINK_IPV4 = 228, /* an IPv4 packet */
	LINK_IPV6 = 229, /* an IPv6 packet */
	LINK_LINUX_SLL2 = 276, /* "Linux cooked" version 2: 20 bytes */
};

#define LINK_HEADROOM 14 /* bytes in front of a packet that link_to_ethernet() may write to */

/* The bytes of a packet. */
struct link_bytes {
	uint8_t *data;
	size_t captured; /* that are there */
	size_t length; /* that there were */
};

/* Can packets of this type be read? Else -EINVAL, with a message that names the type. */
int link_type_check(uint32_t type);

/*
 * Makes an Ethernet frame of a packet of a type that can be read, in place. A header that is cut
 * short leaves a frame of 0 bytes. Addresses that the link layer does not have are zeros.
 */
void link_to_ethernet(uint32_t type, struct link_bytes *bytes);

#endif
