/* SPDX-License-Identifier: GPL-2.0-only */
#include "trial_connections.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <netinet/in.h>
#include <string.h>

static size_t count_keys(int fd)
{
	struct pctl_connection_key key, *previous = NULL;
	size_t count = 0;

	for (; !bpf_map_get_next_key(fd, previous, &key); previous = &key)
		count++;
	return count;
}

static uint8_t flags_of(const struct known_connection *known)
{
	uint8_t flags = known->opener == PCTL_TO ? PCTL_CONNECTION_BY_REMOTE : 0;

	for (int i = 0; i < PCTL_DIRECTIONS; i++)
		flags |= (known->fins[i] ? PCTL_CONNECTION_FIN << i : 0) |
			 (known->resets[i] ? PCTL_CONNECTION_RST << i : 0);
	return flags;
}

/* Has the kernel this connection too, in the right table and the same state? */
static bool is_kept(const struct generation *generation, const struct known_connection *known)
{
	bool confirmed = known->state == PCTL_CONNECTION_CONFIRMED;
	struct pctl_connection_key key = {
		.local_port = htons(known->ends[PCTL_FROM].port),
		.remote_port = htons(known->ends[PCTL_TO].port),
		.protocol = known->protocol,
		.family = known->family,
		.vlan = known->vlan,
	};
	struct pctl_connection kept;

	memcpy(key.local, known->ends[PCTL_FROM].address, sizeof(key.local));
	memcpy(key.remote, known->ends[PCTL_TO].address, sizeof(key.remote));
	return !bpf_map_lookup_elem(generation->maps[confirmed ? MAP_CONNECTIONS : MAP_HALF_OPEN],
				    &key, &kept) &&
	       kept.state == known->state && kept.flags == flags_of(known) &&
	       !memcmp(kept.packets, known->packets, sizeof(kept.packets)) &&
	       (known->protocol != IPPROTO_TCP ||
		!memcmp(kept.acknowledged, known->acknowledged, sizeof(kept.acknowledged))) &&
	       PCTL_OUTCOME_ARG(kept.outcome) == known->slot;
}

size_t print_connections(FILE *out, const struct generation *generation,
			 const struct connection_memory *memory)
{
	size_t there = 0, differences = 0;

	if (!generation->meta.tracks)
		return 0;
	there = count_keys(generation->maps[MAP_CONNECTIONS]) +
		count_keys(generation->maps[MAP_HALF_OPEN]);
	for (size_t i = 0; i < memory->count; i++) {
		const struct known_connection *known = &memory->items[i];

		if (is_kept(generation, known))
			continue;
		differences++;
		fprintf(out, "  a connection of protocol %u, ports %u and %u, state %d, differs\n",
			known->protocol, known->ends[0].port, known->ends[1].port, known->state);
	}
	if (there != memory->count)
		fprintf(out, "  %zu connections, expected %zu\n", there, memory->count);
	return differences + (there != memory->count);
}

uint64_t counted_connections(const struct generation *generation,
			     enum pctl_connection_counter counter)
{
	uint64_t cpus[libbpf_num_possible_cpus()], sum = 0;
	__u32 index = counter;

	if (!generation->meta.tracks ||
	    bpf_map_lookup_elem(generation->maps[MAP_CONNECTION_STATS], &index, cpus))
		return 0;
	for (int i = 0; i < libbpf_num_possible_cpus(); i++)
		sum += cpus[i];
	return sum;
}
