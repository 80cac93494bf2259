// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "command.h"
#include "gate_thread.h"
#include "engine.h"
#include "error.h"
#include "follower.h"
#include "log.h"
#include "privileges.h"
#include "sidecar.h"
#include "util.h"
#include "watching.h"

struct sidecar {
	const struct sidecar_options *options;
	struct observer observer; /* asks whose packet it is, then options->observer */
	struct policies *policies;
	struct follower *follower;
	struct watching *watching;
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

/* Who was called so once stays ours under another name, until somebody else is called so. */
static bool is_ours(struct sidecar *sidecar, const struct container *container)
{
	if (is_called(container, sidecar->options->container))
		memcpy(sidecar->id, container->id, sizeof(sidecar->id));
	return !strcmp(container->id, sidecar->id);
}

static int find_desired(void *data, const struct container *container,
			struct desired_policy *desired)
{
	struct sidecar *sidecar = data;

	desired->kind = DESIRED_BY_OTHERS;
	if (!is_ours(sidecar, container))
		return 0;
	if (!sidecar->options->plan)
		return policies_desired(sidecar->policies, container, desired);
	desired->kind = DESIRED_POLICY;
	desired->plan = sidecar->options->plan;
	snprintf(desired->source, sizeof(desired->source), "sidecar");
	return 0;
}

/* A name that was mistyped looks like a container that is still to come. */
static void tell_if_missing(void *data, const struct engine *engine)
{
	struct sidecar *sidecar = data;
	const char *name = sidecar->options->container;
	const struct container *container = engine_find(engine, name);
	bool there = container && is_ours(sidecar, container);

	if (!there || !container->running)
		log_event(LOG_LEVEL_INFO, "waiting for the container", "container", name, "why",
			  there ? "it is not running" : "nothing is called so yet", NULL);
}

/* --- its drops --- */

static int hear(void *data, const struct observation *observation)
{
	struct sidecar *sidecar = data;
	const struct observer *observer = &sidecar->options->observer;
	const struct container *container =
		follower_container(sidecar->follower, observation->ifindex);

	if (!container || !is_ours(sidecar, container))
		return 0;
	return observer->each(observer->data, observation);
}

static int pause_observer(void *data, const struct observed *so_far)
{
	struct sidecar *sidecar = data;
	const struct observer *observer = &sidecar->options->observer;

	return observer->pause ? observer->pause(observer->data, so_far) : 0;
}

/* Nobody wakes us for events (watching.h). */
static int on_tick(sd_event_source *source, uint64_t usec, void *data)
{
	struct sidecar *sidecar = data;
	bool more = watching_step(sidecar->watching);

	(void)usec;
	if (watching_status(sidecar->watching))
		return sd_event_exit(sidecar->loop, 0);
	sd_event_source_set_time_relative(source, more ? 0 : WATCHING_TICK_MS * 1000);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* --- life --- */

static int on_end(sd_event_source *source, const struct signalfd_siginfo *info, void *data)
{
	(void)info, (void)data;
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

static void be_ready(void *data)
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

static int open_watching(struct sidecar *sidecar)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	const struct reader_settings settings = { .snaplen = 128 };
	int error = session_open(&session, true);

	sidecar->observer = (struct observer){
		.each = hear,
		.pause = pause_observer,
		.data = sidecar,
	};
	return error ?: watching_open(&session, &settings, &sidecar->observer, &sidecar->watching);
}

static int open_follower(struct sidecar *sidecar)
{
	const struct follower_settings settings = {
		.manager = OWNER_SIDECAR,
		.socket = sidecar->options->socket,
		.configuration = sidecar->options->configuration,
		.desired = find_desired,
		.hold = policies_hold(sidecar->policies),
		.ready = be_ready,
		.synced = tell_if_missing,
		.data = sidecar,
	};

	return follower_open(sidecar->loop, &settings, &sidecar->follower);
}

static int open_all(struct sidecar *sidecar)
{
	const struct configuration *configuration = sidecar->options->configuration;
	int error = policies_open(configuration, &sidecar->policies);

	if (!error && !sidecar->options->plan)
		error = policies_reload(sidecar->policies, configuration, NULL);
	error = error ?: open_loop(sidecar);
	error = error ?: open_watching(sidecar); /* mounts the BPF file system if need be */
	gate_thread_allow_hurry();
	error = error ?: privileges_drop();
	error = error ?: open_follower(sidecar);
	store_wait_briefly();
	return error;
}

static int end(struct sidecar *sidecar)
{
	int error = 0;

	if (sidecar->watching)
		watching_finish(sidecar->watching);
	if (sidecar->follower && sidecar->options->detach_on_exit)
		error = follower_detach_all(sidecar->follower);
	else if (sidecar->follower)
		log_event(LOG_LEVEL_INFO, "ending: what is in force stays in force", NULL);
	return error;
}

static void close_all(struct sidecar *sidecar)
{
	follower_close(sidecar->follower);
	watching_close(sidecar->watching);
	policies_close(sidecar->policies);
	sd_event_source_disable_unref(sidecar->tick);
	sd_event_unref(sidecar->loop);
}

int sidecar_run(const struct sidecar_options *options)
{
	struct sidecar sidecar = { .options = options };
	int error = open_all(&sidecar), ended;

	if (!error)
		error = sd_event_loop(sidecar.loop);
	if (!error && watching_status(sidecar.watching) < 0)
		error = watching_status(sidecar.watching);
	ended = end(&sidecar);
	error = error ?: ended;
	close_all(&sidecar);
	return error ? command_failed(options->container, error, NULL) : EXIT_DONE;
}
