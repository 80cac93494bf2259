/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of apply, diff, deny, allow and delete: a new policy for what is attached, and what
 * changed. */
#ifndef PCTL_CHANGE_H
#define PCTL_CHANGE_H

#include "target.h"

struct change_settings {
	const struct target *target;
	const char *source; /* where the new policy is from, for the owner's record */
	bool preview; /* only say what would change */
	bool anew; /* the rules have no ids of their own yet */
	bool json;
};

/*
 * Puts a new policy in force on each attachment and prints which rules and defaults came and went.
 * One that fails does not keep the others from their turn; it is said then which have the new
 * policy. Returns an exit status.
 * @plans: one for each attachment; may be the same
 * @same: may be NULL; set to whether all of them are in force already
 */
int change_and_tell(struct session *session, struct attachments *attachments,
		    struct plan *const *plans, const struct change_settings *settings, bool *same);

/* The same plan for each. */
int change_all_and_tell(struct session *session, struct attachments *attachments, struct plan *plan,
			const struct change_settings *settings, bool *same);

#endif
