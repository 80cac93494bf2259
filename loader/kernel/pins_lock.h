/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lock of the pins: flock() on the directory of the network namespace. Whoever waits for it
 * says for which process, and does not wait without end.
 */
#ifndef PCTL_PINS_LOCK_H
#define PCTL_PINS_LOCK_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct lock_holder {
	pid_t pid; /* 0: not known, or the lock is free */
	bool stopped; /* by a signal: it will not let go by itself */
	char words[128]; /* "process 812 (policyctl apply veth0)", "another policyctl" */
};

/* Which process holds it? @fd: the directory */
void lock_find_holder(int fd, struct lock_holder *holder);

/*
 * Which process has an flock() for writing on this file, by a list as /proc/locks (proc(5))? 0:
 * none that can be seen.
 */
pid_t lock_read_holder(FILE *locks, dev_t device, ino_t inode);

/*
 * Takes the lock, in turn with others; notice() says which process it waits for after a second.
 * -EBUSY: the same process has held it for a minute (POLICYCTL_WAIT: other seconds), or for five
 * seconds while it was stopped, or others for a second after lock_wait_briefly(). -EINTR: a signal
 * came that is caught, or that is blocked and ends a command (SIGINT, SIGTERM, SIGHUP).
 */
int lock_take(int fd);

/* The same for a reader, which can do without: -EBUSY after a second, at once if the process that
 * holds it is stopped. */
int lock_take_to_read(int fd);

/* From now on this process waits a second at most for any pins: for one with other things to do.
 */
void lock_wait_briefly(void);

#endif
