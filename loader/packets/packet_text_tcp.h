/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_PACKET_TEXT_TCP_H
#define PCTL_PACKET_TEXT_TCP_H

#include "packet_line.h"

/* Adds what stands behind `SOURCE > DESTINATION: ` of a TCP packet, as packet_text() does. */
void packet_text_tcp(struct packet_line *line, const struct packet_layers *layers);

#endif
