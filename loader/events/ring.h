/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The consumer's side of a BPF ring buffer, as Documentation/bpf/ringbuf.rst and <linux/bpf.h>
 * describe it. Unlike libbpf's, it has no callback: a record is read where it stands and given back
 * with the next call.
 */
#ifndef PCTL_RING_H
#define PCTL_RING_H

#include <stddef.h>

struct ring {
	unsigned long *consumed; /* position up to which records were given back; a page */
	const unsigned long *produced; /* position up to which there are records; a page, then: */
	const unsigned char *data; /* the ring, twice in a row */
	unsigned long at; /* position behind the record that was read last */
	size_t size; /* of the ring in bytes */
};

/* Maps a ring buffer of this size. 0 or a negative errno; to be closed only after 0. */
int ring_open(int fd, size_t size, struct ring *ring);

/* The next record, valid until the next call; NULL: there is none now. */
const void *ring_next(struct ring *ring);

void ring_close(struct ring *ring); /* also of zeroes */

#endif
