/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files that write packets as text share: packet_text.c, and one for each protocol that
 * has much to say. What they write is made of numbers and their own words: never a byte of the
 * packet as it stands there. */
#ifndef PCTL_PACKET_LINE_H
#define PCTL_PACKET_LINE_H

#include "packet_layers.h"

/* Text of a bounded length; what does not fit is left out. */
struct packet_line {
	char *text;
	size_t size, used; /* used: without the NUL */
};

void packet_line_add(struct packet_line *line, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The address at an offset, if it is there: 4 or 16 bytes. */
void packet_line_ipv4(struct packet_line *line, const struct packet_layers *layers, size_t at);
void packet_line_ipv6(struct packet_line *line, const struct packet_layers *layers, size_t at);

/* Each writes what stands behind `SOURCE > DESTINATION: `. */
void packet_line_tcp(struct packet_line *line, const struct packet_layers *layers);
void packet_line_icmp(struct packet_line *line, const struct packet_layers *layers);
void packet_line_icmpv6(struct packet_line *line, const struct packet_layers *layers);

#endif
