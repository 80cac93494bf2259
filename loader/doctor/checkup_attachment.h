/* SPDX-License-Identifier: GPL-2.0-only */
/* Is the policy on this interface really in force? */
#ifndef PCTL_CHECKUP_ATTACHMENT_H
#define PCTL_CHECKUP_ATTACHMENT_H

#include <stdint.h>

struct checkup;

void checkup_attachment(struct checkup *checkup, uint32_t ifindex);

#endif
