/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frames of an interface, by a packet socket: for what the tables of connections do not have,
 * protocols without connections and bytes. In a flood it loses frames, and says how many.
 */
#ifndef PCTL_TAP_H
#define PCTL_TAP_H

#include <stddef.h>
#include <stdint.h>

#include "abi.h"

#define TAP_FRAME 2048 /* bytes that are read of each */

struct tap {
	int fd; /* -1: closed */
	uint64_t lost; /* frames, as of the last reading */
	uint8_t *frames; /* room for some */
};

#define TAP_EMPTY        \
	{                \
		.fd = -1 \
	}

/* The caller closes. 0, -ENOMEM, or what the kernel says, in words. */
int tap_open(uint32_t ifindex, struct tap *tap);
void tap_close(struct tap *tap);

/* @captured: of its `length` bytes so many are in `frame` */
typedef void tap_seen(void *data, enum pctl_direction direction, const uint8_t *frame,
		      size_t captured, size_t length);

/* Reads what has come, at most some thousand frames. 0, or a negative errno: -ENETDOWN: the
 * interface is down or gone. */
int tap_read(struct tap *tap, tap_seen *seen, void *data);

#endif
