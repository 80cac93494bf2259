/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The policies of this network namespace, by generation: an event names the generation that made
 * it. A policy is remembered for a minute after it was replaced or detached, since events are read
 * later than they are made.
 */
#ifndef PCTL_KNOWN_POLICIES_H
#define PCTL_KNOWN_POLICIES_H

#include <net/if.h>

#include "live_view.h"
#include "owner.h"
#include "policy.h"
#include "print.h"

struct known_policy {
	uint64_t generation;
	uint32_t ifindex;
	char interface[IF_NAMESIZE];
	struct owner owner; /* the record of the attachment; version 0: none */
	struct policy *policy;
	struct rule_texts texts;
	struct live_asked live; /* of the policy */
	uint64_t gone_at; /* seconds of CLOCK_MONOTONIC when it was missed first; 0: it is in force
			   */
};

struct known_policies {
	struct known_policy *items;
	size_t count;
};

struct session;

/*
 * Learns the policies that are in force in the session's network namespace. Leaves out those that
 * cannot be read. 0 or -ENOMEM.
 * @maps: opened anew: those of its live sets; not open where there are none
 */
int known_policies_learn(struct known_policies *known, struct session *session,
			 struct live_maps *maps);
void known_policies_clear(struct known_policies *known);

/* The policy of a generation, valid until the next known_policies_learn(); NULL: it is not known.
 */
const struct known_policy *known_policies_find(const struct known_policies *known,
					       uint64_t generation);

#endif
