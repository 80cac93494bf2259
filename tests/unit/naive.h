/* SPDX-License-Identifier: GPL-2.0-only */
/* The outcome of a policy for a packet, computed rule by rule, without tables. */
#ifndef TEST_NAIVE_H
#define TEST_NAIVE_H

#include "lookup.h"

/* The outcome; sets from files must be loaded. */
uint32_t naive_decide(const struct policy *policy, const struct packet *packet);

#endif
