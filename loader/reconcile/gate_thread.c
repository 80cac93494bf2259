// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clock.h"
#include "gate_thread.h"
#include "error.h"
#include "netlink_listen.h"
#include "util.h"

/* A veth or tap, as the kernel said last. */
struct device {
	uint32_t ifindex, peer, master;
	bool here; /* the other end of a veth is in this network namespace */
	char name[IF_NAMESIZE];
	bool watched; /* it gets a policy by its name */
};

struct devices {
	struct device *items;
	size_t count;
};

struct gate_thread {
	struct gate *gate;
	struct bridges *bridges;
	struct watched_names *names;
	struct nl *nl;
	struct nl_listener *listener;
	struct devices devices;
	pthread_t thread;
	int arrived, stop; /* eventfds */
	bool stopped;
	/* Shared with the thread that takes the arrivals: */
	pthread_mutex_t lock;
	struct arrival *arrivals;
	size_t arrival_count;
};

/* --- devices --- */

static struct device *devices_find(const struct devices *devices, uint32_t ifindex)
{
	for (size_t i = 0; i < devices->count; i++)
		if (devices->items[i].ifindex == ifindex)
			return &devices->items[i];
	return NULL;
}

static struct device describe(const struct gate_thread *gate_thread, const struct link *link)
{
	struct device device = {
		.ifindex = link->ifindex,
		.peer = link->peer,
		.master = link->master,
		.here = !strcmp(link->kind, "veth") && link->peer_nsid < 0,
		.watched = watched_names_have(gate_thread->names, link),
	};
	memcpy(device.name, link->name, sizeof(device.name));
	return device;
}

/* Without memory it is not remembered, and held once more, which does no harm. */
static void devices_add(struct devices *devices, const struct device *device)
{
	struct device *grown = reallocarray(devices->items, devices->count + 1, sizeof(*grown));

	if (!grown)
		return;
	devices->items = grown;
	grown[devices->count++] = *device;
}

static void devices_remove(struct devices *devices, uint32_t ifindex)
{
	struct device *device = devices_find(devices, ifindex);

	if (device)
		*device = devices->items[--devices->count];
}

static bool may_be_held(const struct link *link)
{
	return !strcmp(link->kind, "veth") || !strcmp(link->kind, "tun");
}

/* --- arrivals --- */

static void add_arrival(struct gate_thread *gate_thread, const struct arrival *arrival)
{
	const uint64_t one = 1;
	struct arrival *grown;

	pthread_mutex_lock(&gate_thread->lock);
	grown = reallocarray(gate_thread->arrivals, gate_thread->arrival_count + 1, sizeof(*grown));
	if (grown) {
		gate_thread->arrivals = grown;
		grown[gate_thread->arrival_count++] = *arrival;
	}
	pthread_mutex_unlock(&gate_thread->lock);
	if (write(gate_thread->arrived, &one, sizeof(one)) < 0)
		notice("the gate's thread: %m");
}

bool gate_thread_take(struct gate_thread *gate_thread, struct arrival *arrival)
{
	uint64_t count;
	bool found;

	pthread_mutex_lock(&gate_thread->lock);
	found = gate_thread->arrival_count > 0;
	if (found) {
		*arrival = gate_thread->arrivals[0];
		memmove(gate_thread->arrivals, gate_thread->arrivals + 1,
			--gate_thread->arrival_count * sizeof(*arrival));
	} else if (read(gate_thread->arrived, &count, sizeof(count)) < 0) {
		errno = 0; /* there was nothing to read */
	}
	pthread_mutex_unlock(&gate_thread->lock);
	return found;
}

int gate_thread_fd(const struct gate_thread *gate_thread)
{
	return gate_thread->arrived;
}

/* --- the thread --- */

/* @again: it was let go, or came before this process */
static void hold(struct gate_thread *gate_thread, const struct device *device, uint64_t heard_ns,
		 bool again)
{
	struct arrival arrival = { .ifindex = device->ifindex,
				   .heard_ns = heard_ns,
				   .watched = device->watched };
	int error = gate_hold(gate_thread->gate, gate_thread->nl, device->ifindex,
			      &arrival.made_clsact);

	if (error >= 0)
		arrival.held_ns = clock_monotonic_ns();
	else
		snprintf(arrival.why, sizeof(arrival.why), "%s", error_message(error));
	error_clear();
	if (error != -ENODEV && (!again || error != GATE_HELD_ALREADY))
		add_arrival(gate_thread, &arrival);
}

