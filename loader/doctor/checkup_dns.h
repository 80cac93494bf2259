/* SPDX-License-Identifier: GPL-2.0-only */
/* Were the addresses of a policy's names learnt? */
#ifndef PCTL_CHECKUP_DNS_H
#define PCTL_CHECKUP_DNS_H

#include "checkup.h"

void checkup_dns(struct checkup *checkup, const struct attachment *attachment);

#endif
