/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A claim: a directory of bpffs that belongs to one process for as long as it lives. The process
 * holds a lock (flock) on it, which ends with the process, however that ends. Gates and readers of
 * events show so that they live.
 */
#ifndef PCTL_CLAIM_H
#define PCTL_CLAIM_H

#include <stdbool.h>

/*
 * Makes the directory if it is not there, and locks it. The descriptor in *lock holds the claim:
 * the caller closes it, behind the rmdir() if there is one. -EWOULDBLOCK: another process has it.
 * Others with a message.
 */
int claim_take(const char *path, int *lock);

/* The same of a directory that is there. -ENOENT: there is none, or its process has just removed
 * it. No message. */
int claim_take_left(const char *path, int *lock);

/* Does the process live that has this claim? One that cannot be looked at, for want of descriptors
 * say, counts as alive. */
bool claim_lives(const char *path);

#endif
