/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TEST_FRAME_TEXT_H
#define TEST_FRAME_TEXT_H

#include "frame.h"

/*
 * A frame from words, so that tables of frames are readable; frame_text.c has the words. Sealed.
 *   "vlan ip4:dst=192.0.2.1 tcp:80"   "ip6 hop dest:2 frag:id=7,more udp:53 cut:80"
 * Unknown words end the test program.
 */
void frame_from_text(struct frame *frame, const char *text);

#endif
