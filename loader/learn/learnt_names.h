/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of addresses, from the sets of DNS names (`set NAME dns`) of the policies in force. */
#ifndef PCTL_LEARNT_NAMES_H
#define PCTL_LEARNT_NAMES_H

#include "generation.h"
#include "learnt_text.h"

struct learnt_name {
	struct prefix address;
	char name[LEARNT_NAME];
};

struct learnt_names {
	struct learnt_name *items;
	size_t count, capacity;
};

/* Adds those of a generation, as of this moment. 0 or a negative errno. */
int learnt_names_add(struct learnt_names *names, const struct generation *generation);
void learnt_names_clear(struct learnt_names *names);

/* learnt_namer of struct learnt_names. */
bool learnt_names_find(void *names, const struct prefix *address, char name[LEARNT_NAME]);

#endif
