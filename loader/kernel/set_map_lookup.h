/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_SET_MAP_LOOKUP_H
#define PCTL_SET_MAP_LOOKUP_H

#include "prefix.h"

/*
 * Is this address, a prefix of its family's whole length, in the set of a map that set_map_make()
 * made? Looks as the programs do (struct pctl_jump and its neighbours in abi.h). 1: it is, 0: it is
 * not; -EIO: this is not the map of a set.
 */
int set_map_contains(int fd, const struct prefix *address);

#endif
