/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The addresses of containers that start, or are connected to a network: from the kernel, at the
 * other end of their veths. The engine tells them too late: after the container's main() has begun.
 */
#ifndef PCTL_SIGHTINGS_H
#define PCTL_SIGHTINGS_H

#include "set_members.h"
#include "reconcile_pass.h"

/*
 * Takes down which addresses the other end of a veth has, while it is held since it came: no
 * process of the container can have used the network yet. False: it has none yet. Where it is up
 * whoever holds it asks again soon; after a second or two it counts as one without.
 */
bool sighting_take(struct follower *f, struct veth *veth);

/* Its other end is in another container. */
void sighting_drop(struct veth *veth);

/* What the engine and the sightings say together. 0 or -ENOMEM. Free items. */
int sightings_claims(const struct follower *f, struct member_claims *claims);

#endif
