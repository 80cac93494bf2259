/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checksums that the kernel is still to write (CHECKSUM_PARTIAL).
 *
 * The sender decides where: an AF_PACKET socket with PACKET_VNET_HDR chooses skb->csum_start and
 * skb->csum_offset, and it can choose the two bytes as well, by the data that they sum up. The
 * kernel writes them after all hooks: where a device without checksum offload sends the packet,
 * before it fragments it, and towards a veth whose tx checksums are off. What was a port, a next
 * header or an address before could be another one then. So the fields of such a packet are known
 * only if the checksum goes where it can change none of them.
 */
#ifndef PCTL_CHECKSUM_H
#define PCTL_CHECKSUM_H

#include <stdbool.h>

#include "parse.h"
#include "skb.h"
#include "wire.h"

/*
 * Where a checksum can be written without changing a field that policies match on, in bytes from
 * the beginning of the header behind the IP headers. A table, so that the verifier walks one path.
 */
struct checksum_layout {
	__u8 field; /* the header's own checksum */
	__u8 payload; /* from here on, where a tunnel has the headers of its inner packet */
};

#define NO_TUNNEL 255

/* The default is { 0, 0 }: of protocols without ports or types nothing behind the IP headers is a
 * field. IP in IP, GRE and other tunnels are among them. */
static const struct checksum_layout checksum_layouts[256] = {
	[IPPROTO_TCP] = { 16, NO_TUNNEL },   [IPPROTO_UDP] = { 6, 8 }, /* VXLAN and others */
	[IPPROTO_UDPLITE] = { 6, 8 },	     [IPPROTO_DCCP] = { 6, NO_TUNNEL },
	[IPPROTO_SCTP] = { 8, NO_TUNNEL },   [IPPROTO_ICMP] = { 2, NO_TUNNEL },
	[IPPROTO_ICMPV6] = { 2, NO_TUNNEL },
};

/*
 * May a checksum be written at @place, in bytes from the beginning of the header of @protocol on?
 * The kernel writes 4 bytes for SCTP and 2 for all others (skb_crc32c_csum_help(),
 * skb_checksum_help()). None of the bytes behind these places is a field.
 */
static __always_inline bool is_checksum_place(__u8 protocol, __s64 place)
{
	struct checksum_layout layout = checksum_layouts[protocol];

	return place == layout.field || (place >= layout.payload && layout.payload != NO_TUNNEL);
}

/* Can one at this place, in bytes from the start of the frame on, change what a packet to port 53
 * asks DNS? That is in the payload of UDP, in which no other field is. */
static __always_inline bool may_change_question(const struct packet *p, __s64 place)
{
	return place != NO_CHECKSUM && place - p->at != checksum_layouts[p->protocol].field;
}

/* The kernel is to write a checksum at @place, in bytes from the start of the frame on, or nowhere
 * (NO_CHECKSUM). If that can change a field of the packet, no field is known. */
static __always_inline void note_checksum(struct packet *p, __s64 place)
{
	if (place == NO_CHECKSUM || (p->known == KNOWN_ETHERTYPE && place >= p->at) ||
	    (p->known == KNOWN_SELECTOR && is_checksum_place(p->protocol, place - p->at)))
		return;
	p->vlan = PCTL_VLAN_UNKNOWN; /* it may be written into a tag */
	if (p->known == KNOWN_NOTHING)
		return;
	unknown(p, PCTL_REASON_CHECKSUM, false);
	p->known = KNOWN_NOTHING;
	p->behind_ah = false;
	p->source_routed = false;
	/* Whose piece it is is not known either; a first one makes the later ones unknown. */
	if (p->fragment == FRAGMENT_LATER)
		p->fragment = FRAGMENT_NONE;
}

#endif
