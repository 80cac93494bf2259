/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An attachment described for people and as JSON (docs/json.md), so that attach, apply, list, show
 * and stats use the same words for the same things.
 */
#ifndef PCTL_REPORT_H
#define PCTL_REPORT_H

#include <jansson.h>

#include "attachment.h"
#include "counters.h"

/* An attachment with its policy and what it counted. */
struct report {
	const struct attachment *attachment;
	struct policy *policy;
	struct counters counters;
	bool may_administer; /* report_look_at_container() */
};

int report_open(const struct attachment *attachment, struct report *report);
void report_close(struct report *report);

/* Finds out whether a process of the container may have CAP_NET_ADMIN. It looks only where that
 * matters, behind generic XDP on a veth (docs/architecture.md), and then at every process of the
 * machine. */
void report_look_at_container(struct report *report, struct nl *nl);

/* The totals of one direction. */
struct totals {
	struct pctl_counter passed;
	struct pctl_counter dropped;
};
struct totals report_totals(const struct report *report, enum pctl_direction direction);

/* The state as JSON has it: "enforcing", or what is missing (docs/json.md lists the words). */
const char *report_state(const struct attachment *attachment);

/* The same for people: also "held", where all packets are denied because there is no policy yet. */
const char *report_state_word(const struct attachment *attachment);

/* Are all programs in place, and no foreign filter in front of them? */
bool report_enforcing(const struct attachment *attachment);

/* Says on standard error, where programs are missing, that nothing is enforced as it should be, and
 * who tells what to do. */
void report_if_not_live(const struct attachment *attachment);

/* Why the XDP program runs in this mode. */
const char *report_mode_reason(const struct attachment *attachment);

json_t *report_json(const struct report *report); /* list, attach, apply */
json_t *report_json_policy(const struct report *report); /* show */
json_t *report_json_stats(const struct report *report); /* stats */

/* Prints a paragraph for people: the hooks, what they cost, other programs on the device.
 * @prefix: of each line */
void report_print_hooks(const struct report *report, const char *prefix);

#endif
