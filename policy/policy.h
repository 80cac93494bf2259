/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A policy, from text to the tables the kernel reads and back to text.
 *
 *   text ─── policy_parse(), policy_add_spec() ──► struct policy ── policy_compile() ──► tables
 *   text ◄── policy_print() ───────────────────────┘
 *
 * Nothing here prints, exits, or knows of a kernel or a socket: what is wrong is collected in a
 * struct diagnostics. All functions return 0 or a negative errno and leave their outputs untouched
 * when they fail; free functions take NULL.
 */
#ifndef PCTL_POLICY_H
#define PCTL_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi.h"

struct diagnostics;

enum verdict {
	VERDICT_ALLOW,
	VERDICT_DENY,
};

/* Where something stands in its text, both counted from 1. Line 0: it did not come from a text. */
struct place {
	unsigned int line;
	unsigned int column;
};

/* Inclusive at both ends. */
struct range {
	uint16_t low;
	uint16_t high;
};

/* A set of numbers; what this library makes is sorted, nothing overlaps or touches. */
struct ranges {
	struct range *items;
	size_t count; /* 0: not given, everything matches */
};

#define POLICY_BOTH ((1u << PCTL_FROM) | (1u << PCTL_TO))

/*
 * One rule. A field that was not given matches everything; what is given must all match. Two rules
 * are the same rule when policy_rule_print() prints them alike.
 */
struct rule {
	uint32_t id; /* unique in its policy, never used twice by one attachment; 0: none yet */
	enum verdict verdict;
	unsigned int directions; /* bits 1 << enum pctl_direction */
	struct ranges protocols; /* IANA numbers; none given: `any`, every IP protocol */
	struct ranges dports; /* destination ports */
	struct ranges types; /* ICMP or ICMPv6 types */
	struct ranges codes; /* codes; only with types */
	struct place place;
};

struct policy {
	enum verdict defaults[PCTL_DIRECTIONS];
	struct place default_places[PCTL_DIRECTIONS]; /* where each was set */
	struct rule *rules; /* first match decides */
	size_t count;
	uint32_t next_id; /* what the next rule without one gets; from 1 on */
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
 * Parses a policy in the policy language (docs/policy-language.md).
 * @name: what messages call it, a file name for example
 * @text, @length: need not end in NUL; a NUL inside is an error
 * Returns 0 and a policy for the caller to free; -EINVAL when there were errors, the first 20
 * are in *diagnostics; -ENOMEM. Warnings alone do not fail. Rules have no ids yet.
 */
int policy_parse(const char *name, const char *text, size_t length, struct policy **policy,
		 struct diagnostics *diagnostics);

/*
 * Appends the rule that a SPEC stands for: `[from:|to:]PROTO[/PORTS]` or `[from:|to:]PORTS/PROTO`.
 * -EINVAL: not a SPEC, *diagnostics says where, in a source called `SPEC`; the policy is unchanged.
 * A number alone brings a warning: it is a protocol, and hardly ever meant so.
 */
int policy_add_spec(struct policy *policy, enum verdict verdict, const char *spec,
		    struct diagnostics *diagnostics);

/* Sets defaults from `allow`, `deny`, `from:allow`, `to:deny` and so on; they replace what a text
 * said. -EINVAL: none of these, *diagnostics says where, in a source called `DEFAULT`. */
int policy_set_default(struct policy *policy, const char *text, struct diagnostics *diagnostics);

/* Removes the rule with this id; -ENOENT when there is none. */
int policy_remove(struct policy *policy, uint32_t id);

/*
 * Gives ids to rules that have none: a rule that stands in @previous (may be NULL) too keeps its id
 * from there, each at most once; the others get fresh ones, above all that @previous ever gave.
 *
 * Returns 0, -ENOMEM, or -EOVERFLOW when no ids are left.
 */
int policy_assign_ids(struct policy *policy, const struct policy *previous);

/*
 * The policy in the policy language: a malloc'd, NUL-terminated text that policy_parse() reads back
 * to the same tables. Ids are not part of it. NULL without memory.
 */
char *policy_print(const struct policy *policy);

/* One rule as policy_print() writes it, without the newline: malloc'd, NULL without memory. */
char *policy_rule_print(const struct rule *rule);

/* Would both print alike, and so mean the same? -ENOMEM, or 0 and the answer in *same. */
int policy_same(const struct policy *a, const struct policy *b, bool *same);

/* `allow` or `deny`. */
const char *policy_verdict_name(enum verdict verdict);
/* `from` or `to`. */
const char *policy_direction_name(enum pctl_direction direction);

/*
 * A rule that a direction whose default is deny has behind its own rules, so that the network keeps
 * working. Not part of policy_print(); `show` prints them as comments.
 */
struct implicit_rule {
	enum pctl_slot slot; /* where its packets are counted */
	unsigned int directions; /* bits 1 << enum pctl_direction */
	const char *text; /* in the policy language, without verdict and direction: `arp` */
	uint8_t protocol; /* ARP: 0 */
	struct range selectors[4]; /* type << 8 | code, as enum pctl_selected says */
	size_t selector_count; /* ARP: 0 */
};

extern const struct implicit_rule policy_implicit_rules[];
extern const size_t policy_implicit_rule_count;

/*
 * Judges a whole policy: warns of rules that can never be reached, naming the rule that hides them,
 * and of `default to deny` where the answers to what the container opens would be dropped. Returns
 * 0, or -ENOMEM.
 */
int policy_check(const struct policy *policy, const char *name, struct diagnostics *diagnostics);

/* What the kernel side reads. Rule number i counts in slot PCTL_SLOT_RULES + i. */
struct compiled {
	struct pctl_tables tables[PCTL_DIRECTIONS];
	bool track_fragments[PCTL_DIRECTIONS]; /* an unknown port could matter in this direction */
	/* For proto_rules, parallel arrays: what a rule that names the protocol says of all of it.
	 */
	struct pctl_proto_key *proto_keys;
	uint32_t *proto_outcomes;
	size_t proto_count;
	/* For port_rules, likewise: each selector whose outcome its page does not tell. */
	struct pctl_port_key *port_keys;
	uint32_t *port_outcomes;
	size_t port_count;
	uint32_t slots; /* counter slots used, the rules' included */
};

/* Compiles a policy; the caller frees the result. -ENOMEM, or -E2BIG when it has more rules than an
 * outcome can name. Pure: the same policy gives the same bytes. */
int policy_compile(const struct policy *policy, struct compiled **compiled);
void compiled_free(struct compiled *compiled);

#endif
