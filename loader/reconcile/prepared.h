/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Policies that were loaded in advance, for containers that are about to start: the load takes most
 * of the time of an attach, and the engine is still busy with the container's network meanwhile.
 */
#ifndef PCTL_PREPARED_H
#define PCTL_PREPARED_H

#include "attachment.h"
#include "container.h"
#include "desired_policy.h"

#define PREPARED_MAX 16 /* at a time; the oldest one makes room */

struct prepared {
	char container[CONTAINER_ID_SIZE];
	struct desired_policy *policy; /* what was loaded, */
	enum mode_choice mode; /* and for which mode */
	struct generation generation;
};

struct prepared_list {
	struct prepared items[PREPARED_MAX];
	size_t count; /* the oldest first */
};

/* Takes *generation; it replaces one of the same container. */
void prepared_add(struct prepared_list *list, const char *container, struct desired_policy *policy,
		  enum mode_choice mode, struct generation *generation);

/* Is there one of this container, policy and mode? Then it is in *generation, for the caller. */
bool prepared_take(struct prepared_list *list, const char *container,
		   const struct desired_policy *policy, enum mode_choice mode,
		   struct generation *generation);

/* Closes that of one container, or (NULL) all. */
void prepared_drop(struct prepared_list *list, const char *container);

#endif
