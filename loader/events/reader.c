// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "bpfmap.h"
#include "capabilities.h"
#include "claim.h"
#include "error.h"
#include "rcu.h"
#include "reader.h"
#include "ring.h"
#include "util.h"

/* Room for the events of one attachment in a second, at READER_RATE and with a small snaplen. A
 * reader of larger events gets more room in proportion. */
#define RING_SMALL (2u << 20)
#define RING_LARGE (16u << 20)
#define SMALL_SNAPLEN 128

struct reader {
	struct event_maps maps; /* its own descriptors */
	struct pctl_subscriptions *subscriptions;
	struct ring ring;
	int ring_fd;
	uint32_t number;
	bool subscribed; /* the bit of `number` is set in `subscriptions` */
	int lock; /* claims `number` (claim.h); -1: not shared */
	char path[PATH_MAX];
	struct reader_lost before; /* what had been lost when it was opened */
};

static int duplicate(const struct event_maps *maps, struct event_maps *copy)
{
	for (int i = 0; i < EVENT_MAPS; i++) {
		copy->fds[i] = fcntl(maps->fds[i], F_DUPFD_CLOEXEC, 0);
		if (copy->fds[i] < 0)
			return error_set(-errno, "cannot open the maps of events: %m");
	}
	return 0;
}

/* --- counts --- */

/* Sums up `lost_events` for this reader's number, from the beginning of the map. */
static int read_lost(const struct reader *reader, struct reader_lost *lost)
{
	int cpus = libbpf_num_possible_cpus();
	_cleanup_(freep) struct pctl_lost *values = NULL;
	uint64_t sums[PCTL_EVENT_KINDS] = {};
	__u32 index = 0;

	if (cpus < 0)
		return error_set(cpus, "cannot tell how many CPUs there are");
	values = calloc(cpus, sizeof(*values));
	if (!values)
		return -ENOMEM;
	if (bpf_map_lookup_elem(reader->maps.fds[EVENT_LOST], &index, values))
		return error_set(-errno, "cannot read what events were lost: %m");
	for (int cpu = 0; cpu < cpus; cpu++)
		for (int kind = 0; kind < PCTL_EVENT_KINDS; kind++)
			for (int who = 0; who < 1 << PCTL_READERS; who++)
				if (who & (1 << reader->number))
					sums[kind] += values[cpu].packets[kind][who];
	lost->dropped = sums[PCTL_EVENT_DROPPED];
	lost->passed = sums[PCTL_EVENT_PASSED];
	return 0;
}

int reader_lost(struct reader *reader, struct reader_lost *lost)
{
	struct reader_lost now;
	int error = read_lost(reader, &now);

	if (error)
		return error;
	lost->dropped = now.dropped - reader->before.dropped;
	lost->passed = now.passed - reader->before.passed;
	return 0;
}

uint64_t reader_changes(const struct reader *reader)
{
	return __atomic_load_n(&reader->subscriptions->changes, __ATOMIC_SEQ_CST);
}

/* --- events --- */

const struct pctl_event *reader_next(struct reader *reader)
{
	return ring_next(&reader->ring);
}

/* --- opening and closing --- */

/* A number that no other process has, by its claim. One that a killed reader left is taken over. */
static int take_shared_number(struct reader *reader, const char *shared)
{
	int error = -EWOULDBLOCK;

	for (reader->number = 0; reader->number < PCTL_READERS; reader->number++) {
		reader_path(shared, reader->number, reader->path);
		error = claim_take(reader->path, &reader->lock);
		if (error != -EWOULDBLOCK)
			break;
	}
	if (error)
		reader->path[0] = '\0'; /* it is not ours to remove */
	return error == -EWOULDBLOCK ? 0 : error;
}

/* A free number. */
static int take_number(struct reader *reader, const char *shared)
{
	int error = 0;

	if (shared)
		error = take_shared_number(reader, shared);
	else /* among those of this process; each subscribes to dropped packets */
		while (reader->subscriptions->readers[PCTL_EVENT_DROPPED] & (1u << reader->number))
			reader->number++;
	if (!error && reader->number == PCTL_READERS)
		return error_set(-EUSERS,
				 "there are %d readers of events already, no more are possible",
				 PCTL_READERS);
	return error;
}

