/* SPDX-License-Identifier: GPL-2.0-only */
/* Interfaces that get a policy by their name: those that no engine's container has. */
#ifndef PCTL_VETH_NAMED_H
#define PCTL_VETH_NAMED_H

#include "reconcile_pass.h"

/* Does the engine decide about it, by the bridge that it is a port of? Else its name does, or did:
 * veth_named_reconcile(). */
bool veth_of_engine(const struct reconcile_pass *pass, const struct veth *veth);

/* Brings it to its desired state: held until it is certain that no container of the engine has it,
 * then the policy of its name; let go if its name is none of the configuration any more. */
void veth_named_reconcile(struct reconcile_pass *pass, struct veth *veth);

/* Logs which interfaces have a name that the configuration has, and are never followed. */
void veth_named_tell_never(const struct follower *f);

#endif
