/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which containers live in which network namespace: for each process the namespace is asked of the
 * kernel (RTM_GETNSID by pid), the container read from its cgroup's path, in which docker, podman
 * and others put the 64 digits of the id. Needs to see the processes of the host (/proc of its pid
 * namespace), nothing of any engine.
 */
#ifndef PCTL_NAMESPACE_CONTAINERS_H
#define PCTL_NAMESPACE_CONTAINERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "netlink.h"

#define NAMESPACE_CONTAINER_ID_SIZE 65
#define NAMESPACE_CONTAINER_DEPTH 8 /* of containers in containers that are told apart */

/* A container that has a process in a namespace. One process may name several containers, each in
 * the other: they come one behind the other, the outermost first. What a container puts below its
 * own cgroup is its own word: whoever acts on an id has to ask what is further out. */
struct namespace_container {
	int32_t nsid; /* of the namespace, as nl sees it */
	pid_t pid; /* of the first process that was found */
	unsigned int depth; /* 0: the outermost that the process names, 1: the next, … */
	bool first; /* a process that names these is the first of a pid namespace below ours */
	bool disputed; /* its cgroups name different containers (cgroup v1) */
	char container[NAMESPACE_CONTAINER_ID_SIZE]; /* id */
};

/*
 * Looks at all processes once; what several of them name in the same way comes once. Processes in
 * nl's own namespace and in those without an id there are left out.
 * @nsid: only this namespace; -1: all
 * For the caller to free. What goes away meanwhile is left out.
 */
int namespace_containers_read(struct nl *nl, int32_t nsid,
			      struct namespace_container **namespace_containers, size_t *count);

/* The containers that one process is in, the outermost first. Returns how many; 0 as well when
 * there is no such process. */
size_t process_containers(pid_t pid,
			  char ids[NAMESPACE_CONTAINER_DEPTH][NAMESPACE_CONTAINER_ID_SIZE]);

/* The same from the path of a cgroup: /docker/ID, /system.slice/docker-ID.scope,
 * /machine.slice/libpod-ID.scope/container, and whatever else has 64 digits by themselves. */
size_t cgroup_path_containers(const char *path,
			      char ids[NAMESPACE_CONTAINER_DEPTH][NAMESPACE_CONTAINER_ID_SIZE]);

#endif
