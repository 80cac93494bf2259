/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The live sets in which the peers of packets are. Sets are asked once for each peer in a row of
 * events: a flood of one peer's packets costs nothing, and what is said is as old as its row.
 */
#ifndef PCTL_PEER_SETS_H
#define PCTL_PEER_SETS_H

#include "live_view.h"

#define PEER_SETS_KEPT 64 /* peers of a row; a power of two */

struct peer_sets {
	struct live_maps maps; /* of the network namespace; not open where there are none */
	uint32_t row; /* number of this row */
	struct peer_sets_answer {
		uint32_t row; /* in which they were asked; 0: never */
		uint64_t generation;
		enum pctl_family family;
		uint32_t address[4];
		uint32_t count;
		struct live_finding findings[PCTL_SETS_MAX];
	} answers[PEER_SETS_KEPT];
};

/* A row begins. What was asked in the one before is forgotten. */
void peer_sets_begin(struct peer_sets *sets);

/*
 * The sets in which the peer of a frame is. *findings is valid until the next call. Returns how
 * many they are.
 * @asked: live_asked_of() of the policy of this generation
 */
uint32_t peer_sets_find(struct peer_sets *sets, const struct live_asked *asked, uint64_t generation,
			enum pctl_direction direction, const uint8_t *frame, size_t captured,
			size_t length, const struct live_finding **findings);

#endif
