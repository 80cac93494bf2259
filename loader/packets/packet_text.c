// SPDX-License-Identifier: GPL-2.0-only
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#include "packet_line.h"
#include "packet_text.h"
#include "packet_text_icmp.h"
#include "packet_text_tcp.h"
#include "protocols.h"
#include "util.h"

#define INNER_MAX 3 /* IP in IP in IP */

/* --- ARP --- */

static void add_mac(struct packet_line *line, const uint8_t *mac)
{
	packet_line_add(line, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
			mac[4], mac[5]);
}

/* RFC 826: from byte 8 on, the hardware and protocol address of the sender, then of the target. */
static void add_request(struct packet_line *line, const struct packet_layers *layers)
{
	static const uint8_t nobody[ETH_ALEN];
	const uint8_t *target = layers->frame + layers->at + 18;

	packet_line_add(line, "Request who-has ");
	packet_line_ipv4(line, layers, layers->at + 24);
	if (memcmp(target, nobody, sizeof(nobody)) != 0) {
		packet_line_add(line, " (");
		add_mac(line, target);
		packet_line_add(line, ")");
	}
	packet_line_add(line, " tell ");
	packet_line_ipv4(line, layers, layers->at + 14);
}

static void add_arp(struct packet_line *line, const struct packet_layers *layers)
{
	static const uint8_t over_ethernet[6] = { 0, 1, 8, 0, 6, 4 };
	size_t at = layers->at;
	uint16_t operation;

	packet_line_add(line, "ARP, ");
	if (!layers_hold(layers, at, 28)) {
		packet_line_add(line, "[|arp], ");
	} else if (memcmp(layers->frame + at, over_ethernet, sizeof(over_ethernet)) != 0) {
		packet_line_add(line, "Unknown Hardware (%u) or Protocol (0x%04x), ",
				layers_16(layers, at), layers_16(layers, at + 2));
	} else {
		operation = layers_16(layers, at + 6);
		if (operation == 1) {
			add_request(line, layers);
		} else if (operation == 2) {
			packet_line_add(line, "Reply ");
			packet_line_ipv4(line, layers, at + 14);
			packet_line_add(line, " is-at ");
			add_mac(line, layers->frame + at + 8);
		} else {
			packet_line_add(line, "Unknown (%u)", operation);
		}
		packet_line_add(line, ", ");
	}
	packet_line_add(line, "length %zu", layers->length - at);
}

/* --- what IP carries --- */

static void add_ip(struct packet_line *line, const struct packet_layers *layers, int depth);

static const char *protocol_title(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_UDP:
		return "UDP";
	case IPPROTO_UDPLITE:
		return "UDPLITE";
	case IPPROTO_SCTP:
		return "SCTP";
	case IPPROTO_DCCP:
		return "DCCP";
	default:
		return NULL;
	}
}

/* UDP has a length of its own; for the others it is the rest of the packet. */
static void add_datagram(struct packet_line *line, const struct packet_layers *layers)
{
	size_t at = layers->transport, rest = layers_rest(layers, at), said = rest;

	packet_line_add(line, "%s, ", protocol_title(layers->protocol));
	if (!layers_hold(layers, at, 8)) {
		packet_line_add(line, "[|%s], length %zu", protocol_name(layers->protocol), rest);
		return;
	}
	if (layers->protocol == IPPROTO_UDP && layers_16(layers, at + 4))
		said = layers_16(layers, at + 4);
	if (said < 8)
		packet_line_add(line, "bad length %zu", said);
	else if (said > rest && !layers->fragment)
		packet_line_add(line, "bad length %zu > %zu", said - 8, rest - 8);
	else if (layers->protocol == IPPROTO_UDP || layers->protocol == IPPROTO_UDPLITE)
		packet_line_add(line, "length %zu", said - 8);
	else
		packet_line_add(line, "length %zu", rest);
}

static void add_inner(struct packet_line *line, const struct packet_layers *layers, int depth)
{
	struct packet_layers inner;

	packet_layers_read_inner(layers, layers->transport,
				 layers->protocol == IPPROTO_IPIP ? NETWORK_IPV4 : NETWORK_IPV6,
				 &inner);
	add_ip(line, &inner, depth + 1);
}

