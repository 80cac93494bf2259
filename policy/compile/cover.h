/* SPDX-License-Identifier: GPL-2.0-only */
/* Which rule hides another one. */
#ifndef PCTL_COVER_H
#define PCTL_COVER_H

#include "reach.h"

/*
 * The rule that hides rule @hidden: one before it that covers all its packets if there is one, else
 * the first before it that takes some of them; *alone says which. @hidden itself: there is none, it
 * matches nothing. 0 or -ENOMEM.
 */
int cover_find(const struct reach *reach, const struct traits *traits, size_t hidden, size_t *hider,
	       bool *alone);

#endif
