/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets of connections between a container and its peer. */
#ifndef PROG_CONVERSATION_H
#define PROG_CONVERSATION_H

#include <netinet/in.h>

#include "abi.h"
#include "frame.h"

#define FIN 0x01
#define SYN 0x02
#define RST 0x04
#define ACK 0x10

#define CONTAINER 0xc6120002 /* 198.18.0.2 */
#define PEER 0xc6120101
#define STRANGER 0xc6120909

struct packet {
	uint8_t protocol;
	uint32_t remote; /* 0: PEER */
	uint16_t local_port, remote_port;
	uint8_t flags; /* of TCP */
	uint32_t sequence, acknowledgement;
	uint8_t type; /* of ICMP */
	uint16_t id;
	const struct packet *about; /* of an ICMP error: a packet of the other direction */
};

/* The address of the other end. */
uint32_t packet_remote(const struct packet *packet);

/* The frame of a packet in this direction. */
void packet_build(struct frame *frame, enum pctl_direction direction, const struct packet *packet);

#endif
