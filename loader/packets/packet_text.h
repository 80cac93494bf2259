/* SPDX-License-Identifier: GPL-2.0-only */
/* A frame as one line, as tcpdump -n would write it; where not, docs/monitor.md says. */
#ifndef PCTL_PACKET_TEXT_H
#define PCTL_PACKET_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Room for nearly every line; of a longer one the rest is left out. */
#define PACKET_TEXT 512

/*
 * Writes it, printable ASCII whatever the frame holds, without a newline, and with a NUL.
 * @captured: bytes of the frame that are there, from its Ethernet header on; @length: that it has
 * @size: of @text, at least 1
 * Returns the length of the text.
 */
size_t packet_text(const uint8_t *frame, size_t captured, size_t length, char *text, size_t size);

#endif
