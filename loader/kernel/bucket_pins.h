/* SPDX-License-Identifier: GPL-2.0-only */
/* The buckets of an attachment (kern/abi_treatments.h), pinned beside its generations, so that a
 * rate goes on where a policy changes. A generation has them if meta.treats says so. */
#ifndef PCTL_BUCKET_PINS_H
#define PCTL_BUCKET_PINS_H

#include "generation.h"

/* Does it use this map? */
bool bucket_pins_wanted(const struct generation *generation, enum generation_map which);

/* Opens those of a pinned generation into generation->maps[]; without them it is damaged. */
int bucket_pins_adopt(struct generation *generation);

/* Pins those of a generation, in place of others that are there. */
int bucket_pins_make(const struct generation *generation);

/* Removes those that this generation does not use. @generation: NULL: all. @path: of a generation,
 * which need not be there */
int bucket_pins_remove(const char *path, const struct generation *generation);

#endif
