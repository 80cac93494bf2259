/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices that containers have above devices of the host, beside their veths: no policy judges what
 * passes them. Looked for are those of containers that may have CAP_NET_ADMIN over the host
 * (net_admin.h): others cannot make any.
 *
 * The kernel tells of such a device in the container's namespace only. Of the device below it there
 * is a message here, which does not say what is above it; of a tunnel there is none. So the
 * follower lists what is in these namespaces when a link here changes, and now and then.
 */
#ifndef PCTL_UPPERS_H
#define PCTL_UPPERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "container.h"

struct follower;

/* One that was logged and was there at the last look. */
struct upper {
	char container[CONTAINER_ID_SIZE]; /* whose network namespace it is in */
	int32_t nsid;
	uint32_t ifindex, lower; /* in that namespace, in ours (0: none in particular) */
	bool seen;
};

struct uppers {
	struct upper *items;
	size_t count;
	uint64_t looked_ns; /* the last look, by clock_monotonic_ns() */
	bool failed; /* a namespace could not be looked at, which was logged */
};

/* Looks into the namespaces, and logs what was not there at the last look. */
void uppers_look(struct follower *f);
void uppers_clear(struct uppers *uppers);

#endif