static int make_ring(struct reader *reader, const struct reader_settings *settings)
{
	uint32_t size = settings->snaplen <= SMALL_SNAPLEN ? RING_SMALL : RING_LARGE;
	int error;

	reader->ring_fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "event_ring", 0, 0, size, NULL);
	if (reader->ring_fd < 0)
		return capabilities_explain(reader->ring_fd, "cannot create a ring buffer");
	error = ring_open(reader->ring_fd, size, &reader->ring);
	if (error)
		return error_set(error, "cannot map the ring buffer: %s", strerror(-error));
	if (bpf_map_update_elem(reader->maps.fds[EVENT_RINGS], &reader->number, &reader->ring_fd,
				BPF_ANY))
		return error_set(-errno, "cannot tell the programs of the ring buffer: %m");
	return 0;
}

static void raise_rate(struct pctl_subscriptions *subscriptions, enum pctl_event_kind kind,
		       uint32_t rate)
{
	/* The rate of the last reader ends with that reader. */
	if (!subscriptions->readers[kind] || subscriptions->rates[kind] < rate)
		subscriptions->rates[kind] = rate;
}

static void start(struct reader *reader, const struct reader_settings *settings)
{
	struct pctl_subscriptions *subscriptions = reader->subscriptions;
	__u32 bit = 1u << reader->number;

	raise_rate(subscriptions, PCTL_EVENT_DROPPED, settings->rate ?: READER_RATE);
	if (settings->rate_passed)
		raise_rate(subscriptions, PCTL_EVENT_PASSED, settings->rate_passed);
	reader->subscribed = true;
	__atomic_or_fetch(&subscriptions->readers[PCTL_EVENT_DROPPED], bit, __ATOMIC_SEQ_CST);
	if (settings->rate_passed)
		__atomic_or_fetch(&subscriptions->readers[PCTL_EVENT_PASSED], bit,
				  __ATOMIC_SEQ_CST);
}

int reader_open(const struct event_maps *maps, const char *shared,
		const struct reader_settings *settings, struct reader **reader)
{
	struct reader *new = calloc(1, sizeof(*new));
	int error;

	if (!new)
		return -ENOMEM;
	*new = (struct reader){ .maps = EVENT_MAPS_EMPTY, .ring_fd = -1, .lock = -1 };
	error = duplicate(maps, &new->maps);
	if (!error) {
		new->subscriptions = subscriptions_map(new->maps.fds[EVENT_SUBSCRIPTIONS]);
		error = new->subscriptions ? 0
					   : error_set(-errno, "cannot map the subscriptions: %m");
	}
	error = error ?: take_number(new, shared);
	if (!error) {
		/* The number may have been a killed reader's, and programs that run right now may
		 * be about to write to its ring: not to this one's. */
		subscriptions_remove(new->subscriptions, new->maps.fds[EVENT_RINGS], new->number);
		new->subscriptions->of[new->number] = (struct pctl_subscription){
			.ifindex = settings->ifindex,
			.snaplen = settings->snaplen,
		};
		wait_for_running_programs();
	}
	error = error ?: make_ring(new, settings);
	error = error ?: read_lost(new, &new->before);
	if (error) {
		reader_close(new);
		return error;
	}
	start(new, settings);
	*reader = new;
	return 0;
}

void reader_stop(struct reader *reader)
{
	if (!reader->subscribed)
		return;
	reader->subscribed = false;
	subscriptions_remove(reader->subscriptions, reader->maps.fds[EVENT_RINGS], reader->number);
	wait_for_running_programs();
}

void reader_close(struct reader *reader)
{
	if (!reader)
		return;
	reader_stop(reader);
	ring_close(&reader->ring);
	closep(&reader->ring_fd);
	subscriptions_unmap(reader->subscriptions);
	event_maps_close(&reader->maps);
	/* Last of all, since it frees the number. */
	if (reader->path[0])
		rmdir(reader->path);
	closep(&reader->lock);
	free(reader);
}
