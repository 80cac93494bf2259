/* SPDX-License-Identifier: GPL-2.0-only */
/* Containers that should have a policy and have no veth to put it on. */
#ifndef PCTL_UNENFORCEABLE_H
#define PCTL_UNENFORCEABLE_H

#include "follower_state.h"

/* Logs a warning if the container runs, should have a policy, and no veth of it, or not each of
 * them, can have one. For engine_each(): @follower is a struct follower; returns 0. */
int unenforceable_log(void *follower, const struct container *container);

#endif
