/* SPDX-License-Identifier: GPL-2.0-only */
/* packet_lines FILE: each packet of a capture file as packet_text() writes it, for comparison
 * with tcpdump. Classic format, little endian, Ethernet, as scapy writes it here. */
#include <stdio.h>
#include <stdlib.h>

#include "packet_text.h"

struct record {
	uint32_t seconds, fraction, captured, length;
};

int main(int argc, char **argv)
{
	FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
	char text[PACKET_TEXT];
	struct record record;

	if (!file || fseek(file, 24, SEEK_SET)) {
		perror("packet_lines");
		return EXIT_FAILURE;
	}
	while (fread(&record, sizeof(record), 1, file) == 1) {
		/* Exactly as large as the frame, so that a sanitizer sees each read behind it. */
		uint8_t *frame = malloc(record.captured ? record.captured : 1);

		if (!frame || fread(frame, 1, record.captured, file) != record.captured)
			return EXIT_FAILURE;
		packet_text(frame, record.captured, record.length, text, sizeof(text));
		puts(text);
		free(frame);
	}
	fclose(file);
	return EXIT_SUCCESS;
}
