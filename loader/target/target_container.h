/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of target.h that knows of containers. */
#ifndef PCTL_TARGET_CONTAINER_H
#define PCTL_TARGET_CONTAINER_H

#include "target.h"

/* As target_read(), of a target with its name and socket. */
int target_container_ask(struct target *target);

/* Is the process of the container there, and does it belong to that container? */
bool target_container_is_there(const struct target *target);

/* Has the engine a container of this name or id? False too where it does not answer within a
 * second. */
bool target_container_exists(const char *name);

/* No veth leads to the container: says why, and returns TARGET_ABSENT. */
int target_container_without_veth(const struct target *target);

/* Gives notice of the networks of a container on which it has no veth here: there, no policy is
 * enforced. */
void target_notice_uncovered(const struct target *target);

/* The container that this interface of the target leads to; version 0: it is no container's. */
void target_owner(const struct target *target, const struct link *link, struct owner *owner);

#endif
