/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A pass of the reconcile loop: lists the kernel's veths, and brings those that are marked dirty,
 * or whose time has come, to their desired state.
 */
#ifndef PCTL_RECONCILE_PASS_H
#define PCTL_RECONCILE_PASS_H

#include "follower_state.h"
#include "namespace_containers.h"
#include "session.h"

/* What all veths of a pass share. */
struct reconcile_pass {
	struct follower *follower;
	struct session *session;
	struct namespace_container *namespace_containers; /* only if one of the veths needs them */
	size_t namespace_container_count;
};

/* Is it a port of a bridge, or an interface that is followed by its name? */
bool reconcile_may_follow(const struct follower *f, const struct link *link);

/*
 * Notes when one of these came that is not known yet. The gate's thread hears of it too. But where
 * the other end is in a container from the start, as docker 28 makes it, the policy may judge
 * before that thread has held the veth.
 */
void reconcile_note_new(struct follower *f, const struct link *link);

/* Makes f->veths what the kernel has, and marks what changed: kernel events are only hints. */
int reconcile_list_veths(struct follower *f);

/* One pass, of a tenth of a second at most. *more: dirty veths are left. Errors with a message. */
int reconcile_pass(struct follower *f, bool *more);

/* Opens a session and calls `each` once in it. */
int reconcile_in_session(struct follower *f, void (*each)(struct reconcile_pass *pass));

#endif
