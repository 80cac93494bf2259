/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Captures: pcapng, and pcap with times in micro- or nanoseconds, in either byte order. Packets
 * come as Ethernet frames, whatever the link layer was (link_layer.h).
 */
#ifndef PCTL_PCAP_FILE_H
#define PCTL_PCAP_FILE_H

#include <stddef.h>
#include <stdint.h>

struct pcap_file;

/* A packet of a capture. */
struct pcap_packet {
	const uint8_t *frame; /* from its Ethernet header on; good until the next one is read */
	size_t captured; /* bytes of it that are there */
	size_t length; /* bytes that it had */
	int direction; /* enum pctl_direction, where the name of its interface tells; else -1 */
};

/* Opens a capture, `-` is standard input. The caller closes *file. -EINVAL: it is none, or of a
 * link layer that cannot be read, in words in error_message(). */
int pcap_file_open(const char *path, struct pcap_file **file);
void pcap_file_close(struct pcap_file *file);

static inline void pcap_file_closep(struct pcap_file **file) /* for _cleanup_ */
{
	pcap_file_close(*file);
}

/* Reads the next packet. 1: there is one; 0: the end; -EIO: the file ends in the middle or is
 * damaged; -EINVAL: its link layer cannot be read; -ENOMEM. */
int pcap_file_next(struct pcap_file *file, struct pcap_packet *packet);

#endif
