// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "confirm_watcher.h"
#include "error.h"
#include "unconfirmed.h"
#include "util.h"

#define RETRY_SECONDS 5 /* after going back failed, or the pins could not be opened */

/* --- its work --- */

/* Looks at everything that waits for this process. Returns in how many seconds it is to look again;
 * 0: nothing waits. @now: goes back at once */
static uint64_t look(uint64_t token, bool now)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	_cleanup_(freep) uint32_t *ifindexes = NULL;
	uint64_t soonest = 0;
	size_t count = 0;
	int error = session_open(&session, PINS_CHANGE);

	error = error ?: attachment_list(&session, &ifindexes, &count);
	if (error)
		return RETRY_SECONDS;
	for (size_t i = 0; i < count; i++) {
		_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
		const struct pending *pending = &attachment.current.pending;
		uint64_t left;
		bool attached;

		if (attachment_open(&session, ifindexes[i], &attachment) || !pending_is(pending) ||
		    pending->token != token)
			continue;
		if (now &&
		    !unconfirmed_go_back(&session, &attachment, PLAN_NOT_CONFIRMED, &attached))
			continue;
		left = now ? RETRY_SECONDS : pending_left(pending) ?: RETRY_SECONDS;
		soonest = soonest && soonest < left ? soonest : left;
	}
	return soonest;
}

/* Until the time is over or a signal came. The time goes on while the machine sleeps, which the
 * timeout of poll() alone does not. */
static void wait_for(int signals, uint64_t seconds)
{
	_cleanup_(closep) int timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
	const struct itimerspec end = { .it_value = { .tv_sec = seconds } };
	struct pollfd wait[] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = timer, .events = POLLIN },
	};

	if (timer >= 0)
		timerfd_settime(timer, 0, &end, NULL);
	poll(wait, ARRAY_SIZE(wait), seconds * 1000);
}

static void watch(uint64_t token, int signals, bool now)
{
	struct signalfd_siginfo signal;
	uint64_t left;

	while ((left = look(token, now))) {
		wait_for(signals, left);
		if (read(signals, &signal, sizeof(signal)) == sizeof(signal) &&
		    signal.ssi_signo == SIGTERM)
			now = true;
	}
}

/* --- its birth --- */

/* SIGHUP stays ignored: it may come from a session manager when the user logs out. */
static int take_signals(void)
{
	sigset_t set;

	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Leaves the streams, the descriptors and the directory of the command. Two are kept. */
static int leave(int *command, int *signals)
{
	int null = open("/dev/null", O_RDWR), first = STDERR_FILENO + 1;

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(null, STDERR_FILENO) < 0)
		return -1;
	/* high ones first, which are not in the way */
	*command = fcntl(*command, F_DUPFD, 100);
	*signals = fcntl(*signals, F_DUPFD, 100);
	if (*command < 0 || *signals < 0 || dup2(*command, first) < 0 ||
	    dup2(*signals, first + 1) < 0)
		return -1;
	*command = first;
	*signals = first + 1;
	return close_range(first + 2, ~0u, 0) ?: chdir("/");
}

/* Ends the process. @command: a pipe that nobody writes to; it ends with the command */
static void live(struct pending *pending, int command, int ready)
{
	int signals = take_signals();
	char nothing;

	pending_watch_here(pending);
	if (signals < 0 || write(ready, pending, sizeof(*pending)) != sizeof(*pending) ||
	    leave(&command, &signals))
		_exit(1);
	notice_to(NULL);
	while (read(command, &nothing, 1) < 0 && errno == EINTR)
		;
	close(command);
	watch(pending->token, signals, pending->learning);
	_exit(0);
}

/* A session of its own, and no leader of it, which could get a terminal again. */
static void be_born(struct pending *pending, int command[2], int ready[2])
{
	close(command[1]);
	close(ready[0]);
	if (setsid() < 0)
		_exit(1);
	switch (fork()) {
	case -1:
		_exit(1);
	case 0:
		live(pending, command[0], ready[1]);
	}
	_exit(0);
}

static int read_ready(int fd, struct pending *pending)
{
	ssize_t length;

	do
		length = read(fd, pending, sizeof(*pending));
	while (length < 0 && errno == EINTR);
	return length == sizeof(*pending) ? 0
					  : error_set(-ECHILD, "the process that would take the "
							       "change back did not start");
}

int confirm_watcher_start(uint32_t seconds, bool learning, struct pending *pending)
{
	struct pending new = {
		.version = PENDING_VERSION,
		.seconds = seconds,
		.learning = learning,
	};
	int command[2], ready[2], status, error;
	pid_t child;

	/* Until the command says otherwise the time begins now. */
	new.ends = clock_boot_ns() + seconds *NS_PER_SECOND;
	if (getrandom(&new.token, sizeof(new.token), 0) != sizeof(new.token))
		return -errno;
	new.token |= 1; /* never 0 */
	if (pipe2(command, O_CLOEXEC))
		return -errno;
	if (pipe2(ready, O_CLOEXEC)) {
		error = -errno;
		close(command[0]);
		close(command[1]);
		return error;
	}
	child = fork();
	if (!child)
		be_born(&new, command, ready);
	error = child < 0 ? -errno : 0;
	close(command[0]);
	close(ready[1]); /* command[1] stays open for as long as this process lives */
	while (!error && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	error = error ?: read_ready(ready[0], &new);
	close(ready[0]);
	if (error)
		close(command[1]);
	else
		*pending = new;
	return error;
}
