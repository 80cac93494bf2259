/* SPDX-License-Identifier: GPL-2.0-only */
/* The veths of this network namespace that are ports of bridges, and the interfaces that are
 * followed by their names, as a follower knows them. */
#ifndef PCTL_VETHS_H
#define PCTL_VETHS_H

#include "attachment.h"
#include "container.h"
#include "set_members.h"
#include "wait.h"

/* The result of the last pass. */
enum veth_status {
	VETH_WAITING, /* its container, or what that should have, is not known yet */
	VETH_ALONE, /* nothing is to be attached */
	VETH_ENFORCED,
	VETH_HELD, /* all is denied, since no policy could be had */
	VETH_QUARANTINED,
	VETH_OTHERS, /* its attachment has another manager */
	VETH_FAILED,
};

struct veth {
	uint32_t ifindex;
	struct link link; /* as the kernel described it last */
	char container[CONTAINER_ID_SIZE]; /* "": not known yet */
	int32_t container_nsid; /* the namespace in which it was found */
	bool watched; /* it was held because of its name */
	bool named; /* it has its policy by its name, or had it, and that is to be taken off */
	bool dirty; /* to be reconciled in the next pass */
	bool filters_changed; /* the kernel said so: our gate may be gone */
	bool held; /* by our gate, */
	bool made_clsact; /* which made the qdisc */
	bool newborn; /* held since it came: no packet has passed */
	struct member_address seen[MEMBER_SIGHTING_MAX]; /* sightings.h */
	size_t seen_count;
	unsigned int see_tries;
	bool listed; /* while the kernel's links are read: it is among them */
	/* Times are of clock_monotonic_ns(). */
	uint64_t heard_ns; /* when it came; 0: before this follower */
	uint64_t held_ns; /* when it was held then; 0: it was not, or its policy came first */
	uint64_t hold_ns; /* if it is held: since when */
	char noted[WAIT_WHY]; /* why it is held, as gate_note() has it; "": not noted */
	enum mode_choice mode; /* in which the policy was attached */
	uint64_t judged_ns; /* when its policy began to judge; 0: not by this follower */
	uint64_t retry_ns; /* when it is dirty again by itself; 0: never */
	unsigned int tries; /* to find its container while it is not held */
	enum veth_status status;
	bool warned; /* that its container may have CAP_NET_ADMIN over the host */
	bool faulty; /* what its container asked for last was wrong, */
	bool faulty_later; /* and it had a policy before */
	char told[192]; /* the last trouble, so that it is logged once */
};

struct veths {
	struct veth *items;
	size_t count;
};

struct veth *veths_find(const struct veths *veths, uint32_t ifindex);
/* The same; made if it is not there. NULL: no memory. Pointers to others become invalid. */
struct veth *veths_get(struct veths *veths, uint32_t ifindex);
/* Whether one of them is of this container, or is the interface that an owner's id stands for
 * (owner.h). */
bool veths_have(const struct veths *veths, const char *container);
/* Marks these, and those whose container is not known yet. */
void veths_mark(struct veths *veths, const char *container);
void veths_remove(struct veths *veths, uint32_t ifindex);
void veths_clear(struct veths *veths);

#endif
