/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Asking a loaded program what it says of a frame, through BPF_PROG_TEST_RUN. Nothing of it is
 * counted, reported to readers, or remembered: abi.h, "probes".
 */
#ifndef PCTL_PROBE_H
#define PCTL_PROBE_H

#include "generation.h"

/* What a program answers. */
struct probe_answer {
	bool left; /* XDP leaves it to the guard: nothing below is set */
	enum verdict verdict;
	bool audit; /* what it denies passes */
	bool log; /* the rule that decided says `log` */
	uint8_t reason; /* enum pctl_reason or PCTL_REASON_NONE */
	uint32_t slot; /* where it would be counted: enum pctl_slot, or a rule's */
	uint32_t outcome; /* all of this but `reason`, as abi.h writes it */
};

/*
 * Gives a frame to the program of a hook.
 * @frame, @length: from its Ethernet header on
 * -EOPNOTSUPP: BPF_PROG_TEST_RUN does not take such a frame, in words in error_message(). It is
 * shorter than an Ethernet header, larger than about 73 kB, or, on the hooks of tc, an IPv4 or IPv6
 * header in it is cut short. -ENOENT: there is no such program. -EPROTO: what it returned is no
 * answer.
 */
int probe_program(const struct generation *generation, enum hook hook, const void *frame,
		  size_t length, struct probe_answer *answer);

/* The same of a packet that does not, or does, belong to a known connection, whatever the tables of
 * connections have. */
int probe_program_as(const struct generation *generation, enum hook hook,
		     enum pctl_probe_established as, const void *frame, size_t length,
		     struct probe_answer *answer);

#endif