static void add_other(struct packet_line *line, const struct packet_layers *layers)
{
	const char *name = protocol_name(layers->protocol);
	size_t at = layers->transport;

	if (layers->protocol == IPPROTO_ESP && layers_hold(layers, at, 8))
		packet_line_add(line, "ESP(spi=0x%08x,seq=0x%x)", layers_32(layers, at),
				layers_32(layers, at + 4));
	else if (layers->protocol == IPPROTO_NONE)
		packet_line_add(line, "no next header");
	else if (name)
		packet_line_add(line, "%s (ip-proto-%u)", name, layers->protocol);
	else
		packet_line_add(line, "ip-proto-%u", layers->protocol);
	packet_line_add(line, ", length %zu", layers_rest(layers, at));
}

static void add_transport(struct packet_line *line, const struct packet_layers *layers, int depth)
{
	switch (layers->protocol) {
	case IPPROTO_TCP:
		return packet_text_tcp(line, layers);
	case IPPROTO_ICMP:
		return packet_text_icmp(line, layers);
	case IPPROTO_ICMPV6:
		return packet_text_icmpv6(line, layers);
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		return add_datagram(line, layers);
	case IPPROTO_IPIP:
	case IPPROTO_IPV6:
		if (depth < INNER_MAX)
			return add_inner(line, layers, depth);
		__attribute__((fallthrough));
	default:
		return add_other(line, layers);
	}
}

/* --- IP --- */

/* In tcpdump's words. The headers are those of RFC 2675 and RFC 8200. */
static void add_extension(struct packet_line *line, const struct packet_layers *layers,
			  const struct extension *extension)
{
	size_t at = extension->at;

	if (!layers_hold(layers, at, 8)) {
		packet_line_add(line, "[|ip6ext %u]", extension->protocol);
		return;
	}
	switch (extension->protocol) {
	case IPPROTO_HOPOPTS:
		packet_line_add(line, "HBH ");
		break;
	case IPPROTO_DSTOPTS:
		packet_line_add(line, "DSTOPT ");
		break;
	case IPPROTO_ROUTING:
		packet_line_add(line, "RT (type %u, segments left %u) ", layers->frame[at + 2],
				layers->frame[at + 3]);
		break;
	case IPPROTO_FRAGMENT:
		packet_line_add(line, "frag (id 0x%08x, offset %u, length %zu%s) ", layers->id,
				layers->offset, layers_rest(layers, at + 8),
				layers->more ? ", more" : "");
		break;
	default:
		packet_line_add(line, "AH(spi=0x%08x) ", layers_32(layers, at + 4));
	}
}

/* Says a name once: packets that are inside of this one have other addresses. */
static void add_name(struct packet_line *line, const char **name)
{
	if (*name)
		packet_line_add(line, " (%s)", *name);
	*name = NULL;
}

static void add_ends(struct packet_line *line, const struct packet_layers *layers)
{
	int family = layers->network == NETWORK_IPV4 ? AF_INET : AF_INET6;

	packet_line_address(line, family, layers->source);
	if (layers->has_ports)
		packet_line_add(line, ".%u", layers->sport);
	add_name(line, &line->source_name);
	packet_line_add(line, " > ");
	packet_line_address(line, family, layers->destination);
	if (layers->has_ports)
		packet_line_add(line, ".%u", layers->dport);
	add_name(line, &line->destination_name);
	packet_line_add(line, ": ");
}

static void add_fault(struct packet_line *line, const struct packet_layers *layers)
{
	const char *name = layers->network == NETWORK_IPV4 ? "IP" : "IP6";
	size_t at = layers->at;

	switch (layers->fault) {
	case LAYERS_VERSION:
		packet_line_add(line, "%s with version %u", name, layers->frame[at] >> 4);
		break;
	case LAYERS_HEADER_LENGTH:
		packet_line_add(line, "%s bad-hlen %u", name, 4 * (layers->frame[at] & 15));
		break;
	case LAYERS_TOTAL_LENGTH:
		packet_line_add(line, "%s bad-len %u", name, layers_16(layers, at + 2));
		break;
	default:
		packet_line_add(line, "%s [|%s]", name,
				layers->network == NETWORK_IPV4 ? "ip" : "ip6");
	}
	packet_line_add(line, ", length %zu", layers->length > at ? layers->length - at : 0);
}

