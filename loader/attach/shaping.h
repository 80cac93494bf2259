/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shaping: the qdiscs in which packets wait that a rule with `shape` passes. Programs choose the
 * class (skb->priority); the classes are made here, as a generation remembers them
 * (shape_classes.h):
 *
 *   to the container    program at clsact egress ─► htb at the root of the interface
 *   from the container  program at clsact ingress ─► the last filter of ingress sends what has a
 *                       class to a device of ours (ifb, shape_device.h) ─► htb at the root of that
 * ─► back to the interface, behind clsact
 *
 * Ours is an htb with the handle PCTL_SHAPE_HANDLE where a generation says that packets wait.
 * Nothing else is replaced or removed. Each step may be the last of a killed command; all of them
 * can be taken again.
 */
#ifndef PCTL_SHAPING_H
#define PCTL_SHAPING_H

#include "hooks.h"

/*
 * Is there room for what a policy wants?
 * @directions: bits 1 << enum pctl_direction in which packets are to wait
 * @previous: the generation in force, whose qdiscs and device count as free; NULL: none
 * -EBUSY: a qdisc, a filter or a device is there that is not ours; the message names it.
 */
int shaping_check(struct nl *nl, const struct hooks *hooks, unsigned int directions,
		  const struct generation *previous);

/*
 * Makes what `target` wants and what is not there, and changes what is there: before its programs
 * choose classes. What other generations want stays. Adds clsact if there is none, as *hooks says
 * then.
 */
int shaping_prepare(struct nl *nl, struct hooks *hooks, const struct generation *target);

/*
 * Takes away what `target` does not want of what `previous` (may be NULL) wanted: once no program
 * chooses those classes any more. What waits there has a tenth of a second to leave; the rest of it
 * is dropped.
 */
int shaping_tidy(struct nl *nl, const struct hooks *hooks, const struct generation *target,
		 const struct generation *previous);

/* The way to the device alone; the rest goes with shaping_remove(). */
int shaping_unhook(struct nl *nl, const struct hooks *hooks);

/* Takes away the rest, as shaping_tidy() does. @generation: one that wanted it */
int shaping_remove(struct nl *nl, uint32_t ifindex, const struct generation *generation);

#endif
