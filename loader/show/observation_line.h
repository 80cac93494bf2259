/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_OBSERVATION_LINE_H
#define PCTL_OBSERVATION_LINE_H

#include "observation.h"
#include "packet_text.h"

/* The packet as tcpdump -n writes it, with the name behind its peer's address that is known of it
 * by live sets. */
void observation_packet_text(const struct observation *observation, char text[PACKET_TEXT]);

/* Prints a packet that was seen as a line on standard output, for people (docs/monitor.md). */
void observation_print(const struct observation *observation);

#endif
