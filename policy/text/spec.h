/* SPDX-License-Identifier: GPL-2.0-only */
/* The short forms of the command line: a rule, a default. */
#ifndef PCTL_SPEC_H
#define PCTL_SPEC_H

#include "policy.h"

/*
 * Appends the rule that a SPEC means: `[from:|to:]PROTO[/PORTS]` or `[from:|to:]PORTS/PROTO`. A
 * SPEC with blanks is the fields of a rule, `[from|to] PROTOCOLS FIELD…`, the first ones in the
 * short form or not. It can name the sets and rates of the policy. -EINVAL: not a SPEC,
 * *diagnostics says where, in a source called `SPEC`; the policy is unchanged. A number alone
 * brings a warning: it is read as a protocol, but is rarely meant so.
 */
int policy_add_spec(struct policy *policy, enum verdict verdict, const char *spec,
		    struct diagnostics *diagnostics);

/* Sets defaults from `allow`, `deny`, `reject`, `from:allow`, `to:deny` and so on. They replace
 * those of a text. -EINVAL: none of these, *diagnostics says where, in a source called `DEFAULT`.
 */
int policy_set_default(struct policy *policy, const char *text, struct diagnostics *diagnostics);

#endif
