// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "gate_thread.h"
#include "engine.h"
#include "error.h"
#include "follower.h"
#include "log.h"
#include "lookout.h"
#include "observation_json.h"
#include "observation_line.h"
#include "observer.h"
#include "privileges.h"
#include "sidecar.h"
#include "util.h"

struct sidecar {
	const struct sidecar_options *options;
	struct policies *policies;
	struct desired_policy *given; /* on the command line; NULL: labels say */
	struct desired_policy *others; /* of all other containers */
	struct follower *follower;
	struct observer *observer;
	int error; /* what ended it: a negative errno, or 0 */
	char id[CONTAINER_ID_SIZE]; /* of the container, "" not seen yet */
	sd_event *loop;
	sd_event_source *tick;
};

/* --- one container --- */

static bool is_called(const struct container *container, const char *name)
{
	size_t length = strlen(name);

	return !strcmp(container->name, name) ||
	       (length >= CONTAINER_SHORT_ID && !strncmp(container->id, name, length));
}

/* A container that had the name once stays ours when it is renamed, until another one has it. */
static bool is_ours(struct sidecar *sidecar, const struct container *container)
{
	if (is_called(container, sidecar->options->container))
		memcpy(sidecar->id, container->id, sizeof(sidecar->id));
	return !strcmp(container->id, sidecar->id);
}

static int find_desired(void *data, const struct container *container,
			struct desired_policy **desired)
{
	struct sidecar *sidecar = data;
	bool ours = is_ours(sidecar, container);

	if (ours && !sidecar->given)
		return policies_desired(sidecar->policies, container, desired);
	*desired = desired_policy_ref(ours ? sidecar->given : sidecar->others);
	return 0;
}

/* A mistyped name looks like a container that does not exist yet. */
static void log_if_missing(void *data, const struct engine *engine)
{
	struct sidecar *sidecar = data;
	const char *name = sidecar->options->container;
	const struct container *container = engine_find(engine, name);
	bool there = container && is_ours(sidecar, container);

	if (!there || !container->running)
		log_event(LOG_LEVEL_INFO, "waiting for the container", "container", name, "why",
			  there ? "it is not running" : "no container has this name yet", NULL);
}

/* --- its drops --- */

static int print(const struct sidecar *sidecar, const struct observation *observation)
{
	if (sidecar->options->json)
		return observation_print_json(observation);
	observation_print(observation);
	return 0;
}

/* Prints the drops of its container among the next events, so many at most. Returns how many events
 * there were, or a negative errno. */
static int print_drops(struct sidecar *sidecar, unsigned int most)
{
	struct observation seen;
	unsigned int count = 0;
	int got = 1, error = 0;

	while (count < most && !error && (got = observer_next(sidecar->observer, &seen)) > 0) {
		const struct container *container =
			follower_container(sidecar->follower, seen.ifindex);

		count++;
		if (container && is_ours(sidecar, container))
			error = print(sidecar, &seen);
	}
	/* A reader wants to see them now. That there is none any more does not concern the
	 * container. */
	if (fflush(stdout) || ferror(stdout))
		clearerr(stdout);
	return got < 0 ? got : error ?: (int)count;
}

