/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_NOT_ENFORCED_H
#define PCTL_NOT_ENFORCED_H

struct attachment;

/* If programs of the attachment are missing, gives notice that its policy is not enforced now, and
 * which command tells what to do. */
void notice_if_not_enforced(const struct attachment *attachment);

#endif
