/* SPDX-License-Identifier: GPL-2.0-only */
/* A frame as a line of text, as tcpdump -n writes it. docs/monitor.md lists the differences. */
#ifndef PCTL_PACKET_TEXT_H
#define PCTL_PACKET_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Room for nearly every line. The rest of a longer one is left out. */
#define PACKET_TEXT 512

/*
 * Writes a line without a newline, ended by a NUL. It is printable ASCII whatever the frame holds:
 * it is made of numbers and of words from here, never of bytes of the frame.
 * @captured: bytes of the frame that are there, from its Ethernet header on
 * @length: bytes that the frame had
 * @size: of @text, at least 1
 * Returns the length of the text.
 */
size_t packet_text(const uint8_t *frame, size_t captured, size_t length, char *text, size_t size);

/*
 * The same, with a name in brackets behind the source or the destination of its IP header.
 * @source_name, @destination_name: printable, on one line; may be NULL
 */
size_t packet_text_named(const uint8_t *frame, size_t captured, size_t length,
			 const char *source_name, const char *destination_name, char *text,
			 size_t size);

#endif
