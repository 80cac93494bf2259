/* SPDX-License-Identifier: GPL-2.0-only */
/* Random policies and random frames that match often: few ports, few addresses, few ids, and
 * every kind of odd frame. */
#ifndef PROG_RANDOM_INPUT_H
#define PROG_RANDOM_INPUT_H

#include "frame.h"

/* xorshift64*: the same numbers everywhere, unlike rand(). */
struct random {
	uint64_t state;
};

/* Any seed is good; the sequences of neighbouring seeds are unrelated. */
void random_start(struct random *random, uint64_t seed);
uint32_t random_below(struct random *random, uint32_t bound);

static inline bool one_in(struct random *random, uint32_t bound)
{
	return !random_below(random, bound);
}

#define PICK(random, array) (array)[random_below(random, sizeof(array) / sizeof((array)[0]))]

/* What policies and frames have in common. */
extern const uint16_t random_ports[12];
extern const uint8_t random_types[15];
extern const uint16_t random_vlans[6];
extern const uint8_t random_codes[6];

/* One of the first @few, at most RANDOM_ADDRESSES, in network order, @family: enum pctl_family. */
#define RANDOM_ADDRESSES 9
void random_address(struct random *random, int family, uint32_t few, uint8_t address[16]);
/* The one with this number, below RANDOM_ADDRESSES. */
void random_numbered(unsigned int number, int family, uint8_t address[16]);
/* Any address: mostly one of these, or one that differs from it in few bits. */
void random_neighbour(struct random *random, int family, uint8_t address[16]);
/* One of these, and how many bits of it to take for a block. */
unsigned int random_block(struct random *random, int family, uint8_t address[16]);

/* A policy in the policy language, with its files (embedded.h); the caller frees. */
char *random_policy(struct random *random, unsigned int rules);

/* What a frame that asks DNS has behind its IP headers. */
void push_question(struct random *random, struct frame *frame);

void random_frame(struct random *random, struct frame *frame);
/* The part behind the Ethernet header, of few connections: they begin, are answered, and end. */
void random_conversation_frame(struct random *random, struct frame *frame);

#endif
