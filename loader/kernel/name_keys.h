/* SPDX-License-Identifier: GPL-2.0-only */
/* The names in sets of DNS names, as the map `names` has them (kern/abi_names.h). */
#ifndef PCTL_NAME_KEYS_H
#define PCTL_NAME_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "sets.h"

struct name_entry {
	struct pctl_name_key key;
	struct pctl_name_sets value;
};

/* The key of a name, or of `*.` and a name. False: no name is so long. */
bool name_key(const char *word, struct pctl_name_key *key);

/*
 * All entries of the map for these sets, by slot; those that are not sets of DNS names, and NULL,
 * have none. Each entry knows all sets that its names are in, since a lookup finds one entry alone.
 * The caller frees *entries. 0, -EINVAL: a word is no name, or -ENOMEM.
 */
int name_entries(const struct set *const sets[PCTL_SETS_MAX], struct name_entry **entries,
		 size_t *count);

#endif
