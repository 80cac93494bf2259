/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_PACKET_FRAME_H
#define PCTL_PACKET_FRAME_H

#include "frame.h"
#include "packet_words.h"

/* Makes the frame that the words of a packet describe, from its Ethernet header on. An address that
 * was not given is 198.18.0.1 or 2001:db8::1 for the other end; the container is 198.18.0.2 and
 * 2001:db8::2, with the MAC 02:00:00:00:00:01. What it sends and
 * receives has the container's own addresses instead, if they are known, and `spoofed` was not
 * said.
 * @own: NULL: not known */
void packet_frame(const struct packet_words *packet, const struct pctl_own *own,
		  struct frame *frame);

/* The addresses of the container where none are known: own_find(), with a policy's `own`. */
int packet_example_own(const struct policy *policy, struct pctl_own *own);

#endif
