/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_PACKET_ANSWER_H
#define PCTL_PACKET_ANSWER_H

#include <stdbool.h>

struct packet_words;

/*
 * The packet with which the other end answers this one, as its ports or its ICMP type say: of TCP,
 * UDP and other protocols with ports, and of echo requests. False: it has no answer that can be
 * named, or its headers are not all there.
 */
bool packet_answer(const struct packet_words *packet, struct packet_words *answer);

#endif
