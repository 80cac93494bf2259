/* SPDX-License-Identifier: GPL-2.0-only */
/* A packet that was seen on its way through a program of policyctl, and what became of it. */
#ifndef PCTL_OBSERVATION_H
#define PCTL_OBSERVATION_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "rules.h"

struct implicit_rule;
struct live_finding;
struct owner;

enum decided_by {
	DECIDED_BY_UNKNOWN, /* the policy is gone, so its slots have no meaning any more */
	DECIDED_BY_RULE,
	DECIDED_BY_IMPLICIT, /* a rule that every policy has (implicit.h) */
	DECIDED_BY_DEFAULT, /* the default of the direction */
};

/* The pointers are not owned. The function that fills one in says how long they are valid. */
struct observation {
	struct timespec time; /* of day */
	const char *interface; /* its name */
	uint32_t ifindex;
	const struct owner *owner; /* the container of the interface (owner.h); NULL: not known */
	enum pctl_direction direction;
	enum verdict verdict;
	bool audit; /* what it denies passed */
	bool log; /* the rule says `log` */
	enum decided_by decided_by;
	const struct rule *rule; /* DECIDED_BY_RULE: with its id; else NULL */
	const struct implicit_rule *implicit; /* DECIDED_BY_IMPLICIT, if known; else NULL */
	const char *rule_text; /* what decided, in words: a rule as policy_rule_print() writes it,
				* "implicit allow TEXT", "default to deny", or that the policy is
				* gone */
	uint8_t reason; /* enum pctl_reason: why a field was unknown, or PCTL_REASON_NONE */
	const char *reason_name; /* NULL: no field was unknown */
	const char *reason_meaning; /* likewise */
	/* The live sets of its policy in which the packet's peer is (live_view.h). */
	const struct live_finding *live;
	uint32_t live_count;
	uint32_t packets; /* as how many packets it counted: more than 1 for a GSO packet */
	uint32_t length; /* of the frame, in bytes */
	uint32_t captured; /* how many of these are in `frame` */
	const uint8_t *frame; /* from its Ethernet header on */
};

#endif
