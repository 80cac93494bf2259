/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_CHECKUP_AUDIT_H
#define PCTL_CHECKUP_AUDIT_H

#include "checkup.h"

/* Notes what of an attachment is not enforced, by --audit or the word `audit`. */
void checkup_audit(struct checkup *checkup, const struct attachment *attachment,
		   const struct policy *policy);

#endif