static void add_ip(struct packet_line *line, const struct packet_layers *layers, int depth)
{
	bool ipv4 = layers->network == NETWORK_IPV4;

	if (layers->fault)
		return add_fault(line, layers);
	packet_line_add(line, ipv4 ? "IP " : "IP6 ");
	if (layers->end > layers->length)
		packet_line_add(line, "truncated-ip%s - %zu bytes missing!%s", ipv4 ? "" : "6",
				layers->end - layers->length, ipv4 ? " " : "");
	add_ends(line, layers);
	for (size_t i = 0; i < layers->extension_count; i++)
		add_extension(line, layers, &layers->extensions[i]);
	if (ipv4 && layers->fragment)
		packet_line_add(line, "frag (id %u, offset %u%s) ", layers->id, layers->offset,
				layers->more ? ", more" : "");
	if (!layers->has_protocol)
		return;
	if (layers->offset)
		add_other(line, layers);
	else
		add_transport(line, layers, depth);
}

/* --- Ethernet --- */

/* IEEE 802 numbers (IANA) that may well be seen on a container's veth. */
static const struct {
	uint16_t ethertype;
	const char *name;
} ethertypes[] = {
	{ 0x0842, "Wake-on-LAN" },
	{ ETH_P_RARP, "RARP" },
	{ ETH_P_8021Q, "802.1Q" },
	{ ETH_P_IPX, "IPX" },
	{ ETH_P_8021AD, "802.1ad" },
	{ 0x8809, "Slow Protocols" },
	{ ETH_P_MPLS_UC, "MPLS" },
	{ ETH_P_MPLS_MC, "MPLS multicast" },
	{ ETH_P_PPP_DISC, "PPPoE discovery" },
	{ ETH_P_PPP_SES, "PPPoE" },
	{ ETH_P_PAE, "EAPOL" },
	{ ETH_P_BATMAN, "batman-adv" },
	{ ETH_P_LLDP, "LLDP" },
	{ ETH_P_MACSEC, "MACsec" },
	{ ETH_P_1588, "PTP" },
	{ ETH_P_NCSI, "NC-SI" },
	{ ETH_P_CFM, "CFM" },
	{ ETH_P_LOOPBACK, "Loopback" },
};

static void add_ethertype(struct packet_line *line, const struct packet_layers *layers)
{
	packet_line_add(line, "ethertype 0x%04x", layers->ethertype);
	for (size_t i = 0; i < ARRAY_SIZE(ethertypes); i++)
		if (ethertypes[i].ethertype == layers->ethertype)
			packet_line_add(line, " (%s)", ethertypes[i].name);
	packet_line_add(line, ", length %zu", layers->length);
}

/* IEEE 802.2: service access points of both ends and a control field. */
static void add_llc(struct packet_line *line, const struct packet_layers *layers)
{
	size_t at = layers->at;

	packet_line_add(line, "802.3, length %u", layers->ethertype);
	if (layers_hold(layers, at, 3))
		packet_line_add(line, ": LLC, dsap 0x%02x ssap 0x%02x ctrl 0x%02x",
				layers->frame[at], layers->frame[at + 1], layers->frame[at + 2]);
}

static void add_tags(struct packet_line *line, const struct packet_layers *layers)
{
	for (size_t i = 0; i < layers->vlan_count; i++) {
		uint16_t tag = layers->vlans[i];

		packet_line_add(line, "vlan %u, p %u%s, ", tag & 0xfff, tag >> 13,
				tag & 0x1000 ? ", DEI" : "");
	}
}

size_t packet_text(const uint8_t *frame, size_t captured, size_t length, char *text, size_t size)
{
	return packet_text_named(frame, captured, length, NULL, NULL, text, size);
}

size_t packet_text_named(const uint8_t *frame, size_t captured, size_t length,
			 const char *source_name, const char *destination_name, char *text,
			 size_t size)
{
	struct packet_line line = {
		.text = text,
		.size = size,
		.source_name = source_name,
		.destination_name = destination_name,
	};
	struct packet_layers layers;

	*text = '\0';
	packet_layers_read(frame, captured, length, &layers);
	add_tags(&line, &layers);
	if (!layers.has_ethertype)
		packet_line_add(&line, "[|ether], length %zu", layers.length);
	else if (layers.network == NETWORK_ARP)
		add_arp(&line, &layers);
	else if (layers.network != NETWORK_OTHER)
		add_ip(&line, &layers, 0);
	else if (layers.ethertype <= ETH_DATA_LEN)
		add_llc(&line, &layers);
	else
		add_ethertype(&line, &layers);
	while (line.used && text[line.used - 1] == ' ')
		text[--line.used] = '\0';
	return line.used;
}
