// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "capture_record.h"
#include "error.h"

static int make_room(struct capture_record *record, size_t size)
{
	uint8_t *memory;

	if (size <= record->room)
		return 0;
	memory = realloc(record->memory, size);
	if (!memory)
		return -ENOMEM;
	record->memory = memory;
	record->room = size;
	return 0;
}

int capture_record_read(struct capture_record *record, struct byte_stream *stream, size_t captured,
			size_t length)
{
	int error;

	if (captured > CAPTURE_RECORD_MAX)
		return error_set(-EIO, "a packet of %zu bytes: the file is damaged", captured);
	error = make_room(record, LINK_HEADROOM + captured);
	if (error)
		return error;
	record->bytes = (struct link_bytes){
		.data = record->memory + LINK_HEADROOM,
		.captured = captured,
		.length = length > captured ? length : captured,
	};
	error = captured ? byte_stream_read(stream, record->bytes.data, captured) : 0;
	return error == -ENODATA ? error_set(-EIO, "it ends in the middle of a packet") : error;
}

void capture_record_clear(struct capture_record *record)
{
	free(record->memory);
	*record = (struct capture_record){};
}
