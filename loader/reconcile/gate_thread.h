/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A thread that holds each new veth as soon as it becomes the port of a followed bridge, long
 * before the container behind it can run; and once more when its other end leaves this network
 * namespace. It holds each new veth and tap with a name that is watched as soon as it is there. It
 * does nothing else, so nothing else can make it late.
 */
#ifndef PCTL_GATE_THREAD_H
#define PCTL_GATE_THREAD_H

#include "bridges.h"
#include "gate.h"
#include "watched_names.h"

struct gate_thread;

/* A veth that became a port of a bridge, or whose other end left this network namespace while it
 * was not held; or an interface that got a name that is watched. */
struct arrival {
	uint32_t ifindex;
	uint64_t heard_ns; /* clock_monotonic_ns() when the kernel's message was read, */
	uint64_t held_ns; /* and when it was held; 0: that failed */
	bool made_clsact; /* as gate_hold() */
	bool watched; /* its name is why */
	char why[128]; /* that failed */
};

/*
 * To be called before privileges are given up, and shortly before gate_thread_open(): asks that
 * this process runs first when every CPU is busy, as far as the caller may. The gate's thread gets
 * SCHED_RR, of the lowest priority. The calling thread gets a lower nice value, and so does its
 * session if it leads one. Where the limit RLIMIT_RTPRIO cannot be raised, the calling thread has
 * SCHED_RR itself until gate_thread_open().
 */
void gate_thread_request_priority(void);

/*
 * Starts the thread. Each veth that comes after this function has returned is held; those that are
 * there only when their other end leaves this network namespace, or when they get a name that is
 * watched. `gate`, `bridges` and `names` must outlive the thread.
 */
int gate_thread_open(struct gate *gate, struct bridges *bridges, struct watched_names *names,
		     struct gate_thread **gate_thread);
/* Nothing is held any more by it. Arrivals can still be taken. */
void gate_thread_stop(struct gate_thread *gate_thread);
void gate_thread_close(struct gate_thread *gate_thread); /* may be NULL */

/* Readable when there are arrivals to take. */
int gate_thread_fd(const struct gate_thread *gate_thread);

/* Takes the oldest arrival; false: there is none. */
bool gate_thread_take(struct gate_thread *gate_thread, struct arrival *arrival);

#endif