static bool joins(struct gate_thread *gate_thread, const struct device *device)
{
	return device->master &&
	       bridges_hold(gate_thread->bridges, gate_thread->nl, device->master);
}

/* The other end of this device left this network namespace: from now on a container may use it. */
static void on_move(struct gate_thread *gate_thread, struct device *device, uint64_t heard_ns)
{
	device->here = false;
	if (device->watched || joins(gate_thread, device))
		hold(gate_thread, device, heard_ns, true);
}

/* A veth that went, perhaps to another network namespace: then what is at its other end has to be
 * held, and the kernel's message about that one may come later. */
static void on_gone(struct gate_thread *gate_thread, const struct link *link, uint64_t heard_ns)
{
	struct link other;

	devices_remove(&gate_thread->devices, link->ifindex);
	for (size_t i = 0; i < gate_thread->devices.count; i++) {
		struct device *device = &gate_thread->devices.items[i];

		if (!device->here || device->peer != link->ifindex)
			continue;
		if (!nl_link_get(gate_thread->nl, NULL, device->ifindex, &other) &&
		    other.peer_nsid >= 0) {
			*device = describe(gate_thread, &other);
			on_move(gate_thread, device, heard_ns);
		}
		error_clear();
		return;
	}
}

/* A device that was there: it joins a bridge, its other end leaves, or it gets a name that is
 * watched. What is watched already when it joins a bridge is held, or has its policy. */
static void on_change(struct gate_thread *gate_thread, struct device *device,
		      const struct link *link, uint64_t heard_ns)
{
	struct device before = *device;

	*device = describe(gate_thread, link);
	if (before.here && !device->here)
		on_move(gate_thread, device, heard_ns);
	else if (!before.master && joins(gate_thread, device))
		hold(gate_thread, device, heard_ns, before.watched);
	else if (!before.watched && device->watched && strcmp(before.name, link->name) != 0)
		hold(gate_thread, device, heard_ns, false);
}

static int on_link(void *data, const struct link *link, bool gone)
{
	struct gate_thread *gate_thread = data;
	uint64_t heard_ns = clock_monotonic_ns();
	struct device *known, new;

	if (!may_be_held(link))
		return 0;
	known = devices_find(&gate_thread->devices, link->ifindex);
	if (gone) {
		on_gone(gate_thread, link, heard_ns);
	} else if (known) {
		on_change(gate_thread, known, link, heard_ns);
	} else {
		new = describe(gate_thread, link);
		devices_add(&gate_thread->devices, &new);
		if (new.watched || joins(gate_thread, &new))
			hold(gate_thread, &new, heard_ns, false);
	}
	return 0;
}

/* Messages were lost: each device that is not known may have come meanwhile. */
static void resync(struct gate_thread *gate_thread)
{
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0;

	if (nl_links(gate_thread->nl, &links, &count))
		notice("the gate's thread: %s", error_message(0));
	for (size_t i = 0; i < count; i++)
		on_link(gate_thread, &links[i], false);
	error_clear();
}

static void *run(void *data)
{
	struct gate_thread *gate_thread = data;
	const struct nl_news news = { .link = on_link, .data = gate_thread };
	struct pollfd fds[] = {
		{ .fd = nl_listener_fd(gate_thread->listener), .events = POLLIN },
		{ .fd = gate_thread->stop, .events = POLLIN },
	};

	while (!fds[1].revents) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0)
			continue;
		if (fds[0].revents && nl_listen(gate_thread->listener, &news))
			resync(gate_thread);
	}
	return NULL;
}

#define REALTIME_PRIORITY 1 /* the lowest one; threads without one run behind */
#define NICE (-10)

/* sched_autogroup(7): where it is on, the kernel first shares the CPUs among sessions, and nice
 * values count within each. A session of our own, as a service has, gets the nice value as well. */
