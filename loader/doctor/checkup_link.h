/* SPDX-License-Identifier: GPL-2.0-only */
/* The interface of one attachment: where it leads, and whether the container uses another one. */
#ifndef PCTL_CHECKUP_LINK_H
#define PCTL_CHECKUP_LINK_H

struct attachment;
struct checkup;

void checkup_link(struct checkup *checkup, const struct attachment *attachment);

#endif
