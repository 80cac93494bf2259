/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The policy that a container should have: the one noun between its labels and what is attached to
 * its veth. It has the rules and the compiled tables, or what is wrong with what was asked for.
 *
 * Containers with the same labels share one, so it is reference counted.
 * It does not change, except for the ids of its rules, which an attach or a change assigns.
 */
#ifndef PCTL_DESIRED_POLICY_H
#define PCTL_DESIRED_POLICY_H

#include "container.h"
#include "diagnostics.h"
#include "generation.h"

enum desired_kind {
	DESIRED_NOTHING, /* no policy is attached, one of ours is detached */
	DESIRED_POLICY,
	DESIRED_FAULTY, /* something is wrong: see `why` */
	DESIRED_BY_OTHERS, /* another process decides: nothing is attached or detached */
};

#define DESIRED_ASKER_SIZE 80

struct desired_policy {
	unsigned int references;
	enum desired_kind kind;
	char asker[DESIRED_ASKER_SIZE]; /* what asks for its file where no label does: "unlabelled",
					 * "interfaces ve-*" */
	struct plan plan; /* of DESIRED_POLICY, else empty */
	/* In words: "labels policyctl.deny", "web.policy", "labels policyctl.deny, web.policy",
	 * "unlabelled: web.policy", "interfaces ve-*: web.policy". */
	char source[384];
	char why[512]; /* of DESIRED_FAULTY, one line: "label policyctl.deny:1:5: unknown …" */
	struct diagnostics diagnostics; /* errors of DESIRED_FAULTY, warnings of DESIRED_POLICY */
};

/* What the configuration adds to each policy. */
struct desired_additions {
	bool anti_spoof; /* `deny from spoofed` in front, unless a rule says it */
	bool audit; /* it is audited, unless a label says otherwise */
	const char *baseline; /* name of the policy whose rules come first; NULL: there is none */
	const struct policy *baseline_policy; /* what it says; NULL: diagnostics say why not */
};

/* With one reference; NULL without memory. */
struct desired_policy *desired_policy_new(enum desired_kind kind);
struct desired_policy *desired_policy_ref(struct desired_policy *desired);
void desired_policy_unref(struct desired_policy *desired); /* may be NULL */
static inline void desired_policy_unrefp(struct desired_policy **desired)
{
	desired_policy_unref(*desired);
	*desired = NULL;
}

/*
 * What a container's labels, and a policy file behind them, come to. Fills in a new one: POLICY, or
 * FAULTY if there is an error. Errors that are in its diagnostics already count too.
 * @file: name of the policy file that the container gets; NULL: none
 * @file_policy: what the file says; NULL: no file, or it cannot be had and diagnostics say why
 * 0 or -ENOMEM.
 */
int desired_policy_build(struct desired_policy *desired, const struct container *container,
			 const char *file, const struct policy *file_policy,
			 const struct desired_additions *add);

/* Adds an error about the name of the policy file, at the place where it was given. 0 or -ENOMEM.
 */
int desired_policy_refuse_file(struct desired_policy *desired, const struct container *container,
			       const char *file, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * All diagnostics as text, with carets; malloc'd, NULL without memory.
 * @container: name to put in front of those about labels; NULL: none
 */
char *diagnostics_text(const struct diagnostics *diagnostics, const char *container);

#endif
