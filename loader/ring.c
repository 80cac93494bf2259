// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>

#include "capabilities.h"
#include "ring.h"
#include "bpfmap.h"
#include "store.h"
#include "util.h"

/* 4,000 events and more: seconds of drops at the rate that a reader keeps up with. */
#define EVENTS_SIZE (1u << 20)

int ring_open(const char *shared, int *fd)
{
	return map_open_pin(shared, STORE_EVENTS, fd);
}

int ring_get(const char *shared, int *fd)
{
	_cleanup_(closep) int new = -1;
	int error = shared ? ring_open(shared, fd) : -ENOENT;

	if (error != -ENOENT)
		return error;
	new = bpf_map_create(BPF_MAP_TYPE_RINGBUF, STORE_EVENTS, 0, 0, EVENTS_SIZE, NULL);
	if (new < 0)
		return capabilities_explain(new, "cannot create the ring buffer of events");
	error = shared ? map_pin(new, shared, STORE_EVENTS) : 0;
	if (!error)
		*fd = TAKE_FD(new);
	return error;
}
