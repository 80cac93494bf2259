/* SPDX-License-Identifier: GPL-2.0-only */
/* The words for why a field of a packet was unknown (enum pctl_reason of abi.h), and for what
 * became of the answer to a rejected one. */
#ifndef PCTL_REASONS_H
#define PCTL_REASONS_H

#include <stdint.h>

/* The name of a reason, and what it means. NULL for PCTL_REASON_NONE and for an unknown number. */
const char *reason_name(uint8_t reason);
const char *reason_meaning(uint8_t reason);

/* @fate: enum pctl_answered */
const char *answer_fate_name(uint8_t fate);

#endif
