/* SPDX-License-Identifier: GPL-2.0-only */
/* The pins of what an attachment notes of DNS: the questions that are not answered yet, and
 * counters. They stay when the policy changes. As connection_pins.h. */
#ifndef PCTL_NAME_PINS_H
#define PCTL_NAME_PINS_H

#include "generation.h"

#define NAME_MAPS 2

extern const enum generation_map name_maps[NAME_MAPS];

/* Opens those of the attachment of generation->path. -ENOENT: one is not there. */
int name_pins_open(struct generation *generation);
/* The same if its programs read names; one that is not there makes it damaged. */
int name_pins_adopt(struct generation *generation);
/* Pins those of a generation, if it has them. */
int name_pins_make(const struct generation *generation);
/* Removes those of the attachment of this path. */
int name_pins_remove(const char *path);

#endif
