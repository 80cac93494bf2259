/* SPDX-License-Identifier: GPL-2.0-only */
/* What was learnt, as a policy. */
#ifndef PCTL_LEARNT_TEXT_H
#define PCTL_LEARNT_TEXT_H

#include "learning.h"
#include "learnt.h"

/*
 * May give a name for an address, as it was learnt from DNS for example. It stands in a comment, so
 * nothing depends on it; what cannot be part of a name of DNS becomes '?'.
 * False: none is known.
 */
typedef bool learnt_namer(void *data, const struct prefix *address, char name[LEARNT_NAME]);

struct learnt_about {
	const char *target; /* as the user named it */
	uint64_t began, seconds; /* since 1970; how long */
	uint64_t connections;
	struct learning_gaps gaps;
	bool too_many_names; /* the rules have addresses, since names made no policy */
	learnt_namer *namer; /* NULL: nothing has a name */
	void *namer_data;
	const struct learnt_names *names; /* for rules, in place of addresses; NULL: none */
};

/* Is something missing, or may be? */
bool learnt_is_whole(const struct learning_gaps *gaps);

/* The policy in the policy language, malloc'd. NULL: out of memory. */
char *learnt_text(const struct learnt *learnt, const struct learnt_about *about);

/*
 * The policy of flows, as narrow as the kernel's tables allow: it is compiled to find out.
 * @exact: no wider than what was seen
 * On success *text is for the caller to free, and *learnt to clear in any case. -E2BIG: even the
 * widest is too large. -EINVAL: the policy is none, which is our fault.
 */
int learnt_policy(const struct flows *flows, bool exact, const struct learnt_about *about,
		  struct learnt *learnt, char **text);

/* One rule of it, without the comment and without sets, `peer @names` for one with names: malloc'd.
 * NULL: out of memory. */
char *learnt_rule_text(const struct learnt_rule *rule);

#endif
