/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose network namespace is it? Decided from the processes in it: the ids in the paths of their
 * cgroups, and what the engine says of these containers.
 *
 * A container with CAP_SYS_ADMIN can make cgroups below its own, with any name, and put processes
 * there; it can move processes and its end of the veth into other namespaces. So:
 *
 *	an id below another one that the engine knows, or may know, names nothing
 *	whose first process the engine has not told of yet (it starts, or does not run) claims
 *	nothing without the first process of a pid namespace that was made from ours: a container
 *	makes those of its own further down
 *	the container that has the veth already keeps it while it runs
 *	two that could have it: nobody has, until the engine tells more
 */
#ifndef PCTL_CLAIMS_H
#define PCTL_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>

/* One of the ids that a process names, and what the engine says of it. */
struct claimant {
	const void *container; /* the caller's; NULL: the engine does not know the id */
	bool missing; /* the engine was asked, and has no such container */
	bool shares; /* it uses the network of another container */
	bool pid_known; /* of its first process, */
	bool pid_here; /* which is in this namespace */
	bool pid_to_come; /* in a moment, at our start */
};

struct claims {
	const void *sure, *likely, *visitor; /* containers: the first of each kind */
	bool several_sure, several_likely, several_visitors;
	bool doubt; /* a process may be of a container that the engine did not tell of yet */
};

/*
 * Adds a process that is in the namespace.
 * @chain: the containers that it names, the outermost first
 * @first: it, or another one that names the same, is the first process of a pid namespace below
 * ours
 * @disputed: its control groups name different containers
 */
void claims_add(struct claims *claims, const struct claimant chain[], size_t length, bool first,
		bool disputed);

/* What was recorded when something was attached to the veth. */
struct recorded {
	bool is; /* there is such a record */
	const void *container; /* NULL: the engine does not know it (any more) */
	bool running;
};

/*
 * The container that has the veth; NULL: that is not certain.
 * @contested: another container runs on the same network, and its veth is not found
 */
const void *claims_decide(const struct claims *claims, const struct recorded *recorded,
			  bool contested);

#endif
