// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ring.h"

/* Offsets of the map's descriptor: the consumer's position, which is ours to write, is the first
 * page; the producer's is the second, and the data follows. */
int ring_open(int fd, size_t size, struct ring *ring)
{
	size_t page = sysconf(_SC_PAGESIZE);
	void *consumed = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	void *produced = mmap(NULL, page + 2 * size, PROT_READ, MAP_SHARED, fd, page);
	int error = consumed == MAP_FAILED || produced == MAP_FAILED ? -errno : 0;

	if (error) {
		if (consumed != MAP_FAILED)
			munmap(consumed, page);
		if (produced != MAP_FAILED)
			munmap(produced, page + 2 * size);
		return error;
	}
	*ring = (struct ring){
		.consumed = consumed,
		.produced = produced,
		.data = (unsigned char *)produced + page,
		.at = *(unsigned long *)consumed,
		.size = size,
	};
	return 0;
}

const void *ring_next(struct ring *ring)
{
	unsigned long produced = __atomic_load_n(ring->produced, __ATOMIC_ACQUIRE);
	const void *record = NULL;

	/* The records that were read or skipped are given back to the programs. */
	__atomic_store_n(ring->consumed, ring->at, __ATOMIC_RELEASE);
	while (!record && ring->at < produced) {
		const unsigned char *header = ring->data + (ring->at & (ring->size - 1));
		uint32_t length = __atomic_load_n((const uint32_t *)header, __ATOMIC_ACQUIRE);

		if (length & BPF_RINGBUF_BUSY_BIT)
			break; /* a program is still writing it */
		if (!(length & BPF_RINGBUF_DISCARD_BIT))
			record = header + BPF_RINGBUF_HDR_SZ;
		length &= ~BPF_RINGBUF_DISCARD_BIT;
		ring->at += (length + BPF_RINGBUF_HDR_SZ + 7) & ~7ul;
	}
	return record;
}

void ring_close(struct ring *ring)
{
	size_t page = sysconf(_SC_PAGESIZE);

	if (!ring->consumed)
		return;
	munmap(ring->consumed, page);
	munmap((void *)ring->produced, page + 2 * ring->size);
	*ring = (struct ring){};
}
