/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_OBSERVATION_LINE_H
#define PCTL_OBSERVATION_LINE_H

#include "observation.h"

/* Prints a packet that was seen as a line on standard output, for people (docs/monitor.md). */
void observation_print(const struct observation *observation);

#endif
