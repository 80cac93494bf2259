/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a policy means for one frame, rule by rule. This is simple and slow, and written from the
 * sentence in docs/policy-language.md, not from the code that the kernel runs: nothing here uses
 * compiled tables. Tests compare the programs with it, and `explain` prints its answer.
 *
 *   The first match decides; then the direction's default. Under `default deny` what keeps a
 *   network working passes.
 *   A field is unknown when the frame does not show it for certain. An unknown field matches
 *   every deny rule and no allow rule.
 *   `ethertype` rules are about frames that are neither IP nor ARP. Of other rules such a frame
 *   is unknown.
 *   What a rule or default with `audit` denies passes. An unknown field matches such a rule only if
 *   nothing behind it that is enforced denies anything in its directions. A rule with `spoofed` and
 *   `audit` decides only what nothing behind it that is enforced denies.
 *   A packet behind an authentication header (AH) is denied as `ah` or as what the AH protects.
 *   A later fragment takes the verdict of its first one in the same VLAN, if that passed and all
 * fields that rules match on were known.
 *   A live set has the members that struct set says; without `loaded` it is unknown whether any
 * other address is one. A rule with `established` matches packets of connections that the policy
 * let begin: known_connections.h.
 */
#ifndef PCTL_EVALUATE_H
#define PCTL_EVALUATE_H

#include "implicit.h"
#include "known_connections.h"
#include "packet_fields.h"
#include "spoofed.h"
#include "policy.h"

/* The verdict of a policy on a packet, and why. */
struct evaluation {
	enum verdict verdict;
	uint32_t slot; /* where it is counted, see enum pctl_slot */
	uint8_t reason; /* enum pctl_reason: why a field that rules match on is unknown, or
			   PCTL_REASON_NONE */
	bool audit; /* `verdict` denies it, but it passes */
	bool log; /* the rule has `log`, so it becomes an event */
	/* What decided does more than its verdict. The evaluator does not: it measures no rate. */
	bool treated;
	/* What decided; both NULL: the direction's default. The policy owns them. */
	const struct rule *rule;
	const struct implicit_rule *implicit;
	enum claim claim; /* what made it spoofed, if `rule` has `spoofed` */
	bool as_ah; /* denied as `ah`; by what the AH protects it would have passed */
	bool followed; /* a later fragment that takes the verdict of its first one */
	enum pctl_established established; /* NO also where no rule asks */
};

static inline bool evaluation_passes(const struct evaluation *evaluation)
{
	return evaluation->verdict == VERDICT_ALLOW || evaluation->audit;
}

/* First fragments, whose verdict later ones take. The caller owns the memory. It sets count to 0
 * for another policy, and when the entries are older than PCTL_FRAGMENT_SECONDS. */
struct first_fragment {
	enum pctl_direction direction;
	struct datagram datagram;
	uint16_t vlan;
	struct evaluation evaluation;
};

struct fragment_memory {
	struct first_fragment *items; /* the oldest first; a full list drops the oldest */
	size_t capacity, count;
};

/*
 * Evaluates a policy for a packet.
 * @memory: NULL: no fragment was seen before, and none is remembered
 * @connections: NULL: there are none, and none is remembered
 * Returns 0, or -ENODATA: a rule of this direction names a set from a file that is not loaded.
 */
int policy_evaluate(const struct policy *policy, enum pctl_direction direction,
		    const struct packet_fields *fields, struct fragment_memory *memory,
		    struct connection_memory *connections, struct evaluation *evaluation);

#endif
