/* SPDX-License-Identifier: GPL-2.0-only */
/* Metrics of a follower: what it did, and how long that took. */
#ifndef PCTL_FOLLOWER_METRICS_H
#define PCTL_FOLLOWER_METRICS_H

#include <stdio.h>

struct follower;

/* In the text format of Prometheus. */
void follower_write_metrics(const struct follower *follower, FILE *out);

#endif
