// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "clock.h"
#include "error.h"
#include "process.h"
#include "pins_lock.h"
#include "util.h"

#define PATIENCE 60 /* seconds for a process that works: large sets take some */
#define PATIENCE_MAX 86400
#define PATIENCE_STOPPED 5
#define PATIENCE_BRIEF 1

static bool waits_briefly;

void lock_wait_briefly(void)
{
	waits_briefly = true;
}

/* --- which process --- */

pid_t lock_read_holder(FILE *locks, dev_t device, ino_t inode)
{
	_cleanup_(freep) char *line = NULL;
	unsigned int major, minor;
	unsigned long number;
	size_t size = 0;
	int pid;

	/* 7: FLOCK  ADVISORY  WRITE 812 00:2a:40 0 EOF; one that waits has "->" behind the number
	 */
	while (getline(&line, &size, locks) > 0)
		if (sscanf(line, "%*d: FLOCK %*s WRITE %d %x:%x:%lu", &pid, &major, &minor,
			   &number) == 4 &&
		    makedev(major, minor) == device && number == inode)
			return pid;
	return 0;
}

void lock_find_holder(int fd, struct lock_holder *holder)
{
	_cleanup_(closep) int process = -1;
	char state[32] = "", command[96];
	struct stat status;
	FILE *locks;

	*holder = (struct lock_holder){ .words = "another policyctl" };
	locks = fstat(fd, &status) ? NULL : fopen("/proc/locks", "re");
	if (!locks)
		return;
	holder->pid = lock_read_holder(locks, status.st_dev, status.st_ino);
	fclose(locks);
	process = holder->pid > 0 ? process_open(holder->pid) : -1;
	if (process < 0)
		return;
	process_status(process, "State", state, sizeof(state));
	holder->stopped = state[0] == 'T'; /* not 't': what a debugger stops for a moment */
	process_command_line(process, command, sizeof(command));
	snprintf(holder->words, sizeof(holder->words), "process %d (%s)", holder->pid, command);
}

/* --- waiting --- */

/* Does the caller block signals, to read them later, and are any pending? */
static bool blocks_signals(void)
{
	sigset_t blocked;

	return !sigprocmask(SIG_BLOCK, NULL, &blocked) && sigismember(&blocked, SIGTERM) == 1;
}

static bool signals_are_pending(void)
{
	sigset_t pending;

	return blocks_signals() && !sigpending(&pending) &&
	       (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1 ||
		sigismember(&pending, SIGHUP) == 1);
}

/* A wait for the lock, and which process has it. */
struct wait {
	bool reads, brief;
	unsigned int patience; /* seconds: with one process, or if `brief` in all */
	struct lock_holder holder;
	uint64_t start; /* of all the waiting */
	uint64_t since; /* this process was first seen to hold it, or to be stopped */
	uint64_t looked;
	bool told;
};

/* Looks which process it is now, once a second. */
static void look(struct wait *wait, int fd, uint64_t now)
{
	struct lock_holder holder;

	if (wait->looked && now - wait->looked < NS_PER_SECOND)
		return;
	lock_find_holder(fd, &holder);
	if (!wait->looked || holder.pid != wait->holder.pid ||
	    holder.stopped != wait->holder.stopped)
		wait->since = now;
	wait->holder = holder;
	wait->looked = now;
}

static int give_up(const struct wait *wait, unsigned int seconds)
{
	const struct lock_holder *holder = &wait->holder;

	if (holder->stopped)
		return error_set(-EBUSY,
				 "%s holds the lock and is stopped (kill -CONT %d lets it go on)",
				 holder->words, holder->pid);
	return error_set(-EBUSY, "%s has held the lock for %u second%s", holder->words, seconds,
			 seconds == 1 ? "" : "s");
}

static int check_patience(struct wait *wait, uint64_t now)
{
	uint64_t waited = (now - (wait->brief ? wait->start : wait->since)) / NS_PER_SECOND;
	bool stopped = wait->holder.stopped;
	unsigned int patience = wait->patience;

	if (stopped && patience > PATIENCE_STOPPED)
		patience = PATIENCE_STOPPED;
	if (waited >= patience || (wait->reads && stopped))
		return give_up(wait, patience);
	if (now - wait->start >= NS_PER_SECOND && !wait->told) {
		notice("waiting for %s, which holds the lock%s", wait->holder.words,
		       stopped ? " and is stopped" : "");
		wait->told = true;
	}
	return 0;
}

static int take(int fd, struct wait *wait)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	int error = 0;

	while (!error && flock(fd, LOCK_EX | LOCK_NB)) {
		uint64_t now = clock_monotonic_ns();

		if (errno != EWOULDBLOCK)
			return error_set(-errno, "cannot lock the pins: %m");
		look(wait, fd, now);
		error = check_patience(wait, now);
		if (!error && ((now - wait->start > NS_PER_SECOND && signals_are_pending()) ||
			       nanosleep(&pause, NULL)))
			error = error_set(-EINTR, "interrupted while waiting for %s",
					  wait->holder.words);
	}
	return error;
}

/* Seconds that a command waits: POLICYCTL_WAIT, or PATIENCE. */
static int read_patience(unsigned int *seconds)
{
	const char *text = getenv("POLICYCTL_WAIT");
	unsigned long number = PATIENCE;
	char *end = "";

	if (text && *text)
		number = strtoul(text, &end, 10);
	if (*end || number < 1 || number > PATIENCE_MAX || (text && strchr(text, '-')))
		return error_set(-EINVAL,
				 "POLICYCTL_WAIT=%s is not a number of seconds from 1 to %d", text,
				 PATIENCE_MAX);
	*seconds = number;
	return 0;
}

int lock_take(int fd)
{
	struct wait wait = {
		.start = clock_monotonic_ns(),
		.brief = waits_briefly,
		.patience = PATIENCE_BRIEF,
	};
	int error = waits_briefly ? 0 : read_patience(&wait.patience);

	return error ?: take(fd, &wait);
}

int lock_take_to_read(int fd)
{
	struct wait wait = {
		.start = clock_monotonic_ns(),
		.reads = true,
		.brief = true,
		.patience = PATIENCE_BRIEF,
	};

	return take(fd, &wait);
}
