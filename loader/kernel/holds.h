/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a gate (gate.h) holds, and why: a hash map by ifindex, pinned in the directory of the gate.
 * The filters alone hold; this tells people. `list` and `doctor` read it, of a process that was
 * killed too.
 */
#ifndef PCTL_HOLDS_H
#define PCTL_HOLDS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The value of the pinned map. Fixed sizes: a later policyctl reads what an earlier one left. */
struct hold {
	uint32_t ifindex;
	char name[IF_NAMESIZE]; /* of the interface when it was held */
	uint32_t unused;
	uint64_t since_ns; /* clock_boot_ns() */
	char why[256]; /* in words */
};

/* Opens the map that a killed predecessor left in `directory`, or makes and pins one. The caller
 * closes *fd. */
int holds_open(const char *directory, int *fd);

/* Removes the pin; one that is not there is fine. */
int holds_unpin(const char *directory);

/* Adds one, or replaces the one of the same ifindex. */
int holds_put(int fd, const struct hold *hold);

/* Is there one of this interface? */
bool holds_get(int fd, uint32_t ifindex, struct hold *hold);

/* One that is not there is fine. */
void holds_remove(int fd, uint32_t ifindex);

/* Appends all that are pinned in `directory` to an array of *count; the caller frees it. Without a
 * pin there are none. 0 or a negative errno with a message: the array stays valid. */
int holds_read(const char *directory, struct hold **holds, size_t *count);

#endif
