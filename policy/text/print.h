/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes the policy language. */
#ifndef PCTL_PRINT_H
#define PCTL_PRINT_H

#include "policy.h"

/*
 * The policy in the policy language: a malloc'd, NUL-terminated text that policy_parse() reads back
 * to the same tables. Ids are not part of it. NULL without memory.
 */
char *policy_print(const struct policy *policy);

/* One rule as policy_print() writes it, without the newline: malloc'd, NULL without memory. */
char *policy_rule_print(const struct rule *rule);

/* All rules as policy_rule_print() writes them, by one stream: a stream for each costs time. */
struct rule_texts {
	const char **items; /* in the order of the rules */
	char *block; /* holds the texts */
};

/* The caller clears *texts. 0 or -ENOMEM. */
int policy_rule_texts(const struct policy *policy, struct rule_texts *texts);
void rule_texts_clear(struct rule_texts *texts);

/* One set likewise; a long one takes several lines. Not of those that need no definition
 * (reserved_sets.h): policy_print() leaves them out. */
char *policy_set_print(const struct set *set);

/* Its `own` statement, with a newline; "" if it has none. Likewise. */
char *policy_own_print(const struct policy *policy);

/* Its `resolver` statement, likewise. */
char *policy_resolvers_print(const struct policy *policy);

/* A limit: `10mbit burst 1s each`. Likewise. */
char *policy_limit_print(const struct limit *limit);

/* One bucket as policy_print() writes it, without the newline. Likewise. */
char *policy_bucket_print(const struct bucket *bucket);

/* Its `rate NAME …` statements, each with a newline; "" if it has none. Likewise. */
char *policy_buckets_print(const struct policy *policy);

/* The default of a direction as policy_print() writes it, without the newline. Likewise. */
char *policy_default_print(const struct policy *policy, enum pctl_direction direction);

/* Whether both policies print alike, the files of their sets hold the same, the same rules are of
 * the baseline, and the container's own
 * addresses are the same where both know them. -ENOMEM, or 0 and the answer in *same. */
int policy_same(const struct policy *a, const struct policy *b, bool *same);

#endif
