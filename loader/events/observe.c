// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>

#include "attachment.h"
#include "command.h"
#include "error.h"
#include "observe.h"
#include "target.h"
#include "util.h"
#include "watching.h"

/* It does not come back: another one of its name has another index. */
static bool is_gone(uint32_t ifindex)
{
	char name[IF_NAMESIZE];

	return ifindex && !if_indextoname(ifindex, name) && errno == ENXIO;
}

/* Until a signal comes, the interface goes (true), or the observer has enough. */
static bool watch(struct watching *w, uint32_t ifindex, int signals)
{
	struct pollfd poll_fd = { .fd = signals, .events = POLLIN };
	bool more = false, gone = false;

	watching_pause(w); /* it is listening */
	while (!watching_status(w) && !gone && !poll(&poll_fd, 1, more ? 0 : WATCHING_TICK_MS)) {
		gone = is_gone(ifindex); /* what it had to tell is read behind that */
		more = watching_step(w);
	}
	watching_finish(w);
	return gone;
}

/* Opens what is watched, with what it may tell of already known. EXIT_DONE or another status. */
static int start(const char *interface, struct reader_settings *settings,
		 const struct observer *observer, struct watching **watching)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	int error, status;

	if (interface) {
		status = target_open(interface, &session, &attachment);
		if (status != EXIT_DONE)
			return status;
		settings->ifindex = attachment.current.meta.ifindex;
	} else {
		error = session_open(&session, true);
		if (error)
			return command_failed(NULL, error, NULL);
	}
	error = watching_open(&session, settings, observer, watching);
	return error ? command_failed(interface, error, NULL) : EXIT_DONE;
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

void observe_say(const char *interface, const struct reader_settings *settings)
{
	fprintf(stderr, "policyctl: watching %s: %s",
		interface ?: "all attachments of this network namespace",
		settings->rate_passed ? "all packets"
				      : "dropped packets, and what rules decide that say `log`");
}

int observe(const char *interface, const struct reader_settings *settings,
	    const struct observer *observer, struct observed *observed)
{
	struct reader_settings own = *settings;
	struct watching *watching = NULL;
	_cleanup_(closep) int signals = -1;
	sigset_t set, before;
	int status;

	*observed = (struct observed){};
	block_signals(&set, &before);
	signal(SIGPIPE, SIG_IGN); /* a write says so too */
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (signals < 0)
		return command_failed(NULL, error_set(-errno, "cannot wait for signals: %m"), NULL);
	status = start(interface, &own, observer, &watching);
	if (status == EXIT_DONE) {
		if (watch(watching, own.ifindex, signals))
			notice("%s is gone: there is nothing left to watch", interface);
		*observed = *watching_observed(watching);
		if (watching_status(watching) < 0)
			status = command_failed(interface, watching_status(watching), NULL);
	}
	watching_close(watching);
	/* A signal that came meanwhile has done its work. */
	while (status == EXIT_DONE && sigtimedwait(&set, NULL, &(struct timespec){}) > 0)
		;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return status;
}
