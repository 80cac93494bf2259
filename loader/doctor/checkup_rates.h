/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_CHECKUP_RATES_H
#define PCTL_CHECKUP_RATES_H

#include "attachment.h"
#include "checkup.h"

/* Is there room for the peers that have a rate of their own? */
void checkup_rates(struct checkup *checkup, const struct attachment *attachment);

#endif
