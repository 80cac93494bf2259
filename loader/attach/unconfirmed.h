/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Policies that wait to be confirmed (--confirm TIME, kernel/pending.h). After that time opening
 * any session goes back, as it finishes what a killed command left (recovery.h). So what waits for
 * the time has only to open a session then, and if it is killed the next command, daemon or sidecar
 * takes its place.
 */
#ifndef PCTL_UNCONFIRMED_H
#define PCTL_UNCONFIRMED_H

#include "attachment.h"

/* Does it wait to be confirmed? */
static inline bool attachment_unconfirmed(const struct attachment *attachment)
{
	return pending_is(&attachment->current.pending);
}

/* The time begins now. */
int unconfirmed_begin(struct attachment *attachment);

/* The policy stays. -EPERM: it is one of policyctl learn. */
int unconfirmed_confirm(struct session *session, struct attachment *attachment);

/* Puts in force what was there before: a policy or nothing. Closes the attachment in the second
 * case. @purpose: PLAN_UNDO or PLAN_NOT_CONFIRMED;
 * *attached: which of the two. On failure the policy stays, and still waits. */
int unconfirmed_go_back(struct session *session, struct attachment *attachment,
			enum plan_purpose purpose, bool *attached);

/* Is the time over? Then goes back; notice() says so, or why it failed. */
void unconfirmed_recover(struct session *session, uint32_t ifindex);

#endif
