// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>

#include "gate_thread.h"
#include "error.h"
#include "netlink_listen.h"
#include "util.h"

struct numbers {
	uint32_t *items;
	size_t count;
};

struct doorman {
	struct gate *gate;
	struct bridges *bridges;
	struct nl *nl;
	struct nl_listener *listener;
	struct numbers ports; /* veths that are ports, as far as was heard */
	pthread_t thread;
	int arrived, stop; /* eventfds */
	/* Shared with who takes the arrivals: */
	pthread_mutex_t lock;
	struct arrival *arrivals;
	size_t arrival_count;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

/* --- a set of numbers --- */

static size_t numbers_find(const struct numbers *numbers, uint32_t number)
{
	size_t i = 0;

	while (i < numbers->count && numbers->items[i] != number)
		i++;
	return i;
}

/* Without memory it is not remembered: it is held once more, which does no harm. */
static void numbers_add(struct numbers *numbers, uint32_t number)
{
	uint32_t *grown = reallocarray(numbers->items, numbers->count + 1, sizeof(*grown));

	if (!grown)
		return;
	numbers->items = grown;
	grown[numbers->count++] = number;
}

static void numbers_remove(struct numbers *numbers, uint32_t number)
{
	size_t i = numbers_find(numbers, number);

	if (i < numbers->count)
		numbers->items[i] = numbers->items[--numbers->count];
}

/* --- arrivals --- */

static void tell(struct doorman *doorman, const struct arrival *arrival)
{
	const uint64_t one = 1;
	struct arrival *grown;

	pthread_mutex_lock(&doorman->lock);
	grown = reallocarray(doorman->arrivals, doorman->arrival_count + 1, sizeof(*grown));
	if (grown) {
		doorman->arrivals = grown;
		grown[doorman->arrival_count++] = *arrival;
	}
	pthread_mutex_unlock(&doorman->lock);
	if (write(doorman->arrived, &one, sizeof(one)) < 0)
		notice("doorman: %m");
}

bool doorman_take(struct doorman *doorman, struct arrival *arrival)
{
	uint64_t count;
	bool found;

	pthread_mutex_lock(&doorman->lock);
	found = doorman->arrival_count > 0;
	if (found) {
		*arrival = doorman->arrivals[0];
		memmove(doorman->arrivals, doorman->arrivals + 1,
			--doorman->arrival_count * sizeof(*arrival));
	} else if (read(doorman->arrived, &count, sizeof(count)) < 0) {
		errno = 0; /* nothing had come: fine */
	}
	pthread_mutex_unlock(&doorman->lock);
	return found;
}

int doorman_fd(const struct doorman *doorman)
{
	return doorman->arrived;
}

/* --- the thread --- */

static void hold(struct doorman *doorman, uint32_t ifindex, uint64_t heard_ns)
{
	struct arrival arrival = { .ifindex = ifindex, .heard_ns = heard_ns };
	int error = gate_hold(doorman->gate, doorman->nl, ifindex, &arrival.made_clsact);

	if (error >= 0)
		arrival.held_ns = now_ns();
	else
		snprintf(arrival.why, sizeof(arrival.why), "%s", error_message(error));
	error_clear();
	if (error != -ENODEV)
		tell(doorman, &arrival);
}

static int hear(void *data, const struct link *link, bool gone)
{
	struct doorman *doorman = data;
	uint64_t heard_ns = now_ns();
	bool known;

	if (strcmp(link->kind, "veth") != 0)
		return 0;
	known = numbers_find(&doorman->ports, link->ifindex) < doorman->ports.count;
	if (gone || !link->master) {
		if (known)
			numbers_remove(&doorman->ports, link->ifindex);
		return 0;
	}
	if (known)
		return 0;
	numbers_add(&doorman->ports, link->ifindex);
	if (bridges_hold(doorman->bridges, doorman->nl, link->master))
		hold(doorman, link->ifindex, heard_ns);
	return 0;
}

/* Messages were lost: whoever is not known may have come meanwhile. */
static void look_at_all(struct doorman *doorman)
{
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0;

	if (nl_links(doorman->nl, &links, &count))
		notice("doorman: %s", error_message(0));
	for (size_t i = 0; i < count; i++)
		hear(doorman, &links[i], false);
	error_clear();
}

static void *watch(void *data)
{
	struct doorman *doorman = data;
	const struct nl_news news = { .link = hear, .data = doorman };
	struct pollfd fds[] = {
		{ .fd = nl_listener_fd(doorman->listener), .events = POLLIN },
		{ .fd = doorman->stop, .events = POLLIN },
	};

	while (!fds[1].revents) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0)
			continue;
		if (fds[0].revents && nl_listen(doorman->listener, &news))
			look_at_all(doorman);
	}
	return NULL;
}

#define HURRY 1 /* the lowest real-time priority is above all that has none */
#define HURRY_NICE (-10)

void doorman_allow_hurry(void)
{
	const struct rlimit limit = { .rlim_cur = HURRY, .rlim_max = HURRY };

	setrlimit(RLIMIT_RTPRIO, &limit); /* without CAP_SYS_RESOURCE: as it is */
	if (getpriority(PRIO_PROCESS, 0) > HURRY_NICE)
		setpriority(PRIO_PROCESS, 0, HURRY_NICE); /* likewise, CAP_SYS_NICE */
}

/* With every CPU busy, who waits for a turn holds too late. */
static void hurry(pthread_t thread)
{
	const struct sched_param first = { .sched_priority = HURRY };

	pthread_setschedparam(thread, SCHED_RR, &first); /* if it may not: as it is */
}

/* --- life --- */

static int know_present(struct doorman *doorman)
{
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0;
	int error = nl_links(doorman->nl, &links, &count);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(links[i].kind, "veth") && links[i].master)
			numbers_add(&doorman->ports, links[i].ifindex);
	return error;
}

/* Signals are for the thread that waits for them. */
static int start(struct doorman *doorman)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	error = pthread_create(&doorman->thread, NULL, watch, doorman);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		return error_set(-error, "cannot start a thread: %s", strerror(error));
	hurry(doorman->thread);
	return 0;
}

static void doorman_free(struct doorman *doorman)
{
	nl_listener_close(doorman->listener);
	nl_close(doorman->nl);
	closep(&doorman->arrived);
	closep(&doorman->stop);
	pthread_mutex_destroy(&doorman->lock);
	free(doorman->ports.items);
	free(doorman->arrivals);
	free(doorman);
}

int doorman_open(struct gate *gate, struct bridges *bridges, struct doorman **doorman)
{
	struct doorman *new = calloc(1, sizeof(*new));
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
	error = error ?: know_present(new);
	error = error ?: start(new);
	if (error)
		doorman_free(new);
	else
		*doorman = new;
	return error;
}

void doorman_close(struct doorman *doorman)
{
	const uint64_t one = 1;

	if (!doorman)
		return;
	if (write(doorman->stop, &one, sizeof(one)) == sizeof(one))
		pthread_join(doorman->thread, NULL);
	doorman_free(doorman);
}
