/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Policies that are loaded already for containers that are about to start: most of the time that
 * an attach takes passes while the engine is still busy with the container's network.
 */
#ifndef PCTL_PREPARED_H
#define PCTL_PREPARED_H

#include "attachment.h"
#include "container.h"

#define PREPARED_MAX 16 /* at a time; an older one makes room */

struct prepared {
	char container[CONTAINER_ID_SIZE];
	/* Of this one, in this mode; else it is of no use. It may be gone, and another one be in
	 * its place. */
	const struct plan *plan;
	uint64_t plan_number;
	enum mode_choice mode;
	struct generation generation;
};

struct prepared_list {
	struct prepared items[PREPARED_MAX];
	size_t count; /* the oldest first */
};

/* Takes *generation; it replaces one of the same container. */
void prepared_add(struct prepared_list *list, const char *container, const struct plan *plan,
		  enum mode_choice mode, struct generation *generation);

/* Whether there is one; then it is in *generation, for the caller. */
bool prepared_take(struct prepared_list *list, const char *container, const struct plan *plan,
		   enum mode_choice mode, struct generation *generation);

/* Of one container, or (NULL) of all: they are of no use any more. */
void prepared_drop(struct prepared_list *list, const char *container);

#endif
