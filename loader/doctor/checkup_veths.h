/* SPDX-License-Identifier: GPL-2.0-only */
/* The veths of this namespace that have no policy. */
#ifndef PCTL_CHECKUP_VETHS_H
#define PCTL_CHECKUP_VETHS_H

struct checkup;

void checkup_veths(struct checkup *checkup);

#endif
