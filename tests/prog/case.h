/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A policy and frames, one after the other: a disagreement that is kept and can be tried again. As
 * text, each line behind `frames` is a frame:
 *
 *   # why it is kept
 *   default from deny
 *   allow from tcp
 *   frames
 *   xdp 020000000002020000000001080045…
 *   tc vlan ip4:dst=192.0.2.1 tcp:80
 *
 * A frame is in hex or in the words of frame_text.h. The policy has its files with it (embedded.h).
 */
#ifndef PROG_CASE_H
#define PROG_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "generation.h"

struct passage {
	enum hook hook;
	uint8_t *bytes;
	size_t length;
};

struct test_case {
	char *policy;
	struct passage *passages;
	size_t count;
};

void case_clear(struct test_case *c);
/* Copies the frame. */
void case_add(struct test_case *c, enum hook hook, const uint8_t *bytes, size_t length);

void case_write(FILE *out, const struct test_case *c);
/* 0, or -EINVAL. */
int case_read(FILE *in, struct test_case *c);

/*
 * Loads the policy and runs the frames. True: evaluator and programs disagree. *at is the frame, or
 * the count of frames if only the totals differ; the caller frees *finding. A policy that cannot be
 * loaded is a disagreement only if @strict.
 */
bool case_disagrees(const struct test_case *c, bool strict, size_t *at, char **finding);

#endif
