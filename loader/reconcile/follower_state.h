/* SPDX-License-Identifier: GPL-2.0-only */
/* The inside of a follower: follower.c hears and decides when to look, follower_look.c at which
 * veths, follow_veth.c looks at one. */
#ifndef PCTL_FOLLOWER_STATE_H
#define PCTL_FOLLOWER_STATE_H

#include "bridges.h"
#include "gate_thread.h"
#include "engine.h"
#include "follower.h"
#include "gate.h"
#include "netlink_listen.h"
#include "prepared.h"
#include "namespace_containers.h"
#include "timings.h"
#include "veths.h"

struct follower_counts {
	uint64_t attached, changed, repaired, detached, failures, resyncs;
	struct histogram gate; /* NEWLINK to held */
	struct histogram policy; /* NEWLINK to policy */
};

struct follower {
	struct follower_settings settings;
	sd_event *loop;
	sd_event_source *news, *arrivals, *retry, *look, *neighbours;
	struct engine *engine;
	struct bridges *bridges;
	struct gate *gate;
	struct gate_thread *gate_thread;
	struct nl *nl;
	struct nl_listener *listener;
	struct veths veths;
	struct prepared_list prepared;
	char (*starting)[CONTAINER_ID_SIZE]; /* containers to prepare for */
	size_t starting_count;
	bool neighbour_gone; /* what another process held nobody holds any more */
	bool gone; /* a veth went: what is left of it is to be removed */
	bool ready;
	bool engine_seen; /* it answered once */
	uint64_t look_again_ns; /* the last look failed: when to try again; 0: it did not */
	char trouble[256]; /* what it failed of, so that it is told once */
	struct follower_counts counts;
};

/* One look at some veths: what all of them need. */
struct look {
	struct follower *follower;
	struct session *session;
	struct namespace_container *namespace_containers;
	size_t namespace_container_count;
};

/* Makes f->veths what the kernel has, so that messages are hints only; marks what changed. */
int follower_list_veths(struct follower *f);

/* Looks at the veths that are marked or due, as many as can be done in a moment. *more: not all. */
int follower_look(struct follower *f, bool *more);

/* Opens a session, in which `each` is called once. */
int follower_in_session(struct follower *f, void (*each)(struct look *look));

/* Brings one veth to where it should be, as far as that can be known now. What it still waits for
 * will make it dirty again, or its retry_ns. */
void follow_veth(struct look *look, struct veth *veth);

/* The container that a veth leads to, as far as that can be known now; NULL. */
const struct container *follow_whose(struct look *look, struct veth *veth);

/* The XDP mode for a container; *any: who has a policy may keep his. */
enum mode_choice follow_mode(const struct follower *f, const struct container *container,
			     bool *any);

/* Loads the policy of a container that is about to get a veth, if it is known what it will be. */
void follow_prepare(struct look *look, const char *container);

/* Detaches what we attached there and lets it go. */
int follow_release(struct look *look, struct veth *veth);

/* session.judged of a look: what holds the interface is no longer needed. session.unjudged: it is
 * again. */
void follow_judged(void *look, uint32_t ifindex);
void follow_unjudged(void *look, uint32_t ifindex);

#endif
