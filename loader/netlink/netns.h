/* SPDX-License-Identifier: GPL-2.0-only */
/* Other network namespaces: what is in them that concerns this one. */
#ifndef PCTL_NETNS_H
#define PCTL_NETNS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "netlink.h"

/*
 * Calls `visit` once in each other network namespace that has a name below /run/netns or
 * /run/docker/netns or a process in it, until it returns something but 0: with a netlink socket in
 * it, a path that leads to it, and a descriptor of that. Returns what it returned last; -EPERM:
 * looking takes CAP_SYS_ADMIN; or -EACCES behind a complete tour: there may be others, of processes
 * that it takes CAP_SYS_PTRACE to look at.
 */
int netns_visit(int (*visit)(struct nl *nl, const char *path, int fd, void *data), void *data);

/*
 * Calls `work` in the network namespace that has this id for nl, and comes back. It is found as
 * netns_visit() finds one; no other is entered. Returns what `work` returned; -ENOENT: it was not
 * found; -EPERM or -EACCES: it may not be looked for or entered.
 */
int netns_run(struct nl *nl, int32_t nsid, int (*work)(void *data), void *data);

/*
 * Looks through the network namespaces that have a name below /run/netns or a process in them for
 * an XDP program, and detaches it.
 * @program_id: its id; @fd: a descriptor of it
 * @where: set to "INTERFACE in PATH" of where it was found
 * Returns 1 when it was found and detached, 0 when it is nowhere, or a negative errno (-EPERM:
 * looking takes CAP_SYS_ADMIN).
 */
int netns_release_xdp(uint32_t program_id, int fd, char *where, size_t size);

/* The name below /run/netns of a namespace that has an interface called `name`; "" if none is
 * found. */
void netns_find_interface(const char *name, char *netns, size_t size);

/* The number of the namespace that a process is in (0: our own). 0: it is gone, or may not be
 * looked at. */
ino_t netns_of(pid_t pid);

/* Over what the processes in a network namespace may have CAP_NET_ADMIN. */
enum netns_admin {
	NETNS_ADMIN_NONE,
	NETNS_ADMIN_INSIDE, /* over what belongs to a user namespace of their own */
	NETNS_ADMIN_OF_HOST, /* over the network namespace of this process, too */
};

/*
 * What the most powerful process in the namespace with this id (as nl sees it) may have: what is in
 * its bounding set, in its user namespace. Where that cannot be read it is taken for ours. Looks at
 * every process of the machine.
 */
enum netns_admin netns_may_administer(struct nl *nl, int32_t id);

#endif
