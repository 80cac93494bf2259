/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sets from files in the kernel: a map each, with a header that says what it holds (struct
 * pctl_set_header). It never changes once it is pinned, so that all generations of a network
 * namespace share it: each pins the ones it uses as set_0 and so on, and the last one to go takes
 * it along. A set that no rule asks for is remembered by its header alone.
 */
#ifndef PCTL_SETMAP_H
#define PCTL_SETMAP_H

#include "sets.h"

/* The name of the pin of set number i. */
void set_pin_name(unsigned int i, char name[16]);

/*
 * Finds the map of this set among those that generations below @shared (the store's directory of
 * the namespace, NULL: there are none) have pinned, or makes one.
 * @used: its members are needed, not only what it says of itself
 * -ENOENT: there is none, and the set is not loaded.
 */
int set_map_get(const char *shared, const struct set *set, bool used, int *fd);

int set_map_header(int fd, struct pctl_set_header *header);

/*
 * Is this address, a prefix of its family's whole length, in the set of such a map? Looks as the
 * programs do (struct pctl_jump and its neighbours in abi.h). 1: it is, 0: it is not; -EIO: the map
 * is not what a set's map looks like.
 */
int set_map_contains(int fd, const struct prefix *address);

#endif
