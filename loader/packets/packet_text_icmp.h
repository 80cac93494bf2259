/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_PACKET_TEXT_ICMP_H
#define PCTL_PACKET_TEXT_ICMP_H

#include "packet_line.h"

/* Add what stands behind `SOURCE > DESTINATION: ` of an ICMP or ICMPv6 packet, as packet_text()
 * does. */
void packet_text_icmp(struct packet_line *line, const struct packet_layers *layers);
void packet_text_icmpv6(struct packet_line *line, const struct packet_layers *layers);

#endif
