/* SPDX-License-Identifier: GPL-2.0-only */
/* Where copies would get to: the links of a network namespace, and what is attached to them. */
#ifndef PCTL_MIRROR_PATHS_H
#define PCTL_MIRROR_PATHS_H

#include "mirror_map.h"
#include "session.h"

/* An attachment, and the interfaces that it mirrors to. */
struct mirror_judged {
	uint32_t ifindex;
	char names[PCTL_MIRRORS_MAX][PCTL_MIRROR_NAME];
	uint32_t count;
};

struct mirror_world {
	struct link *links;
	size_t link_count;
	struct mirror_judged *judged;
	size_t judged_count;
};

int mirror_world_read(struct session *session, struct mirror_world *world);
void mirror_world_clear(struct mirror_world *world);

/* NULL: there is none with this ifindex. */
const struct link *mirror_world_link(const struct mirror_world *world, uint32_t ifindex);

/* What becomes of copies. */
struct mirror_path {
	enum pctl_mirror_state state;
	uint32_t ifindex; /* of the target; 0: it is gone */
	char why[80]; /* of a loop */
};

/* From attachment @from to the interface @name. */
void mirror_path_find(const struct mirror_world *world, uint32_t from, const char *name,
		      struct mirror_path *path);

#endif
