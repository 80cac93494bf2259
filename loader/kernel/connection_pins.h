/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables of connections of an attachment (kern/abi_connections.h). They are not of one
 * generation: they are pinned beside the generations, and each that tracks connections uses those
 * that are there.
 */
#ifndef PCTL_CONNECTION_PINS_H
#define PCTL_CONNECTION_PINS_H

#include "generation.h"

#define CONNECTION_MAPS 3

extern const enum generation_map connection_maps[CONNECTION_MAPS];

/* Opens those beside a generation of the attachment into generation->maps[]. -ENOENT: one is not
 * there. */
int connection_pins_open(struct generation *generation);

/* The same, if it tracks connections; without them it is damaged. */
int connection_pins_adopt(struct generation *generation);

/* Pins those of a generation, in place of others that are there. */
int connection_pins_make(const struct generation *generation);

/* Removes them. @path: of a generation, which need not be there. */
int connection_pins_remove(const char *path);

#endif
