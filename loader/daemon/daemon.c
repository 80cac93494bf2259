// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "daemon.h"
#include "gate_thread.h"
#include "error.h"
#include "follower.h"
#include "follower_metrics.h"
#include "history.h"
#include "gate.h"
#include "log.h"
#include "lookout.h"
#include "metrics.h"
#include "policies.h"
#include "privileges.h"
#include "prometheus.h"
#include "target.h"
#include "util.h"

/* Wait until a directory is quiet: a file may be written in several steps. */
#define QUIET_USEC (50 * 1000)

struct daemon {
	const struct daemon_options *options;
	struct configuration configuration;
	struct policies *policies;
	sd_event *loop;
	sd_event_source *files, *quiet;
	struct metrics *metrics;
	struct follower *follower;
};

/* --- policies --- */

static void log_complaint(void *data, const char *path, const char *details, bool refused)
{
	(void)data;
	log_event(refused ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
		  refused ? "policy file refused" : "policy file doubtful", "file", path, "details",
		  details, NULL);
}

static void log_changed(void *data, const char *path, const char *sets)
{
	(void)data;
	log_event(LOG_LEVEL_INFO, access(path, F_OK) ? "policy file gone" : "policy file read",
		  "file", path, *sets ? "sets" : NULL, sets, NULL);
}

static int find_desired(void *data, const struct container *container,
			struct desired_policy **desired)
{
	const struct daemon *daemon = data;

	return policies_desired(daemon->policies, container, desired);
}

static int find_desired_of_interfaces(void *data, const struct named_interfaces *interfaces,
				      struct desired_policy **desired)
{
	const struct daemon *daemon = data;

	return policies_desired_of_interfaces(daemon->policies, interfaces, desired);
}

/* @again: what is wrong still is logged again */
static int read_policies(struct daemon *daemon, const struct configuration *configuration,
			 bool again)
{
	const struct policies_observer observer = {
		.complaint = log_complaint,
		.changed = log_changed,
		.again = again,
	};
	int error = policies_reload(daemon->policies, configuration, &observer);

	if (error)
		log_event(LOG_LEVEL_ERROR, "policies not read", "why", error_message(error), NULL);
	error_clear();
	return error;
}

static void reconsider(struct daemon *daemon)
{
	int error = follower_reconsider(daemon->follower, &daemon->configuration,
					policies_hold(daemon->policies));

	if (error)
		log_event(LOG_LEVEL_ERROR, "cannot reconcile", "why", error_message(error), NULL);
}

/* --- the policy directory --- */

static int on_file(sd_event_source *source, const struct inotify_event *event, void *data)
{
	struct daemon *daemon = data;

	(void)source, (void)event;
	sd_event_source_set_time_relative(daemon->quiet, QUIET_USEC);
	sd_event_source_set_enabled(daemon->quiet, SD_EVENT_ONESHOT);
	return 0;
}

/* To be called before the directory is read. Another directory may have taken its place. */
static void watch_files(struct daemon *daemon, const char *directory)
{
	sd_event_source *files = NULL;
	int error = sd_event_add_inotify(daemon->loop, &files, directory,
					 IN_CLOSE_WRITE | IN_MOVE | IN_DELETE | IN_DELETE_SELF |
						 IN_MOVE_SELF | IN_ONLYDIR,
					 on_file, daemon);

	sd_event_source_disable_unref(daemon->files);
	daemon->files = files;
	if (error < 0)
		log_event(LOG_LEVEL_WARNING, "the policy directory is not watched: SIGHUP reads it",
			  "directory", directory, "why", strerror(-error), NULL);
}

/* --- reloading --- */

const char *daemon_configuration_path(const struct daemon_options *options)
{
	return options->configuration ?: CONFIGURATION_PATH;
}

int daemon_read_configuration(const struct daemon_options *options,
			      struct configuration *configuration, struct diagnostics *diagnostics)
{
	int error = configuration_read(daemon_configuration_path(options), !options->configuration,
				       configuration, diagnostics);

