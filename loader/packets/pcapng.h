/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A writer of pcapng (draft-ietf-opsawg-pcapng), which Wireshark, tshark and tcpdump read. Blocks
 * are collected in memory and written to a descriptor whole.
 *
 * Functions return 0 or a negative errno; none but pcapng_flush() touches the descriptor. Texts may
 * be NULL: the option is left out. What is not UTF-8 in them becomes '?', and what exceeds an
 * option (65,535 bytes) is cut.
 */
#ifndef PCTL_PCAPNG_H
#define PCTL_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pcapng {
	uint8_t *data; /* whole blocks, not written yet */
	size_t size, room;
	uint32_t interfaces; /* described so far; the next one gets this number */
};

/*
 * There is no epb_verdict (option 7): Wireshark 4.0 and its editcap and mergecap rewrite it with a
 * wrong length, and then refuse the file. The comment has the verdict.
 */
struct pcapng_packet {
	uint32_t interface; /* its number */
	uint64_t time_ns; /* since 1970 */
	const uint8_t *data; /* the Ethernet frame without its checksum */
	uint32_t captured; /* bytes of it */
	uint32_t length; /* that it had */
	bool outbound; /* the interface sends it; else it receives it */
	const char *comment;
};

struct pcapng_statistics {
	uint32_t interface;
	uint64_t time_ns; /* when these numbers were read */
	uint64_t start_ns, end_ns; /* of the capture */
	uint64_t delivered; /* packets that are in the file */
	bool losses_known;
	uint64_t lost; /* packets that should be */
	const char *comment;
};

/* The section header, first of all. */
int pcapng_section(struct pcapng *pcapng, const char *application, const char *os);

/* An Ethernet interface; its packets and statistics come later. Times have nanoseconds. */
int pcapng_interface(struct pcapng *pcapng, const char *name, const char *description,
		     uint32_t snaplen);

int pcapng_packet(struct pcapng *pcapng, const struct pcapng_packet *packet);

int pcapng_statistics(struct pcapng *pcapng, const struct pcapng_statistics *statistics);

/*
 * Writes what was collected. Where that fails midway, a regular file is cut back to whole blocks,
 * so that it stays readable.
 */
int pcapng_flush(struct pcapng *pcapng, int fd);

void pcapng_clear(struct pcapng *pcapng);

#endif
