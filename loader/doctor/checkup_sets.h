/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_CHECKUP_SETS_H
#define PCTL_CHECKUP_SETS_H

#include "attachment.h"
#include "checkup.h"

/* Are the members of its live sets known, and is there room for them? */
void checkup_sets(struct checkup *checkup, const struct attachment *attachment);

#endif
