/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A second opinion: what a policy means for a frame, read off the rules one by one. Simple and
 * slow, written from the promise alone and not from kern/ or policy/compile.c, of which it uses
 * nothing:
 *
 *   A field is unknown when the frame does not let us be sure of it.
 *   An unknown field matches every deny rule and no allow rule.
 *   First match decides; then the direction's default. Under `default deny` what keeps a network
 * working passes. Later fragments whose first one was allowed take its verdict. An AH packet is
 * denied as AH or as what the AH protects.
 */
#ifndef PROG_EVALUATE_H
#define PROG_EVALUATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi.h"
#include "policy.h"

enum piece { PIECE_WHOLE, PIECE_FIRST, PIECE_LATER };

/* What a frame tells. */
struct reading {
	bool is_ip, is_arp; /* neither: not even that is sure */
	bool has_protocol;
	bool has_selector; /* or the protocol has none */
	bool behind_ah;
	uint8_t protocol;
	uint8_t first, second; /* bytes of the selector */
	int reason; /* enum pctl_unknown, or -1: all is known */
	enum piece piece;
	uint8_t datagram[40]; /* who a piece belongs to */
	size_t datagram_length;
};

void read_frame(const uint8_t *frame, size_t length, struct reading *reading);

struct opinion {
	bool passes;
	uint32_t slot;
	int reason;
};

/* First fragments that were allowed. */
#define MEMORY_MAX 256
struct memory {
	struct remembered {
		enum pctl_direction direction;
		uint8_t datagram[40];
		size_t length;
		struct opinion opinion;
	} items[MEMORY_MAX];
	size_t count;
};

void evaluate(const struct policy *policy, enum pctl_direction direction,
	      const struct reading *reading, struct memory *memory, struct opinion *opinion);

#endif
