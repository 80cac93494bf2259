/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sets from files are shared: all generations of a network namespace that name a set with the same
 * members use one map. Each generation pins the maps that it uses; the last one to go takes the map
 * along.
 */
#ifndef PCTL_SHARED_SETS_H
#define PCTL_SHARED_SETS_H

#include <stdbool.h>

#include "sets.h"

/*
 * Finds the map of this set among those that generations have pinned, or makes one. The descriptor
 * goes to *fd, for the caller to close.
 * @shared: the namespace's directory in bpffs; NULL: look nowhere, make one
 * @used: rules ask for its members; false: only its header is needed
 * -ENOENT: there is no such map, and the set's file was not read.
 */
int shared_set_get(const char *shared, const struct set *set, bool used, int *fd);

#endif
