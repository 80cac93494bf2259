/* SPDX-License-Identifier: GPL-2.0-only */
/* The state of a follower, shared by the files of this room. */
#ifndef PCTL_FOLLOWER_STATE_H
#define PCTL_FOLLOWER_STATE_H

#include "bridges.h"
#include "engine.h"
#include "follower.h"
#include "gate.h"
#include "gate_thread.h"
#include "loads.h"
#include "missing.h"
#include "netlink_listen.h"
#include "prepared.h"
#include "set_keeper.h"
#include "timings.h"
#include "uppers.h"
#include "veths.h"

struct follower_counts {
	uint64_t attached, changed, repaired, detached, failures, resyncs, uppers;
	struct histogram gate; /* NEWLINK to held */
	struct histogram policy; /* NEWLINK to policy in force */
};

struct follower {
	struct follower_settings settings;
	sd_event *loop;
	sd_event_source *kernel_events, *arrivals, *alarm, *pass, *neighbours, *quarantines,
		*mirrors_due, *uppers_due; /* NULL: a sidecar does not look for any */
	char pins[PATH_MAX / 2]; /* the directory of the network namespace */
	struct engine *engine;
	struct bridges *bridges;
	struct watched_names *names; /* of a sidecar: none */
	struct gate *gate;
	struct gate_thread *gate_thread;
	struct nl *nl;
	struct nl_listener *listener;
	struct veths veths;
	struct missing missing;
	struct prepared_list prepared;
	struct loads *loads;
	struct uppers uppers;
	struct set_keeper keeper;
	char (*starting)[CONTAINER_ID_SIZE]; /* containers to load a policy for in advance */
	size_t starting_count;
	bool neighbour_gone; /* another process that held veths has died */
	bool veth_gone; /* what is left of it in the pins is to be removed */
	bool links_changed; /* and some attachment makes copies */
	uint64_t mirrors_looked_ns; /* when where they go was looked at last */
	bool ready;
	uint64_t start_ns; /* when it was opened, by clock_monotonic_ns() */
	bool engine_seen; /* it answered once */
	uint64_t listed_ns; /* when it listed its networks last, by clock_monotonic_ns() */
	uint64_t pass_again_ns; /* the last pass failed: when to try again; 0: it did not */
	char trouble[256]; /* why it failed, so that this is logged once */
	struct follower_counts counts;
};

#endif
