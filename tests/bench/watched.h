/* SPDX-License-Identifier: GPL-2.0-only */
/* Somebody who watches while packets are judged: what `policyctl monitor` and `policyctl capture`
 * do together, but for what they do with the packets. */
#ifndef BENCH_WATCHED_H
#define BENCH_WATCHED_H

#include "event_maps.h"

struct watched;

/* Opens two readers of these events, one of them of whole packets, and drains them from time to
 * time, in a thread. Ends the program where that cannot be. */
struct watched *watched_new(const struct event_maps *maps);
void watched_free(struct watched *watched); /* may be NULL */

#endif
