/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The gate_thread holds each new veth at the moment at which it becomes the port of a followed
 * bridge, long before the container behind it can run: a thread that does nothing else, so that
 * nothing else can make it late.
 */
#ifndef PCTL_GATE_THREAD_H
#define PCTL_GATE_THREAD_H

#include "bridges.h"
#include "gate.h"

struct gate_thread;

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
 * others when every CPU is busy, as far as the caller may say so. The gate_thread altogether
 * (SCHED_RR, of the lowest priority), the calling thread by a lower nice value.
 */
void gate_thread_allow_hurry(void);

/*
 * From when it returns on, each veth that comes is held. Those that are there already are not
 * touched. `gate` and `bridges` must outlive it.
 */
int gate_thread_open(struct gate *gate, struct bridges *bridges, struct gate_thread **gate_thread);
void gate_thread_close(struct gate_thread *gate_thread); /* may be NULL */

/* Readable when there are arrivals to take. */
int gate_thread_fd(const struct gate_thread *gate_thread);

/* Takes the oldest arrival; false: there is none. */
bool gate_thread_take(struct gate_thread *gate_thread, struct arrival *arrival);

#endif
