/* SPDX-License-Identifier: GPL-2.0-only */
/* Any bytes are read as a capture to an end, and no packet has more bytes than it says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pcap_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pcap_file *file = NULL;
	struct pcap_packet packet;
	char path[32];
	int fd = memfd_create("capture", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!pcap_file_open(path, &file)) {
		while (pcap_file_next(file, &packet) > 0) {
			uint8_t *copy = malloc(packet.captured + 1);

			if (!copy || packet.captured > packet.length)
				abort();
			memcpy(copy, packet.frame, packet.captured);
			free(copy);
		}
		pcap_file_close(file);
	}
	close(fd);
	return 0;
}
