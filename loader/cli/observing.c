// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>

#include "command.h"
#include "container_lookup.h"
#include "error.h"
#include "observing.h"
#include "target_arguments.h"
#include "util.h"

/* The container of an interface whose attachment has no record of one, looked up at its first
 * packet. */
struct named_interface {
	uint32_t ifindex;
	struct owner owner;
};

enum state {
	STARTING, /* the first pause is due */
	WAITING, /* for a tick or a signal */
	READING, /* packets in a row */
	ENDED,
};

struct observing {
	struct container_lookup *lookup;
	const char *name; /* of the target; NULL: all attachments */
	struct nl *nl;
	struct observer *observer;
	uint32_t *ifindexes; /* of the target's interfaces */
	size_t count; /* of these; 0: all attachments */
	struct named_interface *named;
	size_t named_count;
	sigset_t signals, before; /* those that end it; those that were blocked before */
	int signal_fd;
	enum state state;
	unsigned int row; /* events read since the last pause */
	bool more; /* the last row was cut short, so there may be more events */
	bool gone, stopped;
};

/* --- one packet --- */

static const struct owner *look_up(struct observing *observing, uint32_t ifindex)
{
	struct named_interface *named, *new;
	struct link link = {};

	for (size_t i = 0; i < observing->named_count; i++)
		if (observing->named[i].ifindex == ifindex)
			return &observing->named[i].owner;
	named = reallocarray(observing->named, observing->named_count + 1, sizeof(*named));
	if (!named)
		return NULL;
	observing->named = named;
	new = &named[observing->named_count++];
	*new = (struct named_interface){ .ifindex = ifindex };
	if (!nl_link_get(observing->nl, NULL, ifindex, &link))
		container_lookup_complete(observing->lookup, &link, &new->owner);
	error_clear();
	return &new->owner;
}

static bool is_observed(const struct observing *observing, uint32_t ifindex)
{
	for (size_t i = 0; i < observing->count; i++)
		if (observing->ifindexes[i] == ifindex)
			return true;
	return !observing->count;
}

/* Reads the next packet of the target's interfaces. 1; 0: the row has ended; or a negative errno.
 */
static int read_one(struct observing *observing, struct observation *observation)
{
	int got;

	do {
		observing->more = observing->row++ == OBSERVER_BATCH;
		got = observing->more ? 0 : observer_next(observing->observer, observation);
	} while (got > 0 && !is_observed(observing, observation->ifindex));
	if (got > 0 && !observation->owner) {
		observation->owner = look_up(observing, observation->ifindex);
		if (observation->owner && !owner_is(observation->owner))
			observation->owner = NULL;
	}
	return got;
}

/* --- waiting --- */

/* Interfaces that are gone do not come back: another one of the same name has another index. */
static bool are_gone(const struct observing *observing)
{
	char name[IF_NAMESIZE];

	for (size_t i = 0; i < observing->count; i++)
		if (if_indextoname(observing->ifindexes[i], name) || errno != ENXIO)
			return false;
	return observing->count;
}

/* Waits for the time to read the next row of packets. A signal ends the observation. */
static void wait_for_row(struct observing *observing)
{
	struct pollfd signals = { .fd = observing->signal_fd, .events = POLLIN };

	if (observing->gone || poll(&signals, 1, observing->more ? 0 : OBSERVER_TICK_MS)) {
		if (observing->gone)
			notice("%s is gone: there is nothing left to watch", observing->name);
		observing_stop(observing);
	} else {
		observing->gone = are_gone(observing); /* their last packets are read after this */
	}
}

int observing_next(struct observing *observing, struct observation *observation)
{
	int got;

	if (observing->state == STARTING) {
		observing->state = WAITING;
		return OBSERVED_PAUSE;
	}
	if (observing->state == WAITING && observing->stopped && !observing->more)
		observing->state = ENDED;
	if (observing->state == ENDED)
		return OBSERVED_END;
	if (observing->state == WAITING) {
		if (!observing->stopped)
			wait_for_row(observing);
		observing->state = READING;
		observing->row = 0;
	}
	got = read_one(observing, observation);
	if (got)
		return got < 0 ? got : OBSERVED_PACKET;
	observing->state = WAITING;
	return OBSERVED_PAUSE;
}

