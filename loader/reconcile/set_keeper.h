/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps the members of live sets current that user space knows: of containers by the engine's
 * cache, of @host and @gateway by the kernel. Events only say that something may have changed; then
 * all sets are compared with what they should have.
 *
 * One process of a network namespace keeps them: the one with the first slot of those that live
 * (gate.h), so the daemon if it runs. Others would undo its work, as far as they are behind. A gate
 * opens behind the keeper's work, so all sets know a container before its first packet.
 * Without any such process the sets stay as they are.
 */
#ifndef PCTL_SET_KEEPER_H
#define PCTL_SET_KEEPER_H

#include <stdio.h>

#include "live_sets.h"

struct follower;
struct reconcile_pass;

/* A set, and what was written into it last. */
struct kept_set {
	struct live_set set;
	struct live_member *members;
	size_t count;
};

struct set_keeper {
	bool dirty; /* something may have changed */
	bool first; /* this process was the one to keep them when it last looked */
	struct kept_set *sets;
	size_t count;
	uint64_t writes, failures; /* sets written; those that could not be */
	char trouble[256]; /* the last failure, so that it is logged once */
};

void set_keeper_clear(struct set_keeper *keeper);

/* Is there anything to do for set_keeper_refresh()? Cheap, and needs no session. */
bool set_keeper_is_due(struct follower *f);

/* Brings all sets up to date, if something may have changed. The session is open. */
void set_keeper_refresh(struct reconcile_pass *pass);

/* The part of /metrics. */
void set_keeper_write_metrics(const struct set_keeper *keeper, FILE *out);

#endif
