// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "file_stamp.h"

#define TICK_SECONDS 2 /* the coarsest clock that file systems have (FAT) */

static void fill(const char *path, struct file_stamp *stamp)
{
	struct stat status;

	*stamp = (struct file_stamp){ .settled = true };
	if (stat(path, &status))
		return;
	*stamp = (struct file_stamp){
		.there = true,
		.settled = status.st_ctim.tv_sec + TICK_SECONDS < time(NULL),
		.device = status.st_dev,
		.inode = status.st_ino,
		.size = status.st_size,
		.modified = status.st_mtim,
		.changed = status.st_ctim,
	};
}

int file_stamp_take(const char *path, struct file_stamp *stamp)
{
	char *copy = strdup(path);

	if (!copy)
		return -ENOMEM;
	fill(path, stamp);
	stamp->path = copy;
	return 0;
}

void file_stamp_clear(struct file_stamp *stamp)
{
	free(stamp->path);
	*stamp = (struct file_stamp){};
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool file_stamp_holds(const struct file_stamp *stamp)
{
	struct file_stamp now;

	fill(stamp->path, &now);
	return stamp->settled && stamp->there == now.there && stamp->device == now.device &&
	       stamp->inode == now.inode && stamp->size == now.size &&
	       same_time(stamp->modified, now.modified) && same_time(stamp->changed, now.changed);
}
