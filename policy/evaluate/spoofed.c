/* SPDX-License-Identifier: GPL-2.0-only */
#include "spoofed.h"

#include <string.h>

/* ICMPv6 types: RFC 2710, RFC 3810, RFC 4861. */
enum {
	MLD_REPORT = 131,
	MLD_DONE = 132,
	MLD2_REPORT = 143,
	ROUTER_SOLICITATION = 133,
	NEIGHBOUR_SOLICITATION = 135,
	NEIGHBOUR_ADVERTISEMENT = 136,
	REDIRECT = 137,
};

static bool is_own_mac(const struct pctl_own *own, const uint8_t mac[6])
{
	return own->known && !memcmp(own->mac, mac, sizeof(own->mac));
}

static bool is_unspecified(uint8_t family, const uint8_t *address)
{
	static const uint8_t zeros[16];

	return !memcmp(address, zeros, family == PCTL_IPV4 ? 4 : 16);
}

/* The unspecified address is nobody's, whatever the blocks are. */
static bool is_own(const struct pctl_own *own, uint8_t family, const uint8_t *address)
{
	size_t size = family == PCTL_IPV4 ? 4 : 16, same;

	for (uint32_t i = 0; i < own->counts[family]; i++) {
		const uint8_t *block = (const uint8_t *)own->blocks[family][i].address;
		const uint8_t *mask = (const uint8_t *)own->blocks[family][i].mask;

		for (same = 0; same < size && !((block[same] ^ address[same]) & mask[same]);)
			same++;
		if (same == size)
			return !is_unspecified(family, address);
	}
	return false;
}

/* RFC 5227: a probe has no sender, and asks for the address that the host wants. */
static enum claim check_arp(const struct pctl_own *own, const struct arp_claim *arp)
{
	const uint8_t *claimed = is_unspecified(PCTL_IPV4, arp->sender) ? arp->target : arp->sender;

	if (!arp->is_readable)
		return CLAIM_UNKNOWN;
	return is_own_mac(own, arp->sender_mac) && is_own(own, PCTL_IPV4, claimed) ? CLAIM_OWN
										   : CLAIM_ARP;
}

static bool is_discovery(const struct packet_fields *fields)
{
	return fields->has_selector && fields->protocol == 58 &&
	       fields->type >= ROUTER_SOLICITATION && fields->type <= REDIRECT;
}

static enum claim check_discovery(const struct pctl_own *own, const struct packet_fields *fields,
				  bool unspecified)
{
	const struct discovery_claim *claim = &fields->discovery;

	if (!claim->is_readable)
		return CLAIM_UNKNOWN;
	/* Only what a host without address sends (RFC 4861 sections 4.1 and 4.3). */
	if (unspecified && fields->type != ROUTER_SOLICITATION &&
	    fields->type != NEIGHBOUR_SOLICITATION)
		return CLAIM_SOURCE;
	/* Without a source a solicitation is duplicate address detection: for its own address. */
	if ((fields->type == NEIGHBOUR_ADVERTISEMENT ||
	     (fields->type == NEIGHBOUR_SOLICITATION && unspecified)) &&
	    !is_own(own, PCTL_IPV6, claim->target))
		return CLAIM_DISCOVERY;
	for (unsigned int i = 0; i < claim->mac_count; i++)
		if (!is_own_mac(own, claim->macs[i]))
			return CLAIM_DISCOVERY;
	return CLAIM_OWN;
}

static bool is_dhcp(const struct packet_fields *fields)
{
	return fields->has_selector && fields->piece == PIECE_WHOLE && fields->protocol == 17 &&
	       fields->sport == 68 && fields->dport == 67;
}

/* What has no source address yet. IGMP: RFC 3376 section 4.2.13. */
static bool needs_no_source(const struct packet_fields *fields)
{
	if (fields->family == PCTL_IPV4)
		return is_dhcp(fields) || (fields->has_protocol && fields->protocol == 2);
	return fields->has_selector && fields->protocol == 58 &&
	       (fields->type == MLD_REPORT || fields->type == MLD_DONE ||
		fields->type == MLD2_REPORT);
}

/* IPv6 only: may there be neighbour discovery that was not found? Later fragments are no use to
 * it. */
static bool may_hide_discovery(const struct packet_fields *fields)
{
	if (fields->family == PCTL_IPV4 || fields->piece == PIECE_LATER)
		return false;
	return !fields->has_protocol || (fields->protocol == 58 && !fields->has_selector);
}

enum claim claim_check(const struct pctl_own *own, const struct packet_fields *fields)
{
	bool unspecified;

	if (!fields->is_ip && !fields->is_arp)
		return CLAIM_UNKNOWN;
	if (!is_own_mac(own, fields->source_mac))
		return CLAIM_MAC;
	if (fields->is_arp)
		return check_arp(own, &fields->arp);
	unspecified = is_unspecified(fields->family, fields->source);
	if (!unspecified && !is_own(own, fields->family, fields->source))
		return CLAIM_SOURCE;
	if (may_hide_discovery(fields))
		return CLAIM_UNKNOWN;
	if (fields->family == PCTL_IPV6 && is_discovery(fields))
		return check_discovery(own, fields, unspecified);
	return !unspecified || needs_no_source(fields) ? CLAIM_OWN : CLAIM_SOURCE;
}
