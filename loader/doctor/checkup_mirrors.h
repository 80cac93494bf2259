/* SPDX-License-Identifier: GPL-2.0-only */
/* Doctor: do the copies of an attachment go where its policy says? */
#ifndef PCTL_CHECKUP_MIRRORS_H
#define PCTL_CHECKUP_MIRRORS_H

#include "checkup.h"

/* Nothing where no copies are made. */
void checkup_mirrors(struct checkup *checkup, const struct attachment *attachment);

#endif
