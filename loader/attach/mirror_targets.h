/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interfaces that copies go to. A policy names them; which ones they are now is looked up here,
 * in the network namespace of the session. Copies must neither be judged nor come back: a target
 * that has a policy, or that leads to where the copies are from, gets none. What leads to another
 * network namespace, or to a machine, is not followed.
 */
#ifndef PCTL_MIRROR_TARGETS_H
#define PCTL_MIRROR_TARGETS_H

#include "mirror_map.h"
#include "session.h"

/*
 * May a policy make its copies on this interface? Asked before a person's change.
 * @old: what it names too is not looked at: a target that is away just now keeps nobody from
 * changing the rest of the policy. NULL: there is none
 * -ENODEV, -ELOOP, with words: a target is not there, or would be judged or lead back.
 */
int mirrors_check(struct session *session, const struct link *link, const struct policy *policy,
		  const struct policy *old);

/* Looks for all targets of all attachments, and writes where they are now. notice() names each that
 * is another one than before. Only if some attachment makes copies: session->mirrors. */
int mirrors_renew(struct session *session);

/* Does an attachment in this directory of a network namespace make copies? */
bool mirrors_are_made(const char *path);

/* Which targets are there, and up, at this moment: what other processes have not renewed yet. */
void mirrors_look(struct nl *nl, struct mirror_views *views);

#endif
