/* SPDX-License-Identifier: GPL-2.0-only */
/* @host and @gateway: which interface is meant, and its addresses as members. */
#ifndef PCTL_LIVE_FILL_H
#define PCTL_LIVE_FILL_H

#include "generation.h"
#include "session.h"

/*
 * The interface whose addresses @gateway means: the bridge that `link` is a port of, or itself.
 * "": no rule asks for it.
 */
int live_gateway(struct session *session, const struct link *link, const struct policy *policy,
		 char name[IF_NAMESIZE]);

/* Fills @host and @gateway of a pinned generation with the addresses of this moment. */
int live_fill(struct session *session, const struct generation *generation);

#endif
