// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "bpfmap.h"
#include "error.h"
#include "peer_buckets.h"
#include "util.h"

/* The clock of the buckets. */
static uint64_t bucket_now(void)
{
	struct timespec now = {};

	clock_gettime(CLOCK_MONOTONIC, &now);
	return PCTL_BUCKET_TIME((uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec);
}

static int count_peers(int fd, uint32_t *peers)
{
	_cleanup_(freep) struct pctl_peer_key *keys = calloc(PCTL_PEER_BUCKETS, sizeof(*keys));
	_cleanup_(freep) uint64_t *values = calloc(PCTL_PEER_BUCKETS, sizeof(*values));
	__u32 count = PCTL_PEER_BUCKETS, position;
	uint64_t now = bucket_now();

	if (!keys || !values)
		return -ENOMEM;
	/* -ENOENT: it came to the end of the map. */
	if (bpf_map_lookup_batch(fd, NULL, &position, keys, values, &count, NULL) &&
	    errno != ENOENT)
		return error_set(-errno, "cannot read the map peer_buckets: %m");
	for (__u32 i = 0; i < count; i++)
		*peers += values[i] > now;
	return 0;
}

int buckets_summarise(const struct generation *generation, struct bucket_summary *summary)
{
	const int *maps = generation->maps;

	*summary = (struct bucket_summary){
		.limits = maps[MAP_BUCKETS] >= 0,
		.each = maps[MAP_PEER_BUCKETS] >= 0,
	};
	if (summary->limits)
		summary->memory = map_memory(maps[MAP_BUCKETS]);
	if (!summary->each)
		return 0;
	summary->memory += map_memory(maps[MAP_PEER_BUCKETS]);
	summary->capacity = PCTL_PEER_BUCKETS;
	return count_peers(maps[MAP_PEER_BUCKETS], &summary->peers);
}
