/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where policyctl keeps what it attached: a directory of bpffs for each network namespace, in it
 * one for each interface, in that one for each generation.
 *
 *   /sys/fs/bpf/policyctl/net-COOKIE/IFINDEX/GENERATION/{xdp,tc,proto_rules,…,meta}
 *                                                     /before/{policy_text,…} generation_pin()
 *                                                     /pending           pending.h
 *                                   /quarantine-ID      quarantine_record.h
 *                                   /{subscriptions,event_rings,lost_events,reader-N} event_maps.h
 *                                   /live/{live_sets,live_members,N/live_words} live_maps.h
 *
 * COOKIE is the kernel's own name of the namespace, never used twice (SO_NETNS_COOKIE). The
 * namespace's directory is the lock: its holder may change what is below and what is attached.
 */
#ifndef PCTL_PINS_H
#define PCTL_PINS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpffs.h"
#include "pins_lock.h"

/* With a number behind it: the directory of a gate (gate.h), beside those of the interfaces. */
#define PINS_GATE "gate-"
#define PINS_DAEMON_GATE 1 /* the number of the daemon's */

/* Below the root of a BPF file system (bpffs.h); another path in POLICYCTL_BPFFS. */
#define PINS_NAME "policyctl"

struct pins {
	int lock; /* -1: there is no directory yet, nothing is attached */
	bool held; /* the lock; a reader can do without (pins_open()) */
	struct bpffs bpffs; /* empty with POLICYCTL_BPFFS, and where there is none */
	char root[PATH_MAX / 4];
	char path[PATH_MAX / 2]; /* of this namespace */
};

#define PINS_EMPTY         \
	{                  \
		.lock = -1 \
	}

/* Where it is, or would be: all but the lock. @create: mount a BPF file system if need be */
int pins_locate(struct pins *pins, bool create);

/* What a process opens pins for. */
enum pins_use {
	PINS_READ, /* changes nothing */
	PINS_WATCH, /* the same, and adds itself to the readers of events (event_maps.h) */
	PINS_CHANGE, /* what is there */
	PINS_CREATE, /* attaches something */
};

/*
 * Opens the pins of the current network namespace and takes its lock, as lock_take() does.
 * PINS_WATCH and PINS_CREATE make the directories if they are missing, and mount a BPF file
 * system if need be (notice() says so). PINS_READ and PINS_WATCH do without the lock if another
 * process does not let go: then notice() says that a change is under way, once for each process,
 * and nothing below may be changed.
 */
int pins_open(struct pins *pins, enum pins_use use);

/* As pins_open() to read; says nothing, and no pins_close() may follow, which tidies up, but a
 * close() of the lock. *holder: if the lock was not had, which process has it */
int pins_look(struct pins *pins, struct lock_holder *holder);

/* The variable POLICYCTL_BPFFS; NULL: it is not set, or empty. */
const char *pins_wanted_root(void);

/* Removes directories that became empty, if the lock is held, and gives it back. */
void pins_close(struct pins *pins);

/* The numbers that name the directories in `path`, ascending; malloc'd. A path that is not there
 * has none. */
int pins_numbers(const char *path, uint32_t **numbers, size_t *count);

#endif
