/* SPDX-License-Identifier: GPL-2.0-only */
/* Is this host fit to run policyctl? */
#ifndef PCTL_CHECKUP_HOST_H
#define PCTL_CHECKUP_HOST_H

struct checkup;

/* All that concerns the host: its kernel, its settings, its other namespaces, and the rights of
 * this process. */
void checkup_host(struct checkup *checkup);

#endif
