/* SPDX-License-Identifier: GPL-2.0-only */
/* Frames for the driver. The peer's address is both source and destination, so that a frame
 * means the same in both directions. */
#ifndef BENCH_TRAFFIC_H
#define BENCH_TRAFFIC_H

#include <stdint.h>

#include "driver.h"
#include "policy.h"

#define TRAFFIC_LENGTH 128 /* bytes of each frame */
#define TRAFFIC_PORT 40000 /* the source port of each */

struct packet_fields {
	struct prefix peer; /* its length does not matter */
	uint8_t protocol;
	uint16_t dport;
	uint8_t tcp_flags;
};

void traffic_frame(const struct packet_fields *fields, struct driver_frame *frame);

/* The bytes behind it, the same in all frames. */
void traffic_rest(uint8_t rest[TRAFFIC_LENGTH - sizeof(struct driver_frame)]);

#endif
