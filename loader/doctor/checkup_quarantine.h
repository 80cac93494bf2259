/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_CHECKUP_QUARANTINE_H
#define PCTL_CHECKUP_QUARANTINE_H

#include "checkup.h"

/* Notes that an attachment is in quarantine. */
void checkup_quarantine(struct checkup *checkup, const struct attachment *attachment);

/* Containers in quarantine: have all of their attachments the policy of it? */
void checkup_quarantined_containers(struct checkup *checkup);

#endif
