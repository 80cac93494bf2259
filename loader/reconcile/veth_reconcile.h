/* SPDX-License-Identifier: GPL-2.0-only */
/* Reconciles one veth: finds its container, the desired policy, and what to do. */
#ifndef PCTL_VETH_RECONCILE_H
#define PCTL_VETH_RECONCILE_H

#include "desired_attachment.h"
#include "reconcile_pass.h"

/* Brings a veth to its desired state, as far as that can be known now. If something is missing yet,
 * an event marks it dirty again, or its retry_ns comes. */
void veth_reconcile(struct reconcile_pass *pass, struct veth *veth);

/* Makes what is attached what is desired, and lets go. @container: NULL where the interface is
 * followed by its name */
void veth_apply(struct reconcile_pass *pass, struct veth *veth, const struct container *container,
		const struct desired_policy *policy, struct desired_attachment *desired);

/* It failed, with a message: what is held stays so, what has no policy of ours is held. */
void veth_fail(struct reconcile_pass *pass, struct veth *veth,
	       const struct desired_attachment *desired);

/* Detaches what this follower attached there, and takes the gate off. */
int veth_release(struct reconcile_pass *pass, struct veth *veth);

/* Loads the policy of a container that is about to get a veth, if it is known what it will be. */
void veth_prepare(struct reconcile_pass *pass, const char *container);

#endif
