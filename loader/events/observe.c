// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>

#include "error.h"
#include "observe.h"
#include "owners.h"
#include "target.h"
#include "util.h"
#include "watching.h"

/* Whose an interface is of which nothing was recorded: looked up when it is first heard of. */
struct named {
	uint32_t ifindex;
	struct owner owner;
};

/* What stands between the watching and its observer. */
struct observing {
	const struct observer *observer;
	const struct target *target;
	struct owners *owners;
	struct nl *nl;
	uint32_t *ifindexes; /* that are watched */
	size_t count; /* 0: all */
	struct named *names;
	size_t name_count;
	struct watching *watching;
};

static void observing_close(struct observing *observing)
{
	watching_close(observing->watching);
	nl_close(observing->nl);
	free(observing->ifindexes);
	free(observing->names);
}

/* --- each packet --- */

static const struct owner *look_up(struct observing *observing, uint32_t ifindex)
{
	struct named *names, *new;
	struct link link = {};

	for (size_t i = 0; i < observing->name_count; i++)
		if (observing->names[i].ifindex == ifindex)
			return &observing->names[i].owner;
	names = reallocarray(observing->names, observing->name_count + 1, sizeof(*names));
	if (!names)
		return NULL;
	observing->names = names;
	new = &names[observing->name_count++];
	*new = (struct named){ .ifindex = ifindex };
	if (observing->nl && !nl_link_get(observing->nl, NULL, ifindex, &link))
		owners_complete(observing->owners, &link, &new->owner);
	error_clear();
	return &new->owner;
}

static bool is_watched(const struct observing *observing, uint32_t ifindex)
{
	for (size_t i = 0; i < observing->count; i++)
		if (observing->ifindexes[i] == ifindex)
			return true;
	return !observing->count;
}

static int each(void *data, const struct observation *seen)
{
	struct observing *observing = data;
	struct observation observation = *seen;

	if (!is_watched(observing, seen->ifindex))
		return 0;
	if (!seen->owner)
		observation.owner = look_up(observing, seen->ifindex);
	if (observation.owner && !owner_is(observation.owner))
		observation.owner = NULL;
	return observing->observer->each(observing->observer->data, &observation);
}

static int pause_now(void *data, const struct observed *so_far)
{
	const struct observer *observer = ((struct observing *)data)->observer;

	return observer->pause ? observer->pause(observer->data, so_far) : 0;
}

/* --- the loop --- */

/* They do not come back: another one of the same name has another index. */
static bool are_gone(const struct observing *observing)
{
	char name[IF_NAMESIZE];

	for (size_t i = 0; i < observing->count; i++)
		if (if_indextoname(observing->ifindexes[i], name) || errno != ENXIO)
			return false;
	return observing->count;
}

/* Until a signal comes, the interfaces go (true), or the observer has enough. */
static bool watch(const struct observing *observing, int signals)
{
	struct pollfd poll_fd = { .fd = signals, .events = POLLIN };
	struct watching *w = observing->watching;
	bool more = false, gone = false;

	watching_pause(w); /* it is listening */
	while (!watching_status(w) && !gone && !poll(&poll_fd, 1, more ? 0 : WATCHING_TICK_MS)) {
		gone = are_gone(observing); /* what they had to tell is read behind that */
		more = watching_step(w);
	}
	watching_finish(w);
	return gone;
}

/* The interfaces of the target that are attached. */
static int find_watched(struct observing *observing, struct session *session)
{
	_cleanup_(attachments_close) struct attachments attachments = {};
	int status = target_open(observing->target, false, session, &attachments);

	if (status != EXIT_DONE)
		return status;
	observing->ifindexes = calloc(attachments.count, sizeof(*observing->ifindexes));
	if (!observing->ifindexes)
		return command_failed(observing->target->name, -ENOMEM, NULL);
	for (size_t i = 0; i < attachments.count; i++)
		observing->ifindexes[observing->count++] =
			attachments.items[i].current.meta.ifindex;
	return EXIT_DONE;
}

/* Opens what is watched, with what it may tell of already known. EXIT_DONE or another status. */
static int start(struct observing *observing, struct reader_settings settings,
		 const struct observer *between)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	int error, status;

	if (observing->target->name) {
		status = find_watched(observing, &session);
		if (status != EXIT_DONE)
			return status;
		/* Of several, what is of others is left out here. */
		settings.ifindex = observing->count == 1 ? observing->ifindexes[0] : 0;
	} else {
		error = session_open(&session, true);
		if (error)
			return command_failed(NULL, error, NULL);
	}
	error = nl_open(&observing->nl);
	error = error ?: watching_open(&session, &settings, between, &observing->watching);
	return error ? command_failed(observing->target->name, error, NULL) : EXIT_DONE;
}

/* What ends us. Who started us with nohup wants us to outlive the terminal. */
static void block_signals(sigset_t *set, sigset_t *before)
{
	struct sigaction hangup;

	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	if (sigaction(SIGHUP, NULL, &hangup) || hangup.sa_handler != SIG_IGN)
		sigaddset(set, SIGHUP);
	sigprocmask(SIG_BLOCK, set, before);
}

void observe_say(const struct target *target, const struct reader_settings *settings)
{
	fprintf(stderr, "policyctl: watching %s: %s",
		target->name ?: "all attachments of this network namespace",
		settings->rate_passed ? "all packets"
				      : "dropped packets, and what rules decide that say `log`");
}

/* EXIT_DONE or another status. */
static int watch_through(struct observing *observing, int signals, struct observed *observed)
{
	struct watching *watching = observing->watching;
	const char *name = observing->target->name;

	if (watch(observing, signals))
		notice("%s is gone: there is nothing left to watch", name);
	*observed = *watching_observed(watching);
	if (watching_status(watching) < 0)
		return command_failed(name, watching_status(watching), NULL);
	return EXIT_DONE;
}

int observe(const struct target *target, struct owners *owners,
	    const struct reader_settings *settings, const struct observer *observer,
	    struct observed *observed)
{
	struct observing observing = { .observer = observer, .target = target, .owners = owners };
	const struct observer between = { each, pause_now, &observing };
	_cleanup_(closep) int signals = -1;
	sigset_t set, before;
	int status;

	*observed = (struct observed){};
	block_signals(&set, &before);
	signal(SIGPIPE, SIG_IGN); /* a write says so too */
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (signals < 0)
		return command_failed(NULL, error_set(-errno, "cannot wait for signals: %m"), NULL);
	status = start(&observing, *settings, &between);
	if (status == EXIT_DONE)
		status = watch_through(&observing, signals, observed);
	observing_close(&observing);
	/* A signal that came meanwhile has done its work. */
	while (status == EXIT_DONE && sigtimedwait(&set, NULL, &(struct timespec){}) > 0)
		;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return status;
}
