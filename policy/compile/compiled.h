/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables of a policy, as the kernel side reads them. */
#ifndef PCTL_COMPILED_H
#define PCTL_COMPILED_H

#include "sets.h"
#include "treatments.h"
#include "trie.h"

/* A bucket, or a class in which packets wait. */
struct compiled_bucket {
	char name[BUCKET_NAME_MAX + 1]; /* ""; it belongs to one rule or default alone */
	size_t rule; /* the index of that rule; behind the last one: the default */
	enum pctl_direction direction; /* of that one */
	struct limit limit;
	enum limiting limiting; /* RATE or SHAPE */
	unsigned int directions; /* bits 1 << enum pctl_direction: that use it */
};

/* Rule number i counts in slot PCTL_SLOT_RULES + i. Arrays named alike are parallel: keys and
 * values of a map. */
struct compiled {
	struct pctl_tables tables[PCTL_DIRECTIONS];
	/* Of rules that match on VLANs or on established packets: */
	bool vlans[PCTL_DIRECTIONS]; /* the plane depends on the VLAN in this direction */
	bool established[PCTL_DIRECTIONS]; /* … on whether the packet is established */
	/* Without planes for that: as in struct pctl_tracking. */
	uint32_t decides[PCTL_DIRECTIONS];
	bool decides_first[PCTL_DIRECTIONS];
	uint8_t plane_of[PCTL_DIRECTIONS][PCTL_ESTABLISHED_STATES]; /* without a VLAN */
	struct pctl_planes vlan_planes[PCTL_ESTABLISHED_STATES];
	struct pctl_tables *planes; /* from number first_plane on; NULL: there are none */
	size_t plane_count;
	uint8_t first_plane;
	struct pctl_classes classes; /* all but set_roots and live, which the loader knows */
	uint32_t spoofed; /* the outcome of the first rule with `spoofed`, or PCTL_NONE */
	bool audits; /* some outcome is WOULD_DROP or WOULD_REJECT */
	bool rejects; /* some outcome is REJECT */
	bool track_fragments[PCTL_DIRECTIONS]; /* an unknown port could matter in this direction */
	/* For proto_rules: the outcome of the rule that names the protocol and matches on nothing
	 * else. */
	struct pctl_proto_key *proto_keys;
	uint32_t *proto_outcomes;
	size_t proto_count;
	/* For port_rules, likewise: each selector whose outcome differs from its page's. */
	struct pctl_port_key *port_keys;
	uint32_t *port_outcomes;
	size_t port_count;
	/* For prefixes, services, peer_rules: values by index. */
	struct trie prefixes;
	struct pctl_service *services;
	size_t service_count;
	uint32_t *peer_rules;
	size_t peer_rule_count;
	struct pctl_pair_key *pair_keys;
	uint32_t *pair_outcomes;
	size_t pair_count;
	struct pctl_list_rule *list_rules;
	size_t list_rule_count;
	uint32_t *peer_lists;
	size_t peer_list_count;
	struct pctl_source_page *source_pages; /* 0 or PCTL_DIRECTIONS * PCTL_PAGES */
	size_t source_page_count;
	struct pctl_source_key *source_keys;
	uint32_t *source_services;
	size_t source_count;
	/* What rules do beside their verdict: by slot * PCTL_DIRECTIONS + direction, `slots` of
	 * them; NULL: nothing. A `bucket` in them is the number of an element of `buckets`. */
	struct pctl_treatment *treatments;
	uint32_t treats; /* enum pctl_treated */
	uint32_t mirror_count; /* targets of copies: policy_mirrors() */
	bool mirrors_from; /* what the container sends is copied */
	struct compiled_bucket *buckets; /* number 1 is the first */
	size_t bucket_count;
	/* The sets from files and the live sets that it uses, in the order of set_0, set_1, …; the
	 * policy owns them. */
	const struct set *sets[PCTL_SETS_MAX];
	uint32_t slots; /* counter slots used, the rules' and policy_over_slot() included */
};

/* Whether a rule asks for established packets: connections are tracked. */
static inline bool compiled_tracks(const struct compiled *compiled)
{
	return compiled->established[PCTL_FROM] || compiled->established[PCTL_TO];
}

static inline bool compiled_asks_for_vlans(const struct compiled *compiled)
{
	return compiled->vlans[PCTL_FROM] || compiled->vlans[PCTL_TO];
}

/* With so many counter slots, all else empty; NULL without memory. */
struct compiled *compiled_new(uint32_t slots);
void compiled_free(struct compiled *compiled);

static inline void compiled_freep(struct compiled **compiled) /* for _cleanup_ */
{
	compiled_free(*compiled);
}

#endif
