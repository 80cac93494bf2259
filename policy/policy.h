/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A policy, from text to the tables the kernel reads and back to text.
 *
 *   text ─── policy_parse(), policy_add_spec() ──► struct policy ── policy_compile() ──► tables
 *   text ◄── policy_print() ───────────────────────┘      └── policy_check() ──► warnings
 *
 * This room holds the data model. text/ reads and prints it, compile/ makes tables of it, check/
 * looks for rules that cannot mean what they say, evaluate/ is the reference for what they mean.
 *
 * Nothing in policy/ prints, exits, or knows of a kernel or a socket: faults are collected in a
 * struct diagnostics. All functions return 0 or a negative errno and leave their outputs untouched
 * when they fail; free functions take NULL.
 */
#ifndef PCTL_POLICY_H
#define PCTL_POLICY_H

#include "rules.h"
#include "sets.h"

struct diagnostics;

/* The bounds of `connections N`: 128 MB of kernel memory, when it is full. */
#define POLICY_CONNECTIONS_MIN 64
#define POLICY_CONNECTIONS_MAX (1u << 20)

#define POLICY_RESOLVERS_MAX 16

struct policy {
	enum verdict defaults[PCTL_DIRECTIONS];
	bool default_audits[PCTL_DIRECTIONS]; /* as struct rule.audit */
	struct treatment default_treatments[PCTL_DIRECTIONS]; /* as struct rule.treatment */
	struct place default_places[PCTL_DIRECTIONS]; /* where each was set */
	struct rule *rules; /* first match decides */
	size_t count;
	/* In the order of their definition, those that need none where they are first named
	 * (reserved_sets.h). Each set has its own memory: rules point at it. */
	struct set **sets;
	size_t set_count;
	/* Likewise the buckets that `rate NAME …` names: rules and defaults point at them. */
	struct bucket **buckets;
	size_t bucket_count;
	/* `own { … }`: addresses that the container may use. None: not given. */
	struct prefixes own;
	struct place own_place;
	/* `resolver { … }`: whose DNS answers are believed. Single addresses, sorted and each once:
	 * two neighbours stay two. */
	struct prefixes resolvers;
	struct place resolvers_place;
	/* `connections N`: how many confirmed ones there is room for. 0: not given. */
	uint32_t connections;
	struct place connections_place;
	/* Of the container of an attachment, not part of the text; only if a rule asks for them. */
	struct pctl_own own_found;
	/* Of an attachment, not part of the text: as if every rule and default that denies had
	 * `audit`. Nothing is enforced. */
	bool audit;
	uint32_t next_id; /* the id for the next rule without one; from 1 on */
};

/* An empty policy that allows everything, or NULL without memory. The caller frees it. */
struct policy *policy_new(void);
void policy_free(struct policy *policy);

static inline void policy_freep(struct policy **policy) /* for _cleanup_ */
{
	policy_free(*policy);
}

/* A deep copy, or NULL without memory. */
struct policy *policy_copy(const struct policy *policy);

/*
 * Moves the rules, sets and buckets of @from behind those of @into, its defaults where it gives
 * any, and its `own`, `resolver` and `connections` in place of those of @into; @from is left empty.
 * -EINVAL: both define a set or a bucket of the same name, *diagnostics says so and nothing was
 * moved; -ENOMEM.
 */
int policy_merge(struct policy *into, struct policy *from, struct diagnostics *diagnostics);

/* Lets messages name rules by id or number: the policy has no text, or no single one, that the
 * reader could look at. Call it after policy_merge(), which needs the places of the defaults. */
void policy_forget_places(struct policy *policy);

/* Appends *rule. The policy then owns its content, and *rule is empty. The caller keeps
 * *capacity, policy->count at first. 0 or -ENOMEM. */
int policy_append(struct policy *policy, size_t *capacity, struct rule *rule);

/* Removes the rule with this id; -ENOENT when there is none. */
int policy_remove(struct policy *policy, uint32_t id);

/* The index of the policy's set of this name, or policy->set_count if there is none. The name
 * need not end in NUL. */
size_t policy_find_set(const struct policy *policy, const char *name, size_t length);

/* Appends a set, which the policy then owns. 0 or -ENOMEM. */
int policy_add_set(struct policy *policy, struct set *set);

/* Whether what this rule denies passes: by its own `audit`, or that of the whole policy. */
bool policy_audits_rule(const struct policy *policy, const struct rule *rule);
/* The same of a default. */
bool policy_audits_default(const struct policy *policy, enum pctl_direction direction);

/* Whether what exceeds its rate passes, likewise. */
bool policy_audits_rate(const struct policy *policy, const struct rule *rule);
bool policy_audits_default_rate(const struct policy *policy, enum pctl_direction direction);

/* Whether nothing is enforced: the whole policy is audited, or all that denies says `audit`. Not of
 * a policy that denies nothing. */
bool policy_only_audits(const struct policy *policy);

/* The directions, as bits, in which some rule or default denies, or has a rate, and is enforced. */
unsigned int policy_enforces(const struct policy *policy);

/* The verdict of an action; false: it is none. */
bool policy_read_action(enum pctl_action action, enum verdict *verdict, bool *audit);

/* `allow`, `deny` or `reject`. */
const char *policy_verdict_name(enum verdict verdict);
/* The verdict of a default as it is written: `deny audit`. */
const char *policy_default_words(const struct policy *policy, enum pctl_direction direction);
/* What becomes of a packet: `pass`, `drop`, `reject`; with @audit, of what is denied: `would drop`,
 * `would reject`. */
const char *policy_verdict_word(enum verdict verdict, bool audit);
/* `from` or `to`. */
const char *policy_direction_name(enum pctl_direction direction);

#endif
