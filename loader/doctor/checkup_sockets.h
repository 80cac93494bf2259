/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_CHECKUP_SOCKETS_H
#define PCTL_CHECKUP_SOCKETS_H

#include "checkup.h"

/* Does something read what the container sends before tc denies it? A switch would forward it. */
void checkup_sockets(struct checkup *checkup, const struct attachment *attachment);

#endif
