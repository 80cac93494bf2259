/* SPDX-License-Identifier: GPL-2.0-only */
/* A line of text of a bounded length: what does not fit is left out. */
#ifndef PCTL_PACKET_LINE_H
#define PCTL_PACKET_LINE_H

#include "packet_layers.h"

struct packet_line {
	char *text;
	size_t size, used; /* used: without the NUL */
	/* Said once behind the ends of the first IP header; NULL: nothing is said. */
	const char *source_name, *destination_name;
};

void packet_line_add(struct packet_line *line, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Adds an address. @family: AF_INET or AF_INET6, of 4 or 16 bytes */
void packet_line_address(struct packet_line *line, int family, const uint8_t *address);

/* Adds the address at an offset of the frame, of 4 or 16 bytes; "?" if it is not there. */
void packet_line_ipv4(struct packet_line *line, const struct packet_layers *layers, size_t at);
void packet_line_ipv6(struct packet_line *line, const struct packet_layers *layers, size_t at);

#endif
