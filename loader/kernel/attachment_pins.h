/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Maps of an attachment, which are not of one generation: connections (kern/abi_connections.h),
 * buckets of rates (kern/abi_treatments.h), and what is noted of DNS (kern/abi_names.h). They are
 * pinned beside the generations, and each generation that needs them uses those that are there. So
 * what they hold stays when the policy changes. Its meta says which it needs.
 */
#ifndef PCTL_ATTACHMENT_PINS_H
#define PCTL_ATTACHMENT_PINS_H

#include "generation.h"

/* Is this map one of them, and does the generation use it? */
bool attachment_map_wanted(const struct generation *generation, enum generation_map which);

/* Opens those that generation->meta asks for, beside generation->path, into generation->maps[].
 * -ENOENT: one is not there, or not what policyctl has pinned there. */
int attachment_maps_open(struct generation *generation);

/* The same for a pinned generation: if one is not there it is damaged, which is no error. */
int attachment_maps_adopt(struct generation *generation);

/* Pins those that a generation uses and has open, in place of others that are there. */
int attachment_maps_make(const struct generation *generation);

/* Removes those that this generation does not use. @generation: NULL: all. @path: of a generation,
 * which need not be there. */
int attachment_maps_remove(const char *path, const struct generation *generation);

#endif
