/* SPDX-License-Identifier: GPL-2.0-only */
/* What policyctl attached in this and in other network namespaces, and pins of namespaces that are
 * gone. */
#ifndef PCTL_CHECKUP_NAMESPACES_H
#define PCTL_CHECKUP_NAMESPACES_H

struct checkup;

void checkup_namespaces(struct checkup *checkup);

#endif
