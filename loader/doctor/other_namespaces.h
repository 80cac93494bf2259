/* SPDX-License-Identifier: GPL-2.0-only */
/* The other network namespaces of the machine, with their links: the veths of this one lead there.
 */
#ifndef PCTL_OTHER_NAMESPACES_H
#define PCTL_OTHER_NAMESPACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nl;

struct other_namespace {
	char name[80]; /* "netns NAME" or "process PID (COMMAND)" */
	char path[128]; /* leads to it: /run/netns/NAME, /proc/PID/ns/net */
	uint64_t cookie; /* SO_NETNS_COOKIE */
	int32_t id; /* as seen from here, -1: it has none */
	struct link *links;
	bool *tso; /* of each link: TCP segmentation offload is on; known for a veth only */
	size_t count;
};

struct other_namespaces {
	struct other_namespace *items;
	size_t count;
	bool complete; /* all that a process or a name leads to; else CAP_SYS_ADMIN is missing */
};

/* Visits them. @nl: speaks to this namespace. 0 or -ENOMEM; a namespace that goes away meanwhile is
 * left out. To be cleared in any case. */
int other_namespaces_read(struct nl *nl, struct other_namespaces *others);
void other_namespaces_clear(struct other_namespaces *others);

/* The one with this id, with this cookie; NULL: none is known. */
const struct other_namespace *other_namespace_with_id(const struct other_namespaces *others,
						      int32_t id);
const struct other_namespace *other_namespace_with_cookie(const struct other_namespaces *others,
							  uint64_t cookie);

#endif