	if (!error && options->log_format)
		configuration->log_format =
			strcmp(options->log_format, "json") ? LOG_FORMAT_TEXT : LOG_FORMAT_JSON;
	return error;
}

static void log_refused(const struct daemon *daemon, const struct diagnostics *diagnostics,
			int error)
{
	const char *path = daemon_configuration_path(daemon->options);

	if (!diagnostics->count)
		log_event(LOG_LEVEL_ERROR, "configuration refused, the old one stays", "file", path,
			  "details", error_message(error), NULL);
	for (size_t i = 0; i < diagnostics->count; i++) {
		_cleanup_(freep) char *text = diagnostic_print(&diagnostics->items[i]);

		log_event(LOG_LEVEL_ERROR, "configuration refused, the old one stays", "file", path,
			  "details", text, NULL);
	}
	error_clear();
}

static bool differs(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) != 0 : a != b;
}

static void log_unchangeable(const struct configuration *old, const struct configuration *new)
{
	if (differs(old->docker_socket, new->docker_socket) || differs(old->metrics, new->metrics))
		log_event(
			LOG_LEVEL_WARNING,
			"the socket of the engine and the address of metrics change with a restart",
			NULL);
}

static void reload(struct daemon *daemon)
{
	struct diagnostics diagnostics = {};
	struct configuration new, old;
	int error = daemon_read_configuration(daemon->options, &new, &diagnostics);

	if (error)
		log_refused(daemon, &diagnostics, error);
	diagnostics_clear(&diagnostics);
	if (error) {
		watch_files(daemon, daemon->configuration.policy_directory);
		read_policies(daemon, &daemon->configuration, true);
		reconsider(daemon);
		return;
	}
	log_unchangeable(&daemon->configuration, &new);
	watch_files(daemon, new.policy_directory);
	read_policies(daemon, &new, true);
	old = daemon->configuration;
	daemon->configuration = new;
	history_use(new.history);
	reconsider(daemon);
	configuration_clear(&old);
	log_open(new.log_format, new.log_level);
	log_event(LOG_LEVEL_INFO, "reloaded", NULL);
}

/* --- signals and timers --- */

static int on_end(sd_event_source *source, const struct signalfd_siginfo *info, void *data)
{
	(void)data;
	log_event(LOG_LEVEL_INFO, "ending: policies stay in force", "signal",
		  strsignal(info->ssi_signo), NULL);
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *data)
{
	(void)source, (void)info;
	sd_notify(0, "RELOADING=1");
	reload(data);
	sd_notify(0, "READY=1");
	return 0;
}

static int on_quiet(sd_event_source *source, uint64_t usec, void *data)
{
	struct daemon *daemon = data;

	(void)source, (void)usec;
	watch_files(daemon, daemon->configuration.policy_directory);
	read_policies(daemon, &daemon->configuration, false);
	reconsider(daemon);
	return 0;
}

static void on_ready(void *data)
{
	(void)data;
	log_event(LOG_LEVEL_INFO, "ready", NULL);
	sd_notify(0, "READY=1\nSTATUS=Following containers");
}

static void log_incomplete(const char *interface, const char *why)
{
	log_event(LOG_LEVEL_WARNING, "metrics are not complete", "interface", interface, "why", why,
		  NULL);
}

static void take_sample(struct sample *sample)
{
	struct target all = {};
	int error = sample_take(&all, NULL, false, sample);

	if (error)
		log_incomplete(NULL, error_message(error));
	error_clear();
	for (size_t i = 0; i < sample->failures.count; i++) {
		const struct failure *failure = &sample->failures.items[i];

		log_incomplete(failure->subject, failure_words(failure));
	}
}

