/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Quarantine: an interface drops all but what is named, until it is released. What was in force
 * before is pinned along (generation_pin()) and comes back in one atomic step.
 */
#ifndef PCTL_QUARANTINE_H
#define PCTL_QUARANTINE_H

#include "attachment.h"

#define QUARANTINE_SOURCE "quarantine" /* struct owner: where its policy is from */

/*
 * The plan of a quarantine from its text. Whatever the text says, its default is to deny. -EINVAL:
 * it cannot be understood. For plan_free().
 */
int quarantine_plan(const char *text, struct plan *plan);

/* Is the attachment in quarantine, and not released? */
bool quarantine_is_on(const struct attachment *attachment);

/*
 * Puts an interface in quarantine, atomically, whether it has an attachment or not. One that is in
 * quarantine already gets the new plan. Native mode is taken where the container may get around
 * generic mode, unless a daemon or sidecar chooses the mode.
 * @plan: its rules get their ids
 * @owner: of an interface without an attachment, or without an owner; NULL: none is known
 * On failure everything is as before. On success *attachment is open.
 */
int quarantine_enter(struct session *session, const struct link *link, struct plan *plan,
		     const struct owner *owner, struct attachment *attachment);

/*
 * Puts in force what was there before the quarantine: the policy, or nothing. Closes the attachment
 * in the second case. Where a daemon or sidecar keeps the policy, nothing is no answer: -ENOENT,
 * and all stays dropped. *attached: which of the two
 */
int quarantine_leave(struct session *session, struct attachment *attachment, bool *attached);

/* Leaves the change to what keeps the attachment: from now on it may replace the policy. */
int quarantine_hand_over(struct attachment *attachment);

#endif
