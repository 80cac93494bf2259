/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_CHECKUP_CONNECTIONS_H
#define PCTL_CHECKUP_CONNECTIONS_H

#include "attachment.h"
#include "checkup.h"

/* Is there room in the table of connections? */
void checkup_connections(struct checkup *checkup, const struct attachment *attachment);

#endif
