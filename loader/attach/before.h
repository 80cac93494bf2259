/* SPDX-License-Identifier: GPL-2.0-only */
/* One step back: the policy that was pinned along (generation_pin()) comes in force again. */
#ifndef PCTL_BEFORE_H
#define PCTL_BEFORE_H

#include "attachment.h"

/* Puts the policy, owner and mode of `before` in force, atomically. Rules that are in both keep
 * their counters. @before: by generation_open_before() */
int attachment_bring_back(struct session *session, struct attachment *attachment,
			  const struct generation *before, enum plan_purpose purpose);

#endif
