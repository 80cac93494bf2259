/* SPDX-License-Identifier: GPL-2.0-only */
/* Wire formats that the kernel's user-space headers lack. Multi-byte fields are in network order.
 */
#ifndef PCTL_WIRE_H
#define PCTL_WIRE_H

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/types.h>

struct vlan_tag { /* IEEE 802.1Q, what follows the TPID */
	__be16 tci;
	__be16 ethertype;
};

#define VLAN_ID_MASK 0x0fff /* of the TCI */

struct ext_header { /* RFC 8200 section 4.2, RFC 4302: how each of them begins */
	__u8 next_header;
	__u8 length;
};

struct routing_header { /* RFC 8200 section 4.4: how each type of it begins */
	__u8 next_header;
	__u8 length;
	__u8 type;
	__u8 segments_left; /* 0: the destination in the IP header is the last one */
};

struct fragment_header { /* RFC 8200 section 4.5 */
	__u8 next_header;
	__u8 reserved;
	__be16 offset_flags; /* 13 bits offset in 8-byte units, 2 reserved, M */
	__be32 id;
};

struct tcp_header { /* RFC 9293 section 3.1, without options */
	__be16 ports[2];
	__be32 sequence;
	__be32 acknowledgement;
	__u8 offset;
	__u8 flags;
	__be16 window;
	__be16 checksum;
	__be16 urgent;
};

struct udp_header { /* RFC 768 */
	__be16 ports[2];
	__be16 length; /* with this header */
	__be16 checksum;
};

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

struct icmp_echo { /* RFC 792, RFC 4443 section 4 */
	__u8 type, code;
	__be16 checksum;
	__be16 id;
	__be16 sequence;
};

#define ICMP_HEADER 8 /* bytes before the packet that an ICMP error is about */

enum { /* types: RFC 792, RFC 4443 */
       ECHO_REPLY = 0,
       UNREACHABLE = 3,
       ECHO_REQUEST = 8,
       TIME_EXCEEDED = 11,
       PARAMETER_PROBLEM = 12,
       ERROR6_FIRST = 1, /* unreachable, too big, time exceeded, parameter problem */
       ERROR6_LAST = 4,
       ECHO6_REQUEST = 128,
       ECHO6_REPLY = 129,
};

struct arp_packet { /* RFC 826, of IPv4 over Ethernet */
	__be16 hardware; /* ARPHRD_ETHER */
	__be16 protocol; /* ETH_P_IP */
	__u8 hardware_size, protocol_size; /* 6, 4 */
	__be16 operation;
	__u8 sender_mac[ETH_ALEN];
	__u8 sender[4];
	__u8 target_mac[ETH_ALEN];
	__u8 target[4];
};

#define ARP_ETHERNET 1 /* linux/if_arp.h */

#define UDP_BOOTP_SERVER 67 /* RFC 2131 section 4.1 */
#define UDP_BOOTP_CLIENT 68

struct icmp_header { /* RFC 792, RFC 4443 */
	__u8 type;
	__u8 code;
	__sum16 checksum;
	__be32 rest; /* unused in "destination unreachable" */
};

/* "Destination unreachable", and the code "port". */
#define ICMP4_UNREACHABLE 3
#define ICMP4_PORT 3
#define ICMP6_UNREACHABLE 1
#define ICMP6_PORT 4

/* The ICMP types that are no errors, as bits: echo, timestamp, information, address mask (RFC 1122
 * section 3.2.2). And a bit of those of ICMPv6 (RFC 4443 section 2.1). */
#define ICMP4_QUERIES (1 << 0 | 1 << 8 | 0x1fu << 13 | 1 << 18)
#define ICMP6_QUERY 0x80

enum { /* ICMPv6 types: RFC 2710, RFC 3810, RFC 4861 */
       MLD_REPORT = 131,
       MLD_DONE = 132,
       MLD2_REPORT = 143,
       ND_ROUTER_SOLICIT = 133,
       ND_ROUTER_ADVERT = 134,
       ND_NEIGHBOUR_SOLICIT = 135,
       ND_NEIGHBOUR_ADVERT = 136,
       ND_REDIRECT = 137,
};

struct nd_option { /* RFC 4861 section 4.6; the link-layer address of the first two types */
	__u8 type;
	__u8 length; /* in units of 8 bytes */
	__u8 mac[ETH_ALEN];
};

#define ND_SOURCE_MAC 1
#define ND_TARGET_MAC 2
#define ND_TARGET 8 /* where a solicitation or advertisement has its target */

#define IP4_MORE_FRAGMENTS 0x2000 /* RFC 791 */
#define IP4_DONT_FRAGMENT 0x4000
#define IP4_OFFSET_MASK 0x1fff
#define IP4_OPTION_END 0 /* RFC 791 section 3.1: these two have no length byte */
#define IP4_OPTION_NOP 1
#define IP4_OPTION_LSRR 131
#define IP4_OPTION_SSRR 137
#define IP4_OPTIONS_MAX 40 /* bytes */
#define IP6_MORE_FRAGMENTS 0x0001
#define IP6_OFFSET_MASK 0xfff8

#define NEXTHDR_HOP 0 /* the names of include/net/ipv6.h */
#define NEXTHDR_ROUTING 43
#define NEXTHDR_FRAGMENT 44
#define NEXTHDR_AUTH 51
#define NEXTHDR_DEST 60

#endif
