/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of target.h that knows of containers. */
#ifndef PCTL_TARGET_CONTAINER_H
#define PCTL_TARGET_CONTAINER_H

#include "target.h"

#define TARGET_CONTAINER "container:"

/* As target_read(), of a target with its name and socket. */
int target_container_ask(struct target *target, int missing);

/* Is the process of it there, and is it its own? */
bool target_container_is_there(const struct target *target);

/* No veth leads to it: says why, and returns `missing`. */
int target_container_without_veth(const struct target *target, int missing);

#endif
