/* SPDX-License-Identifier: GPL-2.0-only */
/* How it is with the buckets of an attachment (kern/abi_treatments.h). */
#ifndef PCTL_PEER_BUCKETS_H
#define PCTL_PEER_BUCKETS_H

#include "generation.h"

struct bucket_summary {
	bool limits; /* there is a rate; false: nothing of what follows is there */
	bool each; /* one for each peer */
	uint32_t peers; /* with a bucket of their own that is not full */
	uint32_t capacity; /* for how many peers there is room */
	uint64_t memory; /* bytes that the kernel has for the maps now; 0: it does not say */
};

/* 0, -ENOMEM, or what the kernel says. */
int buckets_summarise(const struct generation *generation, struct bucket_summary *summary);

#endif
