/* SPDX-License-Identifier: GPL-2.0-only */
/* The ring buffer of events: one for all attachments of a network namespace, so that a reader opens
 * it once and policies come and go. Pinned as `events` in the store's directory of the namespace,
 * removed with the last attachment (store_close()). */
#ifndef PCTL_RING_H
#define PCTL_RING_H

/*
 * Opens it, and makes it first if there is none.
 * @shared: the directory of the namespace; NULL: one of its own, pinned nowhere
 */
int ring_get(const char *shared, int *fd);

/* Opens it to read. -ENOENT: nothing that was attached here logs. */
int ring_open(const char *shared, int *fd);

#endif
