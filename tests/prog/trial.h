/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A policy in the kernel and in the reference evaluator: each frame goes through both.
 * Disagreements are returned, never asserted, so that a case can be tried again in smaller forms.
 */
#ifndef PROG_TRIAL_H
#define PROG_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "generation.h"

struct trial;

/* The MAC of the container, which frame_ethernet() writes as source. Its addresses are the first
 * ones of random_address(). */
#define TRIAL_MAC                \
	{                        \
		2, 0, 0, 0, 0, 1 \
	}

/* A comment of a policy's text that says that the whole attachment is audited. */
#define TRIAL_AUDIT "# all of it audit\n"

/*
 * Loads a policy (embedded.h); the caller calls trial_free(). NULL: it failed. *error is -EINVAL:
 * it is no policy; -E2BIG: its tables would be too large; or the kernel's error, with *message for
 * the caller to free.
 */
struct trial *trial_new(const char *text, int *error, char **message);
void trial_free(struct trial *trial);

enum agreement {
	AGREED,
	NOT_TAKEN, /* BPF_PROG_TEST_RUN does not take such a frame at this hook */
	DISAGREED,
};

/* One frame at one hook. On a disagreement *finding describes it; the caller frees it. */
enum agreement trial_run(struct trial *trial, enum hook hook, const uint8_t *frame, size_t length,
			 char **finding);

/* What a run has covered: numbers of evaluations that agreed. */
struct coverage {
	uint64_t verdicts, denied;
	uint64_t rejected, audited;
	/* By a rule that has the field. */
	uint64_t by_rule, by_peer, by_live, by_names, by_source_port, by_vlan, by_implicit;
	uint64_t left; /* by XDP to the guard */
	uint64_t unknown, routed; /* with an unknown field; with a source route */
	uint64_t logged, as_ah, followed, spoofed;
	uint64_t own; /* looked at, and not spoofed */
	uint64_t established, opened, confirmed;
};

/* Adds the coverage of this trial. */
void trial_add_coverage(const struct trial *trial, struct coverage *sum);

/* Forgets the first fragments and the connections in both; else the kernel, which keeps some
 * hundreds, would forget the oldest. */
void trial_forget(struct trial *trial);

/* Is it time to, because there are many connections? */
bool trial_is_full(const struct trial *trial);

/* Compares all counters, and the connections, with the expected ones. */
enum agreement trial_check_totals(struct trial *trial, char **finding);

/* `tc`, `guard`, `xdp`. */
const char *hook_name(enum hook hook);

#endif
