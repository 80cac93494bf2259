/* SPDX-License-Identifier: GPL-2.0-only */
/* The answer to a rejected frame, written from docs/policy-language.md and the RFCs, and not from
 * the programs. */
#ifndef PROG_ANSWER_MODEL_H
#define PROG_ANSWER_MODEL_H

#include <stddef.h>
#include <stdint.h>

#define ANSWER_MAX 256 /* bytes of a frame */

/* Writes the frame; returns its length, 0: this one must not be answered. */
size_t answer_model(const uint8_t *frame, size_t length, uint8_t answer[ANSWER_MAX]);

#endif
