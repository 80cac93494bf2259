/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether an address is among the peers of a rule, as far as that is known. */
#ifndef PCTL_PEERS_HAVE_H
#define PCTL_PEERS_HAVE_H

#include "peers.h"

/* In this order: a rule matches as well as the worst of its fields does. */
enum answer { NO, MAYBE, YES };

static inline enum answer both(enum answer a, enum answer b)
{
	return a < b ? a : b;
}

static inline enum answer negate(enum answer answer, bool negated)
{
	return negated ? YES - answer : answer;
}

/* @address: as in the packet, 4 or 16 bytes. @established: of the packet that has it */
enum answer peers_have(const struct peers *peers, uint8_t family, const uint8_t *address,
		       enum pctl_established established);

#endif
