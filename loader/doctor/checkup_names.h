/* SPDX-License-Identifier: GPL-2.0-only */
/* Name lookups of the container behind an interface: do they pass the veth at all? */
#ifndef PCTL_CHECKUP_NAMES_H
#define PCTL_CHECKUP_NAMES_H

struct attachment;
struct checkup;
struct policy;

void checkup_names(struct checkup *checkup, const struct attachment *attachment,
		   const struct policy *policy);

#endif
