/* SPDX-License-Identifier: GPL-2.0-only */
/* Why something of a packet was not known, in words: the same wherever it is told. */
#ifndef PCTL_REASONS_H
#define PCTL_REASONS_H

#include <stdint.h>

/* The name of an enum pctl_reason and what it means; NULL for PCTL_REASON_NONE, and for what a
 * later version may send. */
const char *reason_name(uint8_t reason);
const char *reason_meaning(uint8_t reason);

#endif
