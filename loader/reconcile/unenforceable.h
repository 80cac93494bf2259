/* SPDX-License-Identifier: GPL-2.0-only */
/* Containers that have no veth to put a policy on. */
#ifndef PCTL_UNENFORCEABLE_H
#define PCTL_UNENFORCEABLE_H

#include "engine.h"

/* Why no policy of its own can hold for a container, or for some of its networks; false: it can.
 * @why: in words */
bool unenforceable(const struct engine *engine, const struct container *container, char *why,
		   size_t size);

#endif
