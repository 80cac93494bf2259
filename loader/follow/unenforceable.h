/* SPDX-License-Identifier: GPL-2.0-only */
/* Containers that ask for a policy and have no veth to put it on: said, so that nobody relies on
 * it. */
#ifndef PCTL_UNENFORCEABLE_H
#define PCTL_UNENFORCEABLE_H

#include "engine.h"

/* Why no policy of its own can hold for a container, or for some of its networks; false: it can.
 * @why: in words */
bool unenforceable(const struct engine *engine, const struct container *container, char *why,
		   size_t size);

/* Writes it to the journal, if the container has labels of ours. May be NULL. */
void unenforceable_tell(const struct engine *engine, const struct container *container);
void unenforceable_tell_all(const struct engine *engine); /* of those that run */

#endif
