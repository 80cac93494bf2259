/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was seen, summed up: a flow is what one peer and the container do by one protocol and port.
 * Bounded, since whoever sends chooses peers and ports.
 */
#ifndef PCTL_FLOWS_H
#define PCTL_FLOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi.h"
#include "prefix.h"

#define FLOWS_MAX 65536

enum flow_kind {
	FLOW_PORTS, /* a protocol with ports; `number` is the port that was opened */
	FLOW_ICMP, /* `number` is the type */
	FLOW_PROTOCOL, /* any other IP protocol */
	FLOW_ETHERTYPE, /* no IP; `number` is the ethertype, and there is no peer */
};

struct flow_key {
	struct prefix peer; /* a whole address */
	uint16_t number; /* in host order */
	uint8_t protocol; /* IANA number */
	uint8_t kind; /* enum flow_kind */
	uint8_t direction; /* enum pctl_direction: of what opens it */
};

struct flow_counts {
	uint64_t connections; /* of FLOW_PORTS and echoes */
	uint64_t packets[PCTL_DIRECTIONS];
	uint64_t bytes[PCTL_DIRECTIONS]; /* of frames; at least so many */
};

struct flow {
	struct flow_key key;
	struct flow_counts counts;
	uint64_t answered; /* connections */
	uint64_t longest; /* the most packets that the opener of one connection sent */
	uint16_t opener_low, opener_high; /* the ports of those who opened */
	uint64_t first, last; /* seconds since 1970 */
};

/* Zero-initialised is empty. */
struct flows {
	struct flow *items; /* in the order in which they came */
	size_t count, capacity;
	uint32_t *slots; /* a hash: the index of an item, from 1 on; 0: none */
	size_t slot_count; /* a power of two */
	uint64_t seed; /* of the hash, so that senders cannot choose what collides */
	uint64_t left_out; /* how often there was no room for a new one */
};

void flows_clear(struct flows *flows);

/* Finds one. NULL: there is none. */
struct flow *flows_find(const struct flows *flows, const struct flow_key *key);

/* The same, and makes it. NULL: there is no room, which counts as left out. */
struct flow *flows_get(struct flows *flows, const struct flow_key *key);

void flow_counts_add(struct flow_counts *to, const struct flow_counts *counts);

/* A hash of bytes that whoever does not know the seed cannot foresee. */
uint64_t flows_hash(uint64_t seed, const void *bytes, size_t length);

/* A seed for it. */
uint64_t flows_seed(void);

#endif
