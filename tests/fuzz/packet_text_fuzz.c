/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any bytes are a frame, and any frame becomes a line of printable ASCII. The first byte is how
 * much of the frame was not captured, the second how much room the line has.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "packet_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;
	size_t captured, missing, space, length;
	uint8_t *frame;

	if (size < 2)
		return 0;
	captured = size - 2;
	missing = data[0] < 128 ? 0 : (data[0] - 128u) * 600;
	space = data[1] ? data[1] * 2 : PACKET_TEXT;
	frame = malloc(
		captured ? captured
			 : 1); /* its own size, so that a sanitizer sees each read behind it */
	text = malloc(space);
	require(frame && text);
	memcpy(frame, data + 2, captured);
	length = packet_text(frame, captured, captured + missing, text, space);
	require(length < space && strlen(text) == length);
	for (size_t i = 0; i < length; i++)
		require(text[i] >= ' ' && text[i] <= '~');
	free(text);
	free(frame);
	return 0;
}
