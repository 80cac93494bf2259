/* SPDX-License-Identifier: GPL-2.0-only */
/* @host, @gateway and @metadata: sets that need no definition, and whose names no other set has. */
#ifndef PCTL_RESERVED_SETS_H
#define PCTL_RESERVED_SETS_H

#include <string.h>

#include "sets.h"

/* Whether a name is one of theirs. It need not end in NUL. */
bool set_name_is_reserved(const char *name, size_t length);

static inline bool set_is_reserved(const struct set *set)
{
	return set_name_is_reserved(set->name, strlen(set->name));
}

/* Their names; NULL ends them. */
extern const char *const reserved_set_names[];

/* Makes one, for the caller to free; its place is 0. NULL without memory. */
struct set *reserved_set_new(const char *name, size_t length);

#endif
