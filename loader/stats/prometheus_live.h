/* SPDX-License-Identifier: GPL-2.0-only */
/* Live sets as metrics, where a policy has some. */
#ifndef PCTL_PROMETHEUS_LIVE_H
#define PCTL_PROMETHEUS_LIVE_H

#include <stdio.h>

#include "sample.h"

void prometheus_write_live(FILE *out, const struct sample *sample);

#endif
