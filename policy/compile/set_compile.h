/* SPDX-License-Identifier: GPL-2.0-only */
/* A set from a file becomes the map that programs look it up in. */
#ifndef PCTL_SET_COMPILE_H
#define PCTL_SET_COMPILE_H

#include "sets.h"
#include "trie.h"

/*
 * Compiles a set from a file, which must be loaded: the contents of its map, struct pctl_set_header
 * included. -E2BIG: more cells than a reference can name; -ENOMEM. The caller frees trie->cells.
 */
int set_compile(const struct set *set, struct trie *trie);

#endif
