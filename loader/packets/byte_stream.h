/* SPDX-License-Identifier: GPL-2.0-only */
/* A file, or a pipe, that is read from front to back, with numbers in either byte order. */
#ifndef PCTL_BYTE_STREAM_H
#define PCTL_BYTE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct byte_stream {
	FILE *in;
	bool swapped; /* its numbers have the other byte order than this machine */
};

/* Reads exactly @size bytes. 0; -ENODATA: the stream ended in front of them; -EIO: it ended among
 * them or cannot be read, in words in error_message(). */
int byte_stream_read(struct byte_stream *stream, void *bytes, size_t size);

/* Reads as many bytes and forgets them. 0 or -EIO. */
int byte_stream_skip(struct byte_stream *stream, size_t size);

/* The number at this place, in host order. */
uint32_t byte_stream_number32(const struct byte_stream *stream, const uint8_t *at);
uint16_t byte_stream_number16(const struct byte_stream *stream, const uint8_t *at);

#endif
