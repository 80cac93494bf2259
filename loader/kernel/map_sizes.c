// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/libbpf.h>
#include <string.h>

#include "constants.h"
#include "map_sizes.h"
#include "policy.skel.h"
#include "util.h"

/* Larger arrays are filled through a mapping. */
#define MAPPED_FROM 32768

static bool uses_peers(const struct compiled *compiled)
{
	return compiled->classes.uses_peers[PCTL_FROM] || compiled->classes.uses_peers[PCTL_TO];
}

static bool uses_sources(const struct compiled *compiled)
{
	return compiled->classes.uses_sources[PCTL_FROM] || compiled->classes.uses_sources[PCTL_TO];
}

/* A policy may ask for peers where no packet gets as far: the programs know the map all the same.
 */
static bool uses_classes(const struct compiled *compiled)
{
	return compiled->service_count > 0 || uses_peers(compiled) || uses_sources(compiled);
}

static bool tracks_fragments(const struct compiled *compiled)
{
	return compiled->track_fragments[PCTL_FROM] || compiled->track_fragments[PCTL_TO];
}

size_t maps_vlan_planes(const struct compiled *compiled)
{
	return compiled_tracks(compiled) ? PCTL_ESTABLISHED_STATES : 1;
}

size_t maps_treatments(const struct compiled *compiled)
{
	return compiled->treats ? (size_t)compiled->slots * PCTL_DIRECTIONS : 0;
}

/* --- sizes --- */

/* What constants say is never asked is not created. */
static void size_map(struct bpf_map *map, bool asked, size_t count)
{
	if (asked)
		bpf_map__set_max_entries(map, count ? count : 1);
	else
		bpf_map__set_autocreate(map, false);
}

static void size_array(struct bpf_map *map, bool asked, size_t count)
{
	size_map(map, asked, count);
	if (count * bpf_map__value_size(map) >= MAPPED_FROM)
		bpf_map__set_map_flags(map, bpf_map__map_flags(map) | BPF_F_MMAPABLE);
}

static void size_mirrors(const struct policy_bpf *skeleton, size_t count)
{
	size_map(skeleton->maps.mirrors, count, count);
	size_map(skeleton->maps.mirror_stats, count, count * PCTL_COPY_COUNTERS);
}

void maps_size(struct policy_bpf *skeleton, const struct compiled *c,
	       const struct generation *generation)
{
	bool peers = uses_peers(c), sources = uses_sources(c), lists = c->classes.list_count;
	struct bpf_map *const hashes[] = {
		skeleton->maps.proto_rules,
		skeleton->maps.port_rules,
		skeleton->maps.service_by_source,
		skeleton->maps.pair_rules,
	};

	bpf_map__set_max_entries(skeleton->maps.rule_stats,
				 (c->slots * PCTL_DIRECTIONS + PCTL_BLOCK_COUNTERS - 1) /
					 PCTL_BLOCK_COUNTERS);
	size_map(skeleton->maps.proto_rules, true, c->proto_count);
	size_map(skeleton->maps.port_rules, true, c->port_count);
	/* Their sizes are exact: elements made beforehand are faster to fill. */
	for (size_t i = 0; i < ARRAY_SIZE(hashes); i++)
		bpf_map__set_map_flags(hashes[i], 0);
	if (!tracks_fragments(c))
		bpf_map__set_autocreate(skeleton->maps.fragments, false);
	if (!answers_by(c, &generation->meta)) {
		bpf_map__set_autocreate(skeleton->maps.answers, false);
		bpf_map__set_autocreate(skeleton->maps.answer_rooms, false);
	}
	size_array(skeleton->maps.services, uses_classes(c), c->service_count);
	size_array(skeleton->maps.source_ports, sources, c->source_page_count);
	size_map(skeleton->maps.service_by_source, sources, c->source_count);
	size_array(skeleton->maps.prefixes, peers, c->prefixes.count);
	size_array(skeleton->maps.peer_rules, peers, c->peer_rule_count);
	size_map(skeleton->maps.pair_rules, peers, c->pair_count);
	size_array(skeleton->maps.peer_lists, lists, c->peer_list_count);
	size_array(skeleton->maps.list_rules, lists, c->list_rule_count);
	size_map(skeleton->maps.vlan_planes, compiled_asks_for_vlans(c), maps_vlan_planes(c));
	size_array(skeleton->maps.plane_tables, c->planes, c->plane_count);
	size_array(skeleton->maps.treatments, c->treats, maps_treatments(c));
	size_mirrors(skeleton, c->mirror_count);
}
