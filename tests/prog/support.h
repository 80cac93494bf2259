/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs frames through the programs of a policy, without an interface (BPF_PROG_TEST_RUN), and
 * checks the verdict and the counters. Include this instead of cmocka.h, which wants other headers
 * before it.
 *
 * BPF_PROG_TEST_RUN does not take everything; the lab tests the rest: VLAN tags in the metadata of
 * a socket buffer (a context with vlan_tci is refused), and on tc frames that end before the IPv4
 * header does.
 */
#ifndef PROG_SUPPORT_H
#define PROG_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "frame_text.h"
#include "counters.h"
#include "generation.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define KNOWN (-1) /* in place of an enum pctl_reason: every field is known */
#define RULE(number) (PCTL_SLOT_RULES + (number))

/* A policy in the kernel. */
struct enforcer {
	char *text;
	struct policy *policy;
	struct generation generation;
	struct enforcer *next;
};

/* Loads a policy, or finds it loaded, without remembered first fragments. It lives until many
 * others were loaded. @format: the policy, as for printf(). */
const struct enforcer *enforce(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Loads a policy that the caller has to free with enforcer_free(). */
struct enforcer *enforcer_new(const char *text);
/* The same as for an interface of this kind and mode. */
struct enforcer *enforcer_for(const char *text, const struct meta *meta);
void enforcer_free(struct enforcer *enforcer);

/* The result for one frame. */
struct judgement {
	bool passed;
	uint32_t slot; /* the one that counted */
	int reason; /* enum pctl_reason that counted, or KNOWN */
};

/*
 * Runs a frame through the program of a direction. Fails the test unless exactly one slot counted
 * exactly this frame, and at most one reason did. Returns false where BPF_PROG_TEST_RUN is known to
 * refuse such a frame.
 */
bool judge(const struct enforcer *enforcer, enum pctl_direction direction,
	   const struct frame *frame, struct judgement *judgement);

/* The bare run: 0 and what the program returned, or a negative errno. */
int run_program(int fd, const void *data, size_t length, int *verdict);
/* What the program of a direction returns to pass, or to drop. */
int expected_return(enum pctl_direction direction, bool passes);
/* Whether what run_program() gave is a pass; fails the test when it is neither that nor a drop. */
bool is_pass(enum pctl_direction direction, int verdict);
/* Whether BPF_PROG_TEST_RUN refuses the frame in this direction. */
bool is_refused(enum pctl_direction direction, const uint8_t *frame, size_t length);

static inline int program_of(const struct enforcer *enforcer, enum pctl_direction direction)
{
	return enforcer->generation.programs[direction == PCTL_FROM ? HOOK_XDP : HOOK_EGRESS].fd;
}

/* The words of frame.h through @enforcer, with what is expected of them. */
void expect(const struct enforcer *enforcer, enum pctl_direction direction, const char *frame,
	    bool passes, uint32_t slot, int reason);
#define expect_pass(enforcer, direction, frame, slot) \
	expect(enforcer, direction, frame, true, slot, KNOWN)
#define expect_drop(enforcer, direction, frame, slot) \
	expect(enforcer, direction, frame, false, slot, KNOWN)

/* A class of packets, and which rules match it. */
struct packet_class {
	const char *frame; /* in the words of frame.h */
	const char *matching; /* a rule that matches it: `tcp dport 80` */
	const char *other; /* a rule that does not; NULL: every deny rule matches it */
	int reason; /* KNOWN, or why a field of `matching` is unknown */
	const char *certain; /* a rule without unknown fields, which can allow it; or NULL */
};

/*
 * Checks each class in both directions with five policies: one denies it, one allows it, one denies
 * something else, one allows something else, one has no rule. Each rule is in one direction only
 * and must not affect the other.
 */
void check_classes(const struct packet_class *classes, size_t count);

/* The main() of a test program: returns 77 where BPF cannot be used, and prints why. */
int run_group(const char *name, const struct CMUnitTest *tests, size_t count);

#endif
