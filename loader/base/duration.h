/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_DURATION_H
#define PCTL_DURATION_H

#include <stdint.h>

/* Reads "30s", "5m", "1h" or "7d" as seconds. 0: it is none, or more than `most`. */
uint64_t duration_parse(const char *text, uint64_t most);

#endif
