/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose policies a sidecar keeps: a directory for each container in the slot of its gate (gate.h).
 * It means something for as long as the process with the slot lives (claim.h).
 */
#ifndef PCTL_KEEPS_H
#define PCTL_KEEPS_H

#include <stdbool.h>

#include "owner.h"

/* @slot: path of the slot; @container: id. A failure is as if nothing had been said. */
void keeps_add(const char *slot, const char *container);

/* Does a living process keep the policy of an attachment with this owner? @pins: directory of the
 * network namespace; @self: path of a slot that does not count, NULL: all count */
bool keeper_lives(const char *pins, const struct owner *owner, const char *self);

/* Removes what this process, or the one that had the slot before, has said. */
void keeps_forget(const char *slot);

#endif
