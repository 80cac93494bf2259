/* SPDX-License-Identifier: GPL-2.0-only */
/* The veths of this network namespace that are ports of bridges, and what the follower knows of
 * them. */
#ifndef PCTL_VETHS_H
#define PCTL_VETHS_H

#include "attachment.h"
#include "container.h"

/* What became of it, as was told last. */
enum veth_status {
	VETH_WAITING, /* nobody knows yet whose it is, or what he shall have */
	VETH_ALONE, /* nothing is to be attached */
	VETH_ENFORCED,
	VETH_HELD, /* all is denied, since no policy could be had */
	VETH_OTHERS, /* somebody else attached something */
	VETH_FAILED,
};

struct veth {
	uint32_t ifindex;
	struct link link; /* as was heard last */
	char container[CONTAINER_ID_SIZE]; /* "" not known yet */
	int32_t container_nsid; /* where it was then */
	bool dirty; /* to be looked at */
	bool shaken; /* somebody touched its filters: what holds it may be gone */
	bool held; /* by our gate, */
	bool made_clsact; /* which made the qdisc */
	bool listed; /* while all are looked at: it is there */
	uint64_t heard_ns; /* CLOCK_MONOTONIC: when it came; 0: before us */
	uint64_t held_ns; /* when it was held; 0: it was not */
	enum mode_choice mode; /* in which we attached */
	uint64_t judged_ns; /* when its policy began to judge; 0: not by us */
	uint64_t stays_ns; /* from when on it is in no container, if it is in none then; 0: not set
			    */
	uint64_t retry_ns; /* when it is to be looked at again; 0: not */
	unsigned int tries; /* since it waits */
	enum veth_status status;
	bool faulty; /* what it asked for last was wrong, */
	bool faulty_later; /* and it had a policy before */
	char told[192]; /* the last trouble, so that it is told once */
};

struct veths {
	struct veth *items;
	size_t count;
};

struct veth *veths_find(const struct veths *veths, uint32_t ifindex);
/* The same; made if it is not there. NULL: no memory. Others may move in memory. */
struct veth *veths_get(struct veths *veths, uint32_t ifindex);
void veths_remove(struct veths *veths, uint32_t ifindex);
void veths_clear(struct veths *veths);

#endif
