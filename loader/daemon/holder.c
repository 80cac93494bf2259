// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "clock.h"
#include "error.h"
#include "gate.h"
#include "gate_thread.h"
#include "holder.h"
#include "log.h"
#include "privileges.h"
#include "util.h"

/* A daemon that ends is followed by another one within a second, on a busy machine within ten; or
 * by none. */
#define ALONE_NS (30 * NS_PER_SECOND)
/* Beside a daemon that lives, it is only waited for the end of this process. */
#define LONGEST_NS (60 * NS_PER_SECOND)
#define LOOK_USEC (100 * 1000)

struct held_veth {
	uint32_t ifindex;
	bool made_clsact;
};

struct holder {
	sd_event *loop;
	struct nl *nl;
	struct bridges *bridges;
	struct watched_names *names;
	struct gate *gate;
	struct gate_thread *gate_thread;
	struct held_veth *held;
	size_t count;
	uint64_t start_ns, alone_ns; /* since when no daemon lives */
};

/* --- what comes --- */

static void note(const struct holder *holder, uint32_t ifindex)
{
	struct hold hold = { .ifindex = ifindex, .since_ns = clock_boot_ns() };
	struct link link;

	if (nl_link_get(holder->nl, NULL, ifindex, &link) == 0)
		memcpy(hold.name, link.name, sizeof(hold.name));
	snprintf(hold.why, sizeof(hold.why), "it came while policyctl daemon was being replaced");
	if (gate_note(holder->gate, &hold))
		notice("%s", error_message(0));
	error_clear();
}

static int take(struct holder *holder, const struct arrival *arrival)
{
	struct held_veth *grown;

	if (!arrival->held_ns) {
		log_event(LOG_LEVEL_ERROR, "cannot hold", "ifindex", log_number(arrival->ifindex),
			  "why", arrival->why, NULL);
		return 0;
	}
	grown = reallocarray(holder->held, holder->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	holder->held = grown;
	grown[holder->count++] = (struct held_veth){ arrival->ifindex, arrival->made_clsact };
	note(holder, arrival->ifindex);
	return 0;
}

static int on_arrivals(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct holder *holder = data;
	struct arrival arrival;
	int error = 0;

	(void)source, (void)fd, (void)events;
	while (!error && gate_thread_take(holder->gate_thread, &arrival))
		error = take(holder, &arrival);
	return error;
}

/* --- the end --- */

static int end(struct holder *holder, const char *why)
{
	log_event(LOG_LEVEL_INFO, "ending", "held", log_number((long long)holder->count), "why",
		  why, NULL);
	return sd_event_exit(holder->loop, 0);
}

static int on_end(sd_event_source *source, const struct signalfd_siginfo *info, void *data)
{
	(void)source;
	return end(data, strsignal(info->ssi_signo));
}

static int on_look(sd_event_source *source, uint64_t usec, void *data)
{
	struct holder *holder = data;
	uint64_t now = clock_monotonic_ns();

	(void)usec;
	if (gate_daemon_lives(holder->gate))
		holder->alone_ns = now;
	if (now - holder->alone_ns >= ALONE_NS)
		return end(holder, "no daemon has started");
	if (now - holder->start_ns >= LONGEST_NS)
		return end(holder, "the daemon goes on");
	sd_event_source_set_time_relative(source, LOOK_USEC);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void let_go(struct holder *holder)
{
	for (size_t i = 0; i < holder->count; i++) {
		const struct held_veth *held = &holder->held[i];

		if (gate_lift(holder->gate, holder->nl, held->ifindex, held->made_clsact))
			log_event(LOG_LEVEL_ERROR, "cannot let go", "ifindex",
				  log_number(held->ifindex), "why", error_message(0), NULL);
		error_clear();
	}
}

/* --- life --- */

static int open_loop(struct holder *holder)
{
	static const int signals[] = { SIGINT, SIGTERM };
	sigset_t set;
	int error;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	error = sd_event_default(&holder->loop);
	for (size_t i = 0; i < ARRAY_SIZE(signals) && error >= 0; i++)
		error = sd_event_add_signal(holder->loop, NULL, signals[i], on_end, holder);
	if (error >= 0)
		error = sd_event_add_time_relative(holder->loop, NULL, CLOCK_MONOTONIC, LOOK_USEC,
						   0, on_look, holder);
	return error < 0 ? error_set(error, "cannot make an event loop: %s", strerror(-error)) : 0;
}

static int open_gate(struct holder *holder)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	int error = session_open(&session, PINS_CREATE);

	error = error ?: gate_open(&session, false, &holder->gate);
	return error
		       ?: gate_thread_open(holder->gate, holder->bridges, holder->names,
					   &holder->gate_thread);
}

static int open_all(struct holder *holder, const struct configuration *configuration)
{
	int error = open_loop(holder);

	gate_thread_request_priority();
	error = error ?: privileges_drop();
	error = error ?: nl_open(&holder->nl);
	error = error ?: bridges_new(&holder->bridges);
	error = error ?: bridges_configure(holder->bridges, configuration);
	error = error ?: watched_names_new(&holder->names);
	error = error ?: watched_names_configure(holder->names, configuration);
	if (!error)
		bridges_engine_answers(holder->bridges, true); /* any bridge may be its */
	error = error ?: open_gate(holder);
	if (!error)
		error = sd_event_add_io(holder->loop, NULL, gate_thread_fd(holder->gate_thread),
					EPOLLIN, on_arrivals, holder);
	return error < 0 ? error : 0;
}

static void close_all(struct holder *holder)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;

	if (holder->gate_thread) {
		gate_thread_stop(holder->gate_thread);
		on_arrivals(NULL, -1, 0, holder);
		let_go(holder);
	}
	gate_thread_close(holder->gate_thread);
	gate_close(holder->gate, true);
	/* Closing a session removes directories that became empty. */
	if (session_open(&session, PINS_CHANGE))
		notice("%s", error_message(0));
	error_clear();
	bridges_free(holder->bridges);
	watched_names_free(holder->names);
	nl_close(holder->nl);
	sd_event_unref(holder->loop);
	free(holder->held);
}

int holder_run(const struct configuration *configuration)
{
	struct holder holder = { .start_ns = clock_monotonic_ns() };
	_cleanup_(freep) char *words = NULL;
	int error;

	holder.alone_ns = holder.start_ns;
	log_open(configuration->log_format, configuration->log_level);
	error = open_all(&holder, configuration);
	if (!error) {
		log_event(LOG_LEVEL_INFO, "holding new veths until a daemon is ready", NULL);
		sd_notify(0, "READY=1");
		error = sd_event_loop(holder.loop);
	}
	words = strdup(error_message(error)); /* closing may clear the message */
	close_all(&holder);
	return error < 0 ? error_set(error, "%s", words ?: "") : 0;
}
