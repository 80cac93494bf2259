// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "claim.h"
#include "error.h"
#include "util.h"

int claim_take_left(const char *path, int *lock)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat ours, current;

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB))
		return -errno;
	if (fstat(fd, &ours) || stat(path, &current) || ours.st_ino != current.st_ino)
		return -ENOENT;
	*lock = TAKE_FD(fd);
	return 0;
}

int claim_take(const char *path, int *lock)
{
	int error;

	do {
		if (mkdir(path, 0700) && errno != EEXIST)
			return error_set(-errno, "cannot create %s: %m", path);
		error = claim_take_left(path, lock);
	} while (error == -ENOENT);
	return error && error != -EWOULDBLOCK
		       ? error_set(error, "cannot lock %s: %s", path, strerror(-error))
		       : error;
}

bool claim_lives(const char *path)
{
	_cleanup_(closep) int lock = -1;
	int error = claim_take_left(path, &lock);

	return error && error != -ENOENT;
}