/* Events wake no process (observer.h): they are read by time. */
static int on_tick(sd_event_source *source, uint64_t usec, void *data)
{
	struct sidecar *sidecar = data;
	int count = print_drops(sidecar, OBSERVER_BATCH);

	(void)usec;
	if (count < 0) {
		sidecar->error = count;
		return sd_event_exit(sidecar->loop, 0);
	}
	sd_event_source_set_time_relative(source,
					  count == OBSERVER_BATCH ? 0 : OBSERVER_TICK_MS * 1000);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* --- life --- */

static int on_end(sd_event_source *source, const struct signalfd_siginfo *info, void *data)
{
	(void)info, (void)data;
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

static void on_ready(void *data)
{
	struct sidecar *sidecar = data;

	log_event(LOG_LEVEL_INFO, "ready", "container", sidecar->options->container, NULL);
	sd_notify(0, "READY=1");
}

static int open_loop(struct sidecar *sidecar)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t set;
	int error;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	error = sd_event_default(&sidecar->loop);
	for (size_t i = 0; i < ARRAY_SIZE(signals) && error >= 0; i++)
		error = sd_event_add_signal(sidecar->loop, NULL, signals[i], on_end, sidecar);
	if (error >= 0)
		error = sd_event_add_time_relative(sidecar->loop, &sidecar->tick, CLOCK_MONOTONIC,
						   0, 0, on_tick, sidecar);
	if (error >= 0)
		error = sd_event_set_watchdog(sidecar->loop, true);
	return error < 0 ? error_set(error, "cannot make an event loop: %s", strerror(-error)) : 0;
}

static int open_observer(struct sidecar *sidecar)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	const struct reader_settings settings = { .snaplen = 128 };
	int error = session_open(&session, PINS_CREATE);

	return error ?: observer_open(&session, &settings, &sidecar->observer);
}

static int open_follower(struct sidecar *sidecar)
{
	const struct follower_settings settings = {
		.manager = OWNER_SIDECAR,
		.socket = sidecar->options->socket,
		.configuration = sidecar->options->configuration,
		.desired = find_desired,
		.hold = policies_hold(sidecar->policies),
		.ready = on_ready,
		.synced = log_if_missing,
		.data = sidecar,
	};

	return follower_open(sidecar->loop, &settings, &sidecar->follower);
}

static int open_policies(struct sidecar *sidecar)
{
	const struct configuration *configuration = sidecar->options->configuration;
	struct plan *plan = sidecar->options->plan;
	int error = policies_open(configuration, &sidecar->policies);

	if (error)
		return error;
	sidecar->others = desired_policy_new(DESIRED_BY_OTHERS);
	if (!sidecar->others)
		return -ENOMEM;
	if (!plan)
		return policies_reload(sidecar->policies, configuration, NULL);
	sidecar->given = desired_policy_new(DESIRED_POLICY);
	if (!sidecar->given)
		return -ENOMEM;
	sidecar->given->plan = *plan;
	*plan = (struct plan){};
	snprintf(sidecar->given->source, sizeof(sidecar->given->source), "sidecar");
	return 0;
}

static int open_all(struct sidecar *sidecar)
{
	int error = open_policies(sidecar);

	error = error ?: open_loop(sidecar);
	error = error ?: open_observer(sidecar); /* mounts the BPF file system if need be */
	gate_thread_request_priority();
	if (!error)
		lookout_start(sidecar->loop);
	error = error ?: privileges_drop();
	error = error ?: open_follower(sidecar);
	lock_wait_briefly();
	return error;
}

static int end(struct sidecar *sidecar)
{
	int error = 0;

	if (sidecar->observer && sidecar->follower && !sidecar->error) {
		observer_stop(sidecar->observer);
		print_drops(sidecar, UINT_MAX);
	}
	if (sidecar->follower && sidecar->options->detach_on_exit)
		error = follower_detach_all(sidecar->follower);
	else if (sidecar->follower)
		log_event(LOG_LEVEL_INFO, "ending: policies stay in force", NULL);
	return error;
}

static void close_all(struct sidecar *sidecar)
{
	follower_close(sidecar->follower);
	observer_close(sidecar->observer);
	desired_policy_unref(sidecar->given);
	desired_policy_unref(sidecar->others);
	policies_close(sidecar->policies);
	lookout_stop();
	sd_event_source_disable_unref(sidecar->tick);
	sd_event_unref(sidecar->loop);
}

int sidecar_run(const struct sidecar_options *options)
{
	struct sidecar sidecar = { .options = options };
	int error = open_all(&sidecar), ended;

	if (!error)
		error = sd_event_loop(sidecar.loop);
	error = error ?: sidecar.error;
	ended = end(&sidecar);
	error = error ?: ended;
	close_all(&sidecar);
	return error;
}
