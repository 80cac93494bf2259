/* SPDX-License-Identifier: GPL-2.0-only */
/* Small plain frames, to ask loaded programs about. */
#ifndef PCTL_SAMPLE_FRAME_H
#define PCTL_SAMPLE_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "policy.h"

#define SAMPLE_FRAME_SIZE 96

/* What such a packet says. */
struct sample {
	enum pctl_direction direction;
	uint8_t family; /* enum pctl_family */
	uint8_t protocol;
	uint16_t sport, dport; /* or, of ICMP, type << 8 | code in dport */
	struct prefix peer; /* its first address; length 0: some address */
};

/* Writes an Ethernet frame with IPv4 or IPv6 and 20 bytes behind it. Returns its length. */
size_t sample_frame(const struct sample *sample, uint8_t frame[SAMPLE_FRAME_SIZE]);
/* The same for a request of ARP. */
size_t sample_frame_arp(uint8_t frame[SAMPLE_FRAME_SIZE]);

#endif
