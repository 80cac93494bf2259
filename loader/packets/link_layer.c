// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <net/if_arp.h>
#include <string.h>

#include "error.h"
#include "link_layer.h"
#include "util.h"

#define SLL_SIZE 16
#define SLL2_SIZE 20
#define LOOPBACK_SIZE 4
#define ARPHRD_NETLINK_ 824 /* linux/if_arp.h, which clashes with net/if_arp.h */

_Static_assert(LINK_HEADROOM == ETH_HLEN, "an Ethernet header fits in front of a packet");

/* Types that people try, by name. */
static const struct {
	uint32_t type;
	const char *name;
} others[] = {
	{ 9, "PPP" },	      { 50, "PPP in HDLC framing" },
	{ 51, "PPPoE" },      { 104, "Cisco HDLC" },
	{ 105, "802.11" },    { 127, "802.11 with radiotap" },
	{ 163, "802.11" },    { 187, "Bluetooth" },
	{ 189, "USB" },	      { 201, "Bluetooth" },
	{ 220, "USB" },	      { 227, "CAN" },
	{ 239, "netfilter" }, { 253, "netlink" },
};

int link_type_check(uint32_t type)
{
	const char *name = "something else";

	switch (type) {
	case LINK_NULL:
	case LINK_ETHERNET:
	case LINK_RAW_BSD:
	case LINK_RAW_OPENBSD:
	case LINK_RAW:
	case LINK_LOOP:
	case LINK_LINUX_SLL:
	case LINK_IPV4:
	case LINK_IPV6:
	case LINK_LINUX_SLL2:
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (others[i].type == type)
			name = others[i].name;
	return error_set(-EINVAL,
			 "a capture of %s (link type %u): Ethernet, raw IP and Linux cooked "
			 "packets can be read",
			 name, type);
}

static uint16_t number16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

/* By its version number; 0: neither IPv4 nor IPv6. */
static uint16_t ethertype_of_ip(const struct link_bytes *bytes)
{
	unsigned int version = bytes->captured ? bytes->data[0] >> 4 : 0;

	return version == 4 ? ETH_P_IP : version == 6 ? ETH_P_IPV6 : 0;
}

/* Takes @size bytes from in front, and puts an Ethernet header there. */
static void replace_header(struct link_bytes *bytes, size_t size, const uint8_t source[ETH_ALEN],
			   uint16_t ethertype)
{
	struct ethhdr header = { .h_proto = htons(ethertype) };

	memcpy(header.h_source, source, ETH_ALEN);
	bytes->data += size;
	bytes->data -= sizeof(header);
	bytes->captured += sizeof(header) - size;
	bytes->length += sizeof(header) - size;
	memcpy(bytes->data, &header, sizeof(header));
}

static const uint8_t no_address[ETH_ALEN];

/* libpcap writes an ethertype, or a small number where there is none: 4 in front of an LLC header,
 * whose ethertype is its length. Of netlink it is not a protocol of packets at all. */
static uint16_t cooked_ethertype(uint16_t protocol, uint16_t hardware, size_t payload)
{
	if (hardware == ARPHRD_NETLINK_)
		return 0;
	if (protocol >= ETH_P_802_3_MIN)
		return protocol;
	return protocol == ETH_P_802_2 && payload < ETH_P_802_3_MIN ? payload : 0;
}

/* @address: the sender's, of @size bytes; in a header of @header bytes */
static void cooked(struct link_bytes *bytes, size_t header, uint16_t protocol, uint16_t hardware,
		   size_t size, const uint8_t *address)
{
	uint8_t source[ETH_ALEN] = {};

	if (size == ETH_ALEN)
		memcpy(source, address, ETH_ALEN);
	replace_header(bytes, header, source,
		       cooked_ethertype(protocol, hardware, bytes->length - header));
}

/* The families that systems give IPv6: Linux 10, FreeBSD 28, macOS 30, NetBSD and OpenBSD 24. */
static uint16_t ethertype_of_family(const uint8_t *bytes)
{
	/* in either byte order: no family is above 255 */
	switch (bytes[0] | bytes[3]) {
	case 2:
		return ETH_P_IP;
	case 10:
	case 24:
	case 28:
	case 30:
		return ETH_P_IPV6;
	default:
		return 0;
	}
}

static size_t header_size(uint32_t type)
{
	switch (type) {
	case LINK_NULL:
	case LINK_LOOP:
		return LOOPBACK_SIZE;
	case LINK_LINUX_SLL:
		return SLL_SIZE;
	case LINK_LINUX_SLL2:
		return SLL2_SIZE;
	default:
		return 1; /* what has none begins with the version of IP */
	}
}

void link_to_ethernet(uint32_t type, struct link_bytes *bytes)
{
	const uint8_t *data = bytes->data;

	if (type == LINK_ETHERNET)
		return;
	if (bytes->captured < header_size(type)) {
		bytes->captured = 0;
		return;
	}
	switch (type) {
	case LINK_NULL:
	case LINK_LOOP:
		replace_header(bytes, LOOPBACK_SIZE, no_address, ethertype_of_family(data));
		break;
	case LINK_LINUX_SLL:
		cooked(bytes, SLL_SIZE, number16(data + 14), number16(data + 2), number16(data + 4),
		       data + 6);
		break;
	case LINK_LINUX_SLL2:
		cooked(bytes, SLL2_SIZE, number16(data), number16(data + 8), data[11], data + 12);
		break;
	case LINK_IPV4:
		replace_header(bytes, 0, no_address, ETH_P_IP);
		break;
	case LINK_IPV6:
		replace_header(bytes, 0, no_address, ETH_P_IPV6);
		break;
	default:
		replace_header(bytes, 0, no_address, ethertype_of_ip(bytes));
	}
}
