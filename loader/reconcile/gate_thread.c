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

/* A veth that is a port of a bridge, as the kernel said last. */
struct port {
	uint32_t ifindex, peer;
	bool here; /* its other end is in this network namespace */
};

struct ports {
	struct port *items;
	size_t count;
};

struct gate_thread {
	struct gate *gate;
	struct bridges *bridges;
	struct nl *nl;
	struct nl_listener *listener;
	struct ports ports;
	pthread_t thread;
	int arrived, stop; /* eventfds */
	bool stopped;
	/* Shared with the thread that takes the arrivals: */
	pthread_mutex_t lock;
	struct arrival *arrivals;
	size_t arrival_count;
};

/* --- ports --- */

static struct port *ports_find(const struct ports *ports, uint32_t ifindex)
{
	for (size_t i = 0; i < ports->count; i++)
		if (ports->items[i].ifindex == ifindex)
			return &ports->items[i];
	return NULL;
}

/* Without memory it is not remembered, and held once more, which does no harm. */
static void ports_add(struct ports *ports, const struct link *link)
{
	struct port *grown = reallocarray(ports->items, ports->count + 1, sizeof(*grown));

	if (!grown)
		return;
	ports->items = grown;
	grown[ports->count++] = (struct port){ link->ifindex, link->peer, link->peer_nsid < 0 };
}

static void ports_remove(struct ports *ports, uint32_t ifindex)
{
	struct port *port = ports_find(ports, ifindex);

	if (port)
		*port = ports->items[--ports->count];
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
static void hold(struct gate_thread *gate_thread, uint32_t ifindex, uint64_t heard_ns, bool again)
{
	struct arrival arrival = { .ifindex = ifindex, .heard_ns = heard_ns };
	int error = gate_hold(gate_thread->gate, gate_thread->nl, ifindex, &arrival.made_clsact);

	if (error >= 0)
		arrival.held_ns = clock_monotonic_ns();
	else
		snprintf(arrival.why, sizeof(arrival.why), "%s", error_message(error));
	error_clear();
	if (error != -ENODEV && (!again || error != GATE_HELD_ALREADY))
		add_arrival(gate_thread, &arrival);
}

/* The other end of this port left this network namespace: from now on a container may use it. */
static void on_move(struct gate_thread *gate_thread, struct port *port, uint32_t bridge,
		    uint64_t heard_ns)
{
	port->here = false;
	if (bridges_hold(gate_thread->bridges, gate_thread->nl, bridge))
		hold(gate_thread, port->ifindex, heard_ns, true);
}

/* A veth that went, perhaps to another network namespace: then the port at its other end has to be
 * held, and the kernel's message about that one may come later. */
static void on_gone(struct gate_thread *gate_thread, const struct link *link, uint64_t heard_ns)
{
	struct link other;

	ports_remove(&gate_thread->ports, link->ifindex);
	for (size_t i = 0; i < gate_thread->ports.count; i++) {
		struct port *port = &gate_thread->ports.items[i];

		if (!port->here || port->peer != link->ifindex)
			continue;
		if (!nl_link_get(gate_thread->nl, NULL, port->ifindex, &other) && other.master &&
		    other.peer_nsid >= 0)
			on_move(gate_thread, port, other.master, heard_ns);
		error_clear();
		return;
	}
}

static int on_link(void *data, const struct link *link, bool gone)
{
	struct gate_thread *gate_thread = data;
	uint64_t heard_ns = clock_monotonic_ns();
	struct port *port;

	if (strcmp(link->kind, "veth") != 0)
		return 0;
	port = ports_find(&gate_thread->ports, link->ifindex);
	if (gone) {
		on_gone(gate_thread, link, heard_ns);
	} else if (!link->master) {
		ports_remove(&gate_thread->ports, link->ifindex);
	} else if (!port) {
		ports_add(&gate_thread->ports, link);
		if (bridges_hold(gate_thread->bridges, gate_thread->nl, link->master))
			hold(gate_thread, link->ifindex, heard_ns, false);
	} else if (port->here && link->peer_nsid >= 0) {
		on_move(gate_thread, port, link->master, heard_ns);
	} else {
		port->here = link->peer_nsid < 0;
	}
	return 0;
}

/* Messages were lost: each veth that is not known may have come meanwhile. */
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

	for (size_t i = 0; i < count; i++)
		if (!strcmp(links[i].kind, "veth") && links[i].master)
			ports_add(&gate_thread->ports, &links[i]);
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
	free(gate_thread->ports.items);
	free(gate_thread->arrivals);
	free(gate_thread);
}

int gate_thread_open(struct gate *gate, struct bridges *bridges, struct gate_thread **gate_thread)
{
	struct gate_thread *new = calloc(1, sizeof(*new));
	int error = 0;

	if (!new)
		return -ENOMEM;
	new->gate = gate;
	new->bridges = bridges;
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
