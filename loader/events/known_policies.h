/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The policies that events speak of, by the generation that made them. They are remembered for a
 * while after they went out of force, since events are read later than they are made.
 */
#ifndef PCTL_KNOWN_POLICIES_H
#define PCTL_KNOWN_POLICIES_H

#include <net/if.h>

#include "owner.h"
#include "policy.h"
#include "print.h"

struct known_policy {
	uint64_t generation;
	uint32_t ifindex;
	char interface[IF_NAMESIZE];
	struct owner owner; /* as recorded with the attachment */
	struct policy *policy;
	struct rule_texts texts;
	uint64_t gone_at; /* seconds of CLOCK_MONOTONIC since when it is not in force, 0: it is */
};

struct known_policies {
	struct known_policy *items;
	size_t count;
};

struct session;

/* Learns what is attached in the session's namespace. 0 or -ENOMEM; what cannot be read is left
 * out. */
int known_policies_learn(struct known_policies *known, struct session *session);
void known_policies_clear(struct known_policies *known);

/* NULL: it is not known. Valid until the next call of known_policies_learn(). */
const struct known_policy *known_policies_find(const struct known_policies *known,
					       uint64_t generation);

#endif
