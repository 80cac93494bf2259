/* SPDX-License-Identifier: GPL-2.0-only */
/* Which container is behind a veth. */
#ifndef PCTL_VETH_CONTAINER_H
#define PCTL_VETH_CONTAINER_H

#include "reconcile_pass.h"

/* The container that the network namespace behind a veth belongs to, as far as that can be known
 * now; NULL. Remembers it in veth->container. */
const struct container *veth_container(struct reconcile_pass *pass, struct veth *veth);

/* Is there a process behind it that is in a container, by its cgroup, and may that be one of the
 * engine's? */
bool veth_is_named(const struct reconcile_pass *pass, const struct veth *veth);

/* A container that runs on the veth's network, and none of whose veths there is known. NULL: all
 * have one. @except: not this one; may be NULL */
const struct container *veth_container_without(const struct follower *f, const struct veth *veth,
					       const struct container *except);

#endif
