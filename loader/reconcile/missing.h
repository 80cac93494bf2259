/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ids that stand in the paths of cgroups, and of which the engine said that it has no such
 * container. A container can put any id there, so only so many are remembered; one that was
 * forgotten is asked for again.
 */
#ifndef PCTL_MISSING_H
#define PCTL_MISSING_H

#include <stdbool.h>
#include <stdint.h>

#include "container.h"

#define MISSING_MAX 64

struct missing {
	struct {
		char id[CONTAINER_ID_SIZE];
		uint64_t told_ns; /* clock_monotonic_ns() when the engine said so */
	} items[MISSING_MAX];
	unsigned int next;
};

void missing_add(struct missing *missing, const char *id);
void missing_remove(struct missing *missing, const char *id);
void missing_clear(struct missing *missing);
bool missing_has(const struct missing *missing, const char *id);

/* Should the engine be asked for it? Not each time: it was missing a moment ago. */
bool missing_ask(const struct missing *missing, const char *id);

#endif
