/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device through which what a container sends goes to wait (shaping.h): an ifb of ours for each
 * interface that needs one. It is known by its kind, its name and its MAC, which all come with it
 * when it is made.
 */
#ifndef PCTL_SHAPE_DEVICE_H
#define PCTL_SHAPE_DEVICE_H

#include "netlink.h"

/* The name that it has for an interface. */
void shape_device_name(uint32_t ifindex, char name[IF_NAMESIZE]);

/* That of an interface. -ENODEV: there is none of ours. */
int shape_device_get(struct nl *nl, uint32_t ifindex, struct link *device);

/* -EBUSY: a device that is not ours has its name, as the message says. */
int shape_device_check(struct nl *nl, uint32_t ifindex);

/* Makes it if it is not there, and sets it up. */
int shape_device_need(struct nl *nl, uint32_t ifindex, struct link *device);

/* Removes it, whether its interface is there or not; and what waits. None is fine. */
int shape_device_remove(struct nl *nl, uint32_t ifindex);

/*
 * Puts into words that something failed which `shape` takes.
 * @error: what the kernel says, 0: nothing. @what, @option: what it lacks if it says -ENOENT or
 * -EOPNOTSUPP. @failed: what failed, if it says something else
 */
int shape_lacking(int error, const char *what, const char *option, const char *failed);

#endif
