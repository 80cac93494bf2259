/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_LEARNING_FRAMES_H
#define PCTL_LEARNING_FRAMES_H

#include "tap.h"

/*
 * Takes a frame that passed the interface (tap_seen). Of a connection its bytes count. What has no
 * connection becomes a flow, unless the policy in force drops it, an implicit rule passes it
 * anyway, or it is an ICMP error about a connection that was seen.
 * @learning: struct learning
 */
void learning_frame(void *learning, enum pctl_direction direction, const uint8_t *frame,
		    size_t captured, size_t length);

#endif
