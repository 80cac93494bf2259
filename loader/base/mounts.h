/* SPDX-License-Identifier: GPL-2.0-only */
/* The mounts of a process, as /proc/PID/mountinfo lists them (proc(5)). */
#ifndef PCTL_MOUNTS_H
#define PCTL_MOUNTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* Is the mount with this id in the list? An id (statx(2), stx_mnt_id) belongs to one mount of one
 * mount namespace. */
bool mounts_have(FILE *mountinfo, uint64_t id);

/*
 * Is the last mount on @point of this type?
 * @point: without blanks and backslashes, which the list escapes
 * @device: st_dev of its files; untouched if the answer is no
 */
bool mounts_find(FILE *mountinfo, const char *point, const char *type, dev_t *device);

#endif
