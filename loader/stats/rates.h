/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How fast counters grow: two samples give packets and bytes per second. Rules are the same by
 * their id, so that rates go on over an apply; an attachment is the same as long as it is not taken
 * off.
 */
#ifndef PCTL_RATES_H
#define PCTL_RATES_H

#include "sample.h"

/*
 * Fills in the rates of `now`, and over how many seconds they are. A rule that came in between has
 * counted from 0 on; an attachment that came in between has no rates yet (`rated` is false). What
 * rules that went have counted appears in the rows `retired` at once and is no rate there, while
 * the rates of the totals have it as long as it was in them. 0 or -ENOMEM.
 */
int rates_between(const struct sample *before, struct sample *now);

#endif