static void raise_session(void)
{
	_cleanup_(closep) int fd = -1;
	char value[8];
	int length;

	if (getsid(0) != getpid())
		return;
	fd = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
	length = snprintf(value, sizeof(value), "%d", NICE);
	if (fd >= 0 && write(fd, value, length) < 0)
		errno = 0; /* without CAP_SYS_NICE it stays as it is */
}

void gate_thread_request_priority(void)
{
	const struct rlimit limit = { .rlim_cur = REALTIME_PRIORITY,
				      .rlim_max = REALTIME_PRIORITY };
	const struct sched_param first = { .sched_priority = REALTIME_PRIORITY };

	if (getpriority(PRIO_PROCESS, 0) > NICE)
		setpriority(PRIO_PROCESS, 0, NICE); /* without CAP_SYS_NICE it stays as it is */
	raise_session();
	/* The limit takes CAP_SYS_RESOURCE, which a container lacks. What has real-time priority
	 * now passes it on to the threads that it starts. */
	if (setrlimit(RLIMIT_RTPRIO, &limit))
		sched_setscheduler(0, SCHED_RR, &first);
}

/* With every CPU busy, a thread that waits for its turn would hold too late. The calling thread had
 * the priority only to pass it on. */
static void raise_priority(pthread_t thread)
{
	const struct sched_param first = { .sched_priority = REALTIME_PRIORITY }, none = {};

	pthread_setschedparam(thread, SCHED_RR, &first); /* a failure leaves it as it is */
	sched_setscheduler(0, SCHED_OTHER, &none);
}

/* --- life --- */

static int note_present(struct gate_thread *gate_thread)
{
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0;
	int error = nl_links(gate_thread->nl, &links, &count);

	for (size_t i = 0; i < count; i++) {
		struct device device = describe(gate_thread, &links[i]);

		if (may_be_held(&links[i]))
			devices_add(&gate_thread->devices, &device);
	}
	return error;
}

/* Signals go to the thread of the event loop. */
static int start(struct gate_thread *gate_thread)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	error = pthread_create(&gate_thread->thread, NULL, run, gate_thread);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		return error_set(-error, "cannot start a thread: %s", strerror(error));
	raise_priority(gate_thread->thread);
	return 0;
}

static void gate_thread_free(struct gate_thread *gate_thread)
{
	nl_listener_close(gate_thread->listener);
	nl_close(gate_thread->nl);
	closep(&gate_thread->arrived);
	closep(&gate_thread->stop);
	pthread_mutex_destroy(&gate_thread->lock);
	free(gate_thread->devices.items);
	free(gate_thread->arrivals);
	free(gate_thread);
}

int gate_thread_open(struct gate *gate, struct bridges *bridges, struct watched_names *names,
		     struct gate_thread **gate_thread)
{
	struct gate_thread *new = calloc(1, sizeof(*new));
	int error = 0;

	if (!new)
		return -ENOMEM;
	new->gate = gate;
	new->bridges = bridges;
	new->names = names;
	pthread_mutex_init(&new->lock, NULL);
	new->arrived = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	new->stop = eventfd(0, EFD_CLOEXEC);
	if (new->arrived < 0 || new->stop < 0)
		error = error_set(-errno, "cannot make an eventfd: %m");
	error = error ?: nl_open(&new->nl);
	error = error ?: nl_listener_open(false, &new->listener);
	error = error ?: note_present(new);
	error = error ?: start(new);
	if (error)
		gate_thread_free(new);
	else
		*gate_thread = new;
	return error;
}

void gate_thread_stop(struct gate_thread *gate_thread)
{
	const uint64_t one = 1;

	if (gate_thread->stopped)
		return;
	if (write(gate_thread->stop, &one, sizeof(one)) == sizeof(one))
		pthread_join(gate_thread->thread, NULL);
	gate_thread->stopped = true;
}

void gate_thread_close(struct gate_thread *gate_thread)
{
	if (!gate_thread)
		return;
	gate_thread_stop(gate_thread);
	gate_thread_free(gate_thread);
}
