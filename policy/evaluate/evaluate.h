/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a policy means for one frame, read off the rules one by one. Simple and slow, written from
 * the sentence that docs/policy-language.md begins with and not from what the kernel runs: nothing
 * here knows of compiled tables. Tests hold the programs against it, and `explain` speaks by it.
 *
 *   First match decides; then the direction's default. Under `default deny` what keeps a network
 *   working passes.
 *   A field is unknown when the frame does not let us be sure of it. An unknown field matches every
 *   deny rule and no allow rule.
 *   A packet behind an authentication header (AH) is denied as `ah` or as what the AH protects.
 *   A later fragment takes the verdict of its first one, where that one passed and all that the
 *   policy asks of it was known.
 */
#ifndef PCTL_EVALUATE_H
#define PCTL_EVALUATE_H

#include "implicit.h"
#include "packet_fields.h"
#include "policy.h"

/* What a policy says of a packet. */
struct evaluation {
	enum verdict verdict;
	uint32_t slot; /* where it is counted, see enum pctl_slot */
	uint8_t reason; /* enum pctl_reason: why it could not be known as the policy asks, or
			 * PCTL_REASON_NONE */
	bool log; /* it becomes an event because of the rule's `log` */
	/* What decided; both NULL: the direction's default. They are the policy's. */
	const struct rule *rule;
	const struct implicit_rule *implicit;
	bool as_ah; /* it was judged as `ah`; what the AH protects would have passed */
	bool followed; /* a later fragment that takes what its first one got */
};

/* First fragments that later ones may follow. The memory is the caller's, who also forgets what is
 * older than PCTL_FRAGMENT_SECONDS or belongs to another policy, by count = 0. */
struct first_fragment {
	enum pctl_direction direction;
	struct datagram datagram;
	struct evaluation evaluation;
};

struct fragment_memory {
	struct first_fragment *items; /* the oldest first, which goes first when it is full */
	size_t capacity, count;
};

/*
 * Evaluates a policy for a packet.
 * @memory: NULL: no fragment was seen before, and none is remembered
 * Returns 0, or -ENODATA: a rule of this direction names a set from a file that is not loaded.
 */
int policy_evaluate(const struct policy *policy, enum pctl_direction direction,
		    const struct packet_fields *fields, struct fragment_memory *memory,
		    struct evaluation *evaluation);

#endif
