/* SPDX-License-Identifier: GPL-2.0-only */
/* Live sets and DNS as metrics, where a policy has some. */
#ifndef PCTL_PROMETHEUS_LIVE_H
#define PCTL_PROMETHEUS_LIVE_H

#include <stdio.h>

#include "sample.h"

void prometheus_write_live(FILE *out, const struct sample *sample);

/* What was learnt from DNS answers, and what was not, where a policy has names. */
void prometheus_write_dns(FILE *out, const struct sample *sample);

#endif
