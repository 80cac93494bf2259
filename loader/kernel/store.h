/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where policyctl keeps what it attached: a directory of bpffs for each network namespace, in it
 * one for each interface, in that one for each generation.
 *
 *   /sys/fs/bpf/policyctl/net-COOKIE/IFINDEX/GENERATION/{xdp,tc,proto_rules,…,meta}
 *                                   /{subscriptions,event_rings,lost_events,reader-N} event_maps.h
 *
 * COOKIE is the kernel's own name of the namespace, never used twice (SO_NETNS_COOKIE). The
 * namespace's directory is the lock: who holds it may change what is below and what is attached.
 */
#ifndef PCTL_STORE_H
#define PCTL_STORE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpffs.h"

/* With a number behind it: the directory of a gate (gate.h), beside those of the interfaces. */
#define STORE_GATE "gate-"

/* Below the root of a BPF file system (bpffs.h); another path in POLICYCTL_BPFFS. */
#define STORE_NAME "policyctl"

struct store {
	int lock; /* -1: there is no directory yet, nothing is attached */
	struct bpffs bpffs; /* empty with POLICYCTL_BPFFS, and where there is none */
	char root[PATH_MAX / 4];
	char path[PATH_MAX / 2]; /* of this namespace */
};

#define STORE_EMPTY        \
	{                  \
		.lock = -1 \
	}

/* Where it is, or would be: all but the lock. @create: as store_open() */
int store_locate(struct store *store, bool create);

/*
 * Opens the store of the current network namespace and waits for its lock; -EINTR: a signal came
 * meanwhile that is caught, or that is blocked and ends a command (SIGINT, SIGTERM, SIGHUP).
 * @create: make the directories if they are missing, and mount a BPF file system if need be (says
 * so)
 */
int store_open(struct store *store, bool create);

/* The same for who changes nothing: nothing is made, and no store_close() may follow, which tidies
 * up, but a close() of the lock. */
int store_look(struct store *store);

/* From now on this process waits a second at most for the lock of a store, then it is -EBUSY: for
 * who has other things to do. */
void store_wait_briefly(void);

/* The variable POLICYCTL_BPFFS; NULL: it is not set, or empty. */
const char *store_wanted_root(void);

/* Removes directories that became empty and gives the lock back. */
void store_close(struct store *store);

/* The numbers that name the directories in `path`, ascending; malloc'd. A path that is not there
 * has none. */
int store_numbers(const char *path, uint32_t **numbers, size_t *count);

#endif
