/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A policy in the kernel, and the reference evaluator beside it: each frame goes through both. What
 * they disagree in is told, never asserted, so that a case can be tried again in smaller and
 * smaller forms.
 */
#ifndef PROG_TRIAL_H
#define PROG_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "generation.h"

struct trial;

/*
 * Loads a policy (embedded.h) for the caller to trial_free(). Returns NULL where it cannot be had:
 * *error is -EINVAL: it is no policy; -E2BIG: its tables would be too large; or what the kernel
 * said, with *message for the caller to free.
 */
struct trial *trial_new(const char *text, int *error, char **message);
void trial_free(struct trial *trial);

enum agreement {
	AGREED,
	NOT_TAKEN, /* BPF_PROG_TEST_RUN does not take such a frame at this hook */
	DISAGREED,
};

/* One frame at one hook. *finding, where they disagree, says in what, for the caller to free. */
enum agreement trial_run(struct trial *trial, enum hook hook, const uint8_t *frame, size_t length,
			 char **finding);

/* What was asked of it, so that one sees that a run tries what it should; sums of evaluations that
 * agreed. */
struct coverage {
	uint64_t verdicts, denied;
	uint64_t by_rule, by_peer, by_source_port, by_implicit; /* by a rule that has the field */
	uint64_t unknown, routed; /* some field was not known; the way it takes */
	uint64_t logged, as_ah, followed;
};

/* Adds what this trial did. */
void trial_add_coverage(const struct trial *trial, struct coverage *sum);

/* Forgets first fragments here and there; the kernel keeps some hundreds and would forget the
 * oldest otherwise. */
void trial_forget_fragments(struct trial *trial);

/* Whether all that was counted is what was expected, and nothing beside it. */
enum agreement trial_check_totals(struct trial *trial, char **finding);

/* `tc`, `guard`, `xdp`. */
const char *hook_name(enum hook hook);

#endif
