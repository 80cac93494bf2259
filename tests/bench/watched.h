/* SPDX-License-Identifier: GPL-2.0-only */
/* Two readers of events while packets are judged, like `policyctl monitor` and `policyctl
 * capture` together, without any output. */
#ifndef BENCH_WATCHED_H
#define BENCH_WATCHED_H

#include "event_maps.h"

struct watched;

/* Opens two readers of these events, one of them of whole packets, and drains them now and then
 * in a thread. Ends the program if that fails. */
struct watched *watched_new(const struct event_maps *maps);
void watched_free(struct watched *watched); /* may be NULL */

#endif
