/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attachments: policies in force on interfaces of this network namespace, and the only functions
 * that make, change and end them. Commands, the daemon and sidecars all use these.
 *
 * The kernel holds the whole state. A change first pins a complete new generation, marked
 * "enforcing", then swaps the programs on the hooks, then marks it "done" and forgets the old one.
 * A process that is killed in between leaves each hook with the whole old or the whole new policy.
 * Opening the next session finishes the work.
 */
#ifndef PCTL_ATTACHMENT_H
#define PCTL_ATTACHMENT_H

#include "hooks.h"
#include "mode.h"
#include "session.h"

struct attachment {
	struct generation current;
	struct hooks hooks; /* as they were when it was opened */
};

#define ATTACHMENT_EMPTY                    \
	{                                   \
		.current = GENERATION_EMPTY \
	}

/* The attachment of an interface. -ENOENT: there is none. */
int attachment_open(struct session *session, uint32_t ifindex, struct attachment *attachment);
void attachment_close(struct attachment *attachment);

/* The ifindexes that have an attachment, ascending; malloc'd. */
int attachment_list(const struct session *session, uint32_t **ifindexes, size_t *count);

/* Do all hooks run what they should? */
bool attachment_live(const struct attachment *attachment);

/*
 * Puts a policy in force on an interface that has none of ours. Gives the rules their ids.
 * On failure everything is as before. On success *attachment is open.
 * @owner: pinned with it from the beginning; NULL: it belongs to no container
 */
int attachment_attach(struct session *session, const struct link *link, enum mode_choice mode,
		      const struct plan *plan, const struct owner *owner,
		      struct attachment *attachment);

/* The mode that a choice means on this link; auto: the first one that is tried. */
enum xdp_mode attachment_mode_of(const struct link *link, enum mode_choice choice);

/*
 * Loads the programs and tables for a veth that does not exist yet: that is most of the time which
 * attachment_attach() takes.
 * @mode: auto counts as generic
 * @plan: of a policy that does not ask for the container's own addresses
 * @owner: not NULL
 * @prepared: for attachment_attach_prepared(), or generation_close()
 */
int attachment_prepare(struct session *session, enum mode_choice mode, const struct plan *plan,
		       const struct owner *owner, struct generation *prepared);

/* As attachment_attach() on a veth. Takes *prepared, also when it fails. */
int attachment_attach_prepared(struct session *session, const struct link *link,
			       struct generation *prepared, const struct owner *owner,
			       struct attachment *attachment);

/*
 * Replaces the policy atomically. A rule that keeps its id keeps its counters. On failure the old
 * policy stays in force. The container's own addresses stay as they were found, unless its policy
 * has others in `own_found`.
 * @plan: its rules must have their ids
 * @old: the policy in force, generation_policy()
 * @owner: NULL: as before
 */
int attachment_change(struct session *session, struct attachment *attachment,
		      const struct plan *plan, const struct policy *old, const struct owner *owner);

/*
 * The same in another XDP mode or without XDP, with the same policy. There is no gap: while no XDP
 * program is attached, the guard judges what the container sends.
 */
int attachment_change_mode(struct session *session, struct attachment *attachment,
			   const struct plan *plan, const struct policy *old,
			   const struct owner *owner, enum mode_choice mode);

/* Puts back programs and queues that another process took off. Returns 1 if some were missing, 0 if
 * not. */
int attachment_repair(struct session *session, struct attachment *attachment);

/* Takes the attachment off: exactly what attach added. Closes it. */
int attachment_detach(struct session *session, struct attachment *attachment);

#endif
