/* SPDX-License-Identifier: GPL-2.0-only */
/* The last step of apply, diff, deny, allow and delete: puts a new policy in force, or only
 * compares it, and prints what changes. */
#ifndef PCTL_CHANGE_H
#define PCTL_CHANGE_H

#include "hook_arguments.h"
#include "target.h"

struct change_settings {
	const struct target *target;
	const char *source; /* where the new policy is from, for the record of the owner */
	bool preview; /* only print what would change */
	bool anew; /* the rules get their ids anew; else they keep those that they have */
	bool json;
	const struct hook_arguments *hook; /* NULL: hook and mode stay */
};

/* Is there one whose policy may not be changed by hand (keeper.h)? Then none is: returns an exit
 * status, with a message unless it is EXIT_DONE. */
int changes_check(const struct session *session, const struct attachments *attachments);

/*
 * Puts a new policy in force on each attachment, and prints which rules, sets and defaults changed.
 * If one fails, the others are changed all the same, and a notice says which have the new policy.
 * Returns an exit status.
 * @plans: one for each attachment; they may be the same
 * @same: may be NULL; tells whether all of them were in force already
 */
int change_and_tell(struct session *session, struct attachments *attachments,
		    struct plan *const *plans, const struct change_settings *settings, bool *same);

/* The same plan for each. */
int change_all_and_tell(struct session *session, struct attachments *attachments, struct plan *plan,
			const struct change_settings *settings, bool *same);

#endif
