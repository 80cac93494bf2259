/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A set from a file as a map in the kernel: its trie, behind a header that says what it holds
 * (struct pctl_set_header). Its map never changes once it is made. A set that no rule uses is
 * remembered by its header alone.
 */
#ifndef PCTL_SET_MAP_H
#define PCTL_SET_MAP_H

#include <stdbool.h>

#include "abi.h"
#include "sets.h"

/* The name of the pin of a generation's set number i, from 0 on. */
void set_pin_name(unsigned int i, char name[16]);

/* Compiles a set and loads it into a new map; shows its progress on a terminal. The descriptor goes
 * to *fd, for the caller to close. @used: with its members; else its header alone */
int set_map_make(const struct set *set, bool used, int *fd);

/* Reads the header. */
int set_map_header(int fd, struct pctl_set_header *header);

/* Does this map hold the same members as the set? @used: its header alone is not enough */
bool set_map_holds(int fd, const struct set *set, bool used);

#endif
