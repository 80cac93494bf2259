// SPDX-License-Identifier: GPL-2.0-only
#include <byteswap.h>
#include <errno.h>
#include <string.h>

#include "byte_stream.h"
#include "error.h"

int byte_stream_read(struct byte_stream *stream, void *bytes, size_t size)
{
	size_t got = fread(bytes, 1, size, stream->in);

	if (got == size)
		return 0;
	if (ferror(stream->in))
		return error_set(-EIO, "%s", strerror(errno));
	if (!got)
		return -ENODATA;
	return error_set(-EIO, "it ends in the middle of a packet");
}

int byte_stream_skip(struct byte_stream *stream, size_t size)
{
	uint8_t bytes[4096];
	int error = 0;

	while (size && !error) {
		size_t part = size < sizeof(bytes) ? size : sizeof(bytes);

		error = byte_stream_read(stream, bytes, part);
		size -= part;
	}
	return error == -ENODATA ? error_set(-EIO, "it ends in the middle of a packet") : error;
}

uint32_t byte_stream_number32(const struct byte_stream *stream, const uint8_t *at)
{
	uint32_t number;

	memcpy(&number, at, sizeof(number));
	return stream->swapped ? bswap_32(number) : number;
}

uint16_t byte_stream_number16(const struct byte_stream *stream, const uint8_t *at)
{
	uint16_t number;

	memcpy(&number, at, sizeof(number));
	return stream->swapped ? bswap_16(number) : number;
}
