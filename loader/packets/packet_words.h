/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A packet, described in words: `from tcp 198.51.100.7:443`, `to icmp type echo-request`.
 * PACKET_WORDS_HELP lists the words; names and numbers are those of the policy language.
 */
#ifndef PCTL_PACKET_WORDS_H
#define PCTL_PACKET_WORDS_H

#include "abi.h"
#include "policy.h"

struct diagnostics;

#define PACKET_VLANS_MAX 8
#define PACKET_HEADERS_MAX 16
#define PACKET_PORT 40000 /* the port of an end for which none was given */

/* The value of a number that was not given. */
#define PACKET_NOT_GIVEN (-1)

/* An IPv6 extension header, or an AH. */
struct packet_header {
	uint8_t type; /* IANA number */
	uint8_t left; /* of a routing header: segments left */
};

struct packet_words {
	enum pctl_direction direction;
	bool arp;
	int ethertype; /* neither IP nor ARP */
	uint16_t vlans[PACKET_VLANS_MAX]; /* the outermost first */
	size_t vlan_count;
	/* Of IP: */
	int family; /* enum pctl_family */
	bool peer_given;
	struct prefix peer; /* the other end's address, whole */
	int protocol; /* IANA number */
	int sport, dport, type, code;
	struct packet_header headers[PACKET_HEADERS_MAX];
	size_t header_count;
	bool fragment, later; /* `later`: it is not the first fragment */
	int id; /* of the datagram */
	bool source_route; /* an IPv4 option LSRR */
	bool established; /* it is part of a connection, whether one is known or not */
	bool spoofed; /* its sender is not the container: only `from` */
	bool cut; /* the last header that the words name is cut short */
};

/*
 * Parses the words.
 * Returns 0, also with warnings; -EINVAL with *diagnostics, whose source is `PACKET`; or -ENOMEM.
 */
int packet_words_parse(const char *text, struct packet_words *packet,
		       struct diagnostics *diagnostics);

#define PACKET_WORDS_HELP                                                                          \
	"PACKET is one packet in words, `from` (the container sends it) or `to` (it receives it) " \
	"first:\n"                                                                                 \
	"  from tcp 198.51.100.7:443          to port 443 of 198.51.100.7\n"                       \
	"  to tcp 80                          to port 80 of the container\n"                       \
	"  to tcp dport 22 peer 198.51.100.7  from 198.51.100.7 to port 22 of the container\n"     \
	"  from udp [2001:db8::7]:53 sport 40000\n"                                                \
	"  to icmp type echo-request          from icmpv6 type 135     from arp\n"                 \
	"  to proto 47 198.51.100.1           from ipv6 tcp 443\n"                                 \
	"  from fragment later udp 198.51.100.7      to vlan 10 tcp 80      from lsrr tcp 443\n"   \
	"Words behind the direction, in any order. A protocol comes before its ports and types:\n" \
	"  PROTOCOL, proto NUMBER  as in the policy language; `arp` too\n"                         \
	"  PORT, dport PORT        the destination port; sport PORT the source port, "             \
	"otherwise 40000\n"                                                                        \
	"  peer ADDRESS, ADDRESS   the other end: where `from` goes and `to` comes from\n"         \
	"  ADDRESS:PORT            and its port: the destination port of `from`, the source port " \
	"of `to`\n"                                                                                \
	"  type TYPE, code CODE    of ICMP and ICMPv6\n"                                           \
	"  ipv4, ipv6              where no address tells; otherwise it is IPv4\n"                 \
	"  vlan [ID]               a VLAN tag, the outermost first\n"                              \
	"  fragment first|later    a piece of a datagram; id NUMBER says of which, otherwise 1\n"  \
	"  hop, dest, routing [left SEGMENTS], ah\n"                                               \
	"                          extension headers, in their order; ah in IPv4 too\n"            \
	"  lsrr                    an IPv4 source route (an option)\n"                             \
	"  short                   the last header that was named is cut short\n"                  \
	"  ethertype NUMBER        neither IP nor ARP\n"                                           \
	"  established             part of a connection, otherwise the first packet of one\n"      \
	"  spoofed                 with another's MAC and address, otherwise with the "            \
	"container's "                                                                             \
	"own\n"

#endif
