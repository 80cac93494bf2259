/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of addresses: from answers of DNS that passed while something learns (name_answers.h), and
 * from the sets of DNS names (`set NAME dns`) of the policies in force.
 */
#ifndef PCTL_LEARNT_NAMES_H
#define PCTL_LEARNT_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "prefix.h"

#define LEARNT_NAME 256
#define LEARNT_NAMES_MAX 4096 /* by answers: whoever asks chooses how many */

struct learnt_name {
	struct prefix address;
	char name[LEARNT_NAME];
	bool answered; /* by an answer that passed; only then: */
	struct prefix resolver; /* whose answer */
	uint64_t until; /* seconds since 1970: so long a program that reads it has the address */
};

struct learnt_names {
	struct learnt_name *items;
	size_t count, capacity;
};

struct generation;

/* Adds those of the live sets of a generation, as of this moment. 0 or a negative errno. */
int learnt_names_add(struct learnt_names *names, const struct generation *generation);

/* Adds one by an answer. Beyond the bound, and without memory, it is left out. */
void learnt_names_answered(struct learnt_names *names, const struct learnt_name *name);

void learnt_names_clear(struct learnt_names *names);

/* learnt_namer of struct learnt_names. */
bool learnt_names_find(void *names, const struct prefix *address, char name[LEARNT_NAME]);

#endif
