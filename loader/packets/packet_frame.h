/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_PACKET_FRAME_H
#define PCTL_PACKET_FRAME_H

#include "frame.h"
#include "packet_words.h"

/* Makes the frame that the words of a packet describe, from its Ethernet header on. An address that
 * was not given is 198.18.0.1 or 2001:db8::1 for the other end; the container is 198.18.0.2 and
 * 2001:db8::2. */
void packet_frame(const struct packet_words *packet, struct frame *frame);

#endif
