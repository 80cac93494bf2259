/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The owner record of an attachment, as ownerReferences in Kubernetes: the container it was made
 * for, and what keeps its policy current. It is pinned with each generation as the map `owner`, so
 * that the next daemon and `list` know it. What was attached to a plain interface by hand has none.
 */
#ifndef PCTL_OWNER_H
#define PCTL_OWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OWNER_VERSION 2

enum owner_manager {
	OWNER_NOBODY, /* attached by command, by `container:NAME` */
	OWNER_DAEMON,
	OWNER_SIDECAR,
};

/* The container has no valid policy; all is denied instead. */
enum owner_hold {
	OWNER_NOT_HELD,
	OWNER_HELD_FROM_START,
	OWNER_HELD_LATER, /* it had a policy before */
};

/* The value of the pinned map. Fixed sizes: a later policyctl reads what an earlier one left. */
struct owner {
	uint32_t version; /* OWNER_VERSION; 0: there is no owner */
	uint32_t manager; /* enum owner_manager */
	uint32_t held; /* enum owner_hold; `why` says why */
	uint32_t mode_chosen; /* the XDP mode was chosen by the capabilities of the container */
	char container[72]; /* id */
	char name[256]; /* engines set no limit: one that was cut ends with "..." */
	char network[256]; /* likewise */
	char source[384]; /* of the policy, in words: "labels policyctl.deny", "web.policy" */
	char why[512];
};

static inline bool owner_is(const struct owner *owner)
{
	return owner->version == OWNER_VERSION;
}

/*
 * An interface that is followed by its name has a record too. Its `name` is that of the interface.
 * Its `container` is made of that name, and is no container's: 34 zeros, and the name in
 * hexadecimal digits. So it can be in quarantine as a container can, for as long as it has the
 * name.
 */
void owner_set_interface(struct owner *owner, const char *interface);
bool owner_is_interface(const struct owner *owner);

/* Is it the record of a container? */
static inline bool owner_is_container(const struct owner *owner)
{
	return owner_is(owner) && !owner_is_interface(owner);
}

/* Sets one of its texts. What does not fit ends with "...". */
void owner_set(char *field, size_t size, const char *text);

/* "daemon", "sidecar", "" */
const char *owner_manager_name(const struct owner *owner);

#endif