int observing_lost(struct observing *observing, struct reader_lost *lost)
{
	return observer_lost(observing->observer, lost);
}

void observing_stop(struct observing *observing)
{
	observer_stop(observing->observer);
	observing->stopped = true;
}

/* --- opening and closing --- */

/* SIGHUP stays ignored where nohup has ignored it. */
static int catch_signals(struct observing *observing)
{
	struct sigaction hangup;

	sigemptyset(&observing->signals);
	sigaddset(&observing->signals, SIGINT);
	sigaddset(&observing->signals, SIGTERM);
	if (sigaction(SIGHUP, NULL, &hangup) || hangup.sa_handler != SIG_IGN)
		sigaddset(&observing->signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &observing->signals, &observing->before);
	signal(SIGPIPE, SIG_IGN); /* a write fails with EPIPE */
	observing->signal_fd = signalfd(-1, &observing->signals, SFD_CLOEXEC);
	return observing->signal_fd < 0 ? error_set(-errno, "cannot wait for signals: %m") : 0;
}

/* @done: discards signals that came meanwhile, since they have ended the observation */
static void release_signals(struct observing *observing, bool done)
{
	while (done && sigtimedwait(&observing->signals, NULL, &(struct timespec){}) > 0)
		;
	closep(&observing->signal_fd);
	sigprocmask(SIG_SETMASK, &observing->before, NULL);
}

/* Opens the session and the interfaces of the target that are attached. */
static int find_interfaces(struct observing *observing, const struct target *target,
			   struct session *session)
{
	_cleanup_(attachments_close) struct attachments attachments = {};
	int status, error;

	if (!target->name) {
		error = session_open(session, PINS_WATCH);
		return error ? command_failed(NULL, error, NULL) : EXIT_DONE;
	}
	status = target_attachments(target, false, PINS_WATCH, session, &attachments);
	if (status != EXIT_DONE)
		return status;
	observing->ifindexes = calloc(attachments.count, sizeof(*observing->ifindexes));
	if (!observing->ifindexes)
		return command_failed(target->name, -ENOMEM, NULL);
	for (size_t i = 0; i < attachments.count; i++)
		observing->ifindexes[observing->count++] =
			attachments.items[i].current.meta.ifindex;
	return EXIT_DONE;
}

static int start(struct observing *observing, const struct target *target,
		 struct reader_settings settings)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	int error, status = find_interfaces(observing, target, &session);

	if (status != EXIT_DONE)
		return status;
	/* With several interfaces, read_one() leaves out the packets of others. */
	settings.ifindex = observing->count == 1 ? observing->ifindexes[0] : 0;
	error = nl_open(&observing->nl);
	error = error ?: observer_open(&session, &settings, &observing->observer);
	return error ? command_failed(target->name, error, NULL) : EXIT_DONE;
}

int observing_open(const struct target *target, struct container_lookup *lookup,
		   const struct reader_settings *settings, struct observing **observing)
{
	struct observing *new = calloc(1, sizeof(*new));
	int error, status;

	if (!new)
		return command_failed(NULL, -ENOMEM, NULL);
	new->lookup = lookup;
	new->name = target->name;
	error = catch_signals(new);
	status = error ? command_failed(NULL, error, NULL) : start(new, target, *settings);
	if (status == EXIT_DONE)
		*observing = new;
	else
		observing_close(new);
	return status;
}

void observing_close(struct observing *observing)
{
	bool opened;

	if (!observing)
		return;
	opened = observing->observer;
	observer_close(observing->observer); /* a signal ends its wait for the lock */
	nl_close(observing->nl);
	release_signals(observing, opened);
	free(observing->ifindexes);
	free(observing->named);
	free(observing);
}

void observing_print(const struct target *target, const struct reader_settings *settings)
{
	fprintf(stderr, "policyctl: watching %s: %s",
		target->name ?: "all attachments of this network namespace",
		settings->rate_passed ? "all packets"
				      : "dropped packets, and what rules decide that say `log`");
}
