/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The doorman holds each new veth at the moment at which it becomes the port of a followed bridge,
 * long before the container behind it can run: a thread that does nothing else, so that nothing
 * else can make it late.
 */
#ifndef PCTL_DOORMAN_H
#define PCTL_DOORMAN_H

#include "bridges.h"
#include "gate.h"

struct doorman;

/* A veth that became a port. */
struct arrival {
	uint32_t ifindex;
	uint64_t heard_ns; /* CLOCK_MONOTONIC: when the kernel's message was read, */
	uint64_t held_ns; /* when it was held; 0: it is not */
	bool made_clsact; /* as gate_hold() */
	char why[128]; /* it is not: */
};

/*
 * Before privileges are given up: who holds containers until their policy is there goes before
 * others when every CPU is busy, as far as the caller may say so. The doorman altogether (SCHED_RR,
 * of the lowest priority), the calling thread by a lower nice value.
 */
void doorman_allow_hurry(void);

/*
 * From when it returns on, each veth that comes is held. Those that are there already are not
 * touched. `gate` and `bridges` must outlive it.
 */
int doorman_open(struct gate *gate, struct bridges *bridges, struct doorman **doorman);
void doorman_close(struct doorman *doorman); /* may be NULL */

/* Readable when there are arrivals to take. */
int doorman_fd(const struct doorman *doorman);

/* Takes the oldest arrival; false: there is none. */
bool doorman_take(struct doorman *doorman, struct arrival *arrival);

#endif
