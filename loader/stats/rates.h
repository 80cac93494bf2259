/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How fast counters grow, in packets and bytes per second, between two samples. Rules are compared
 * by their id, so that a rate goes on over an apply. An attachment is compared with itself as long
 * as it is not detached.
 */
#ifndef PCTL_RATES_H
#define PCTL_RATES_H

#include "sample.h"

/*
 * Fills in the rates of `now`, and over how many seconds they were measured. A rule that came in
 * between counted from 0. An attachment that came in between has no rates yet (`rated` is false).
 * The counts of a rule that went move to a row `retired` in one step: they are no rate there, but
 * they are part of the rates of the totals. 0 or -ENOMEM.
 */
int rates_between(const struct sample *before, struct sample *now);

#endif