static void write_metrics(void *data, FILE *out)
{
	const struct daemon *daemon = data;
	struct sample sample;

	take_sample(&sample);
	prometheus_write(out, &sample);
	sample_free(&sample);
	follower_write_metrics(daemon->follower, out);
	fprintf(out,
		"# HELP policyctl_policy_files_refused Policy files whose last good contents "
		"hold.\n# TYPE policyctl_policy_files_refused gauge\n"
		"policyctl_policy_files_refused %zu\n",
		policies_bad_files(daemon->policies));
}

/* --- life --- */

static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int open_loop(struct daemon *daemon)
{
	int error = sd_event_default(&daemon->loop);

	if (error >= 0)
		error = sd_event_add_signal(daemon->loop, NULL, SIGTERM, on_end, daemon);
	if (error >= 0)
		error = sd_event_add_signal(daemon->loop, NULL, SIGINT, on_end, daemon);
	if (error >= 0)
		error = sd_event_add_signal(daemon->loop, NULL, SIGHUP, on_hangup, daemon);
	if (error >= 0)
		error = sd_event_add_time(daemon->loop, &daemon->quiet, CLOCK_MONOTONIC, UINT64_MAX,
					  0, on_quiet, daemon);
	if (error >= 0)
		error = sd_event_set_watchdog(daemon->loop, true);
	if (error < 0)
		return error_set(error, "cannot make an event loop: %s", strerror(-error));
	watch_files(daemon, daemon->configuration.policy_directory);
	return 0;
}

static int open_follower(struct daemon *daemon)
{
	const struct follower_settings settings = {
		.manager = OWNER_DAEMON,
		.socket = daemon->options->socket,
		.configuration = &daemon->configuration,
		.desired = find_desired,
		.desired_of_interfaces = find_desired_of_interfaces,
		.hold = policies_hold(daemon->policies),
		.ready = on_ready,
		.data = daemon,
	};

	return follower_open(daemon->loop, &settings, &daemon->follower);
}

/* Mounts the BPF file system if it is missing, and finishes what a killed command left. */
static int open_pins(void)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;

	return session_open(&session, PINS_CREATE) ?: gate_check_daemon(&session);
}

/* What needs more privileges than the work itself comes first: a mount, a port. Threads start
 * behind, without them. Policies are read last, when new veths are held already: large sets take
 * their time. */
static int open_all(struct daemon *daemon)
{
	const char *metrics = daemon->configuration.metrics;
	int error = open_loop(daemon);

	history_use(daemon->configuration.history);
	error = error ?: open_pins();
	if (!error && metrics)
		error = metrics_open(daemon->loop, metrics, write_metrics, daemon,
				     &daemon->metrics);
	gate_thread_request_priority();
	if (!error)
		lookout_start(daemon->loop);
	error = error ?: privileges_drop();
	error = error ?: open_follower(daemon);
	lock_wait_briefly();
	if (!error)
		read_policies(daemon, &daemon->configuration, false);
	return error;
}

static void close_all(struct daemon *daemon)
{
	sd_notify(0, "STOPPING=1");
	metrics_close(daemon->metrics);
	follower_close(daemon->follower);
	policies_close(daemon->policies);
	lookout_stop();
	sd_event_source_disable_unref(daemon->files);
	sd_event_source_disable_unref(daemon->quiet);
	sd_event_unref(daemon->loop);
	configuration_clear(&daemon->configuration);
}

int daemon_run(const struct daemon_options *options, struct configuration *configuration)
{
	struct daemon daemon = { .options = options, .configuration = *configuration };
	_cleanup_(freep) char *words = NULL;
	int error;

	*configuration = (struct configuration){};
	error = policies_open(&daemon.configuration, &daemon.policies);
	if (!error) {
		block_signals();
		log_open(daemon.configuration.log_format, daemon.configuration.log_level);
		error = open_all(&daemon);
	}
	error = error ?: sd_event_loop(daemon.loop);
	words = strdup(error_message(error)); /* closing may clear the message */
	close_all(&daemon);
	return error ? error_set(error, "%s", words ?: "") : 0;
}
