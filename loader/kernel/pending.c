// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>

#include "bpfmap.h"
#include "clock.h"
#include "error.h"
#include "pending.h"
#include "util.h"

#define MAP_NAME "pending" /* and the name of its pin */
#define START_FIELD 22 /* of /proc/PID/stat, proc(5) */

int pending_open(const char *path, int *fd, struct pending *pending)
{
	_cleanup_(closep) int new = -1;
	int error = map_open_pin(path, MAP_NAME, &new);

	*pending = (struct pending){};
	if (error == -ENOENT) {
		error_clear();
		return 0;
	}
	error = error ?: map_read(new, MAP_NAME, pending, sizeof(*pending));
	if (!error && !pending_is(pending))
		error = error_set(-EPROTO, "what waits to be confirmed is of another version of "
					   "policyctl");
	if (!error)
		*fd = TAKE_FD(new);
	return error;
}

bool pending_is_pinned(const char *path)
{
	char pin[PATH_MAX];

	snprintf(pin, sizeof(pin), "%s/" MAP_NAME, path);
	return !access(pin, F_OK);
}

int pending_save(int fd, const struct pending *pending)
{
	return map_write(fd, MAP_NAME, pending, sizeof(*pending));
}

int pending_remove(const char *path)
{
	return map_unpin(path, MAP_NAME);
}

uint64_t pending_left(const struct pending *pending)
{
	uint64_t now = clock_boot_ns();

	return pending->ends > now ? (pending->ends - now + NS_PER_SECOND - 1) / NS_PER_SECOND : 0;
}

/* --- the process --- */

static uint64_t own_pid_namespace(void)
{
	struct stat status;

	return stat("/proc/self/ns/pid", &status) ? 0 : status.st_ino;
}

/* When a process began; 0: there is none. Its name, field 2, may hold blanks and parentheses. */
static uint64_t start_of(pid_t pid)
{
	char path[64], text[1024], *at;
	FILE *file;
	size_t length;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	at = strrchr(text, ')');
	for (int field = 2; at && field < START_FIELD; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

void pending_watch_here(struct pending *pending)
{
	pending->watcher = getpid();
	pending->watcher_start = start_of(pending->watcher);
	pending->watcher_namespace = own_pid_namespace();
}

enum pending_watch pending_watch(const struct pending *pending)
{
	if (pending->watcher_namespace != own_pid_namespace())
		return PENDING_WATCH_UNKNOWN;
	return start_of(pending->watcher) == pending->watcher_start ? PENDING_WATCHED
								    : PENDING_UNWATCHED;
}

void pending_wake(const struct pending *pending)
{
	_cleanup_(closep) int process = pidfd_open(pending->watcher, 0);

	/* The descriptor first: it cannot come to mean another process. */
	if (process >= 0 && pending_watch(pending) == PENDING_WATCHED)
		pidfd_send_signal(process, SIGUSR1, NULL, 0);
}
