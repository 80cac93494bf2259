/* SPDX-License-Identifier: GPL-2.0-only */
/* A few packets that follow from the rules, given to loaded programs. */
#ifndef PCTL_TRIAL_H
#define PCTL_TRIAL_H

#include <stddef.h>

#include "explanation.h"

#define TRIAL_MAX 64 /* packets for each direction */

/* What the programs of one direction answered. */
struct trial {
	size_t asked, dropped, passed;
	char dropped_example[96], passed_example[96]; /* "from tcp dport 80: rule 2", "": none */
	char wrong[320]; /* what a program says and the rules do not; "": they agree */
};

/* Gives such packets to the loaded programs, and compares each answer with the reference
 * evaluator. The programs count none of them. 0 or -ENOMEM. */
int trial_run(struct explainer *explainer, enum pctl_direction direction, struct trial *trial);

#endif
