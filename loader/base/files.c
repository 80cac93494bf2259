// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "files.h"
#include "util.h"

/* The buffer to begin with: all of a regular file, if it tells its size. */
static size_t first_size(int fd)
{
	struct stat status;

	if (!fstat(fd, &status) && S_ISREG(status.st_mode) && status.st_size > 0)
		return status.st_size + 1; /* one more, to see the end */
	return 65536;
}

/* Some editors put a byte order mark in front of UTF-8. Returns how long the text is then. */
static size_t skip_mark(char *text, size_t length)
{
	static const char mark[] = { '\xef', '\xbb', '\xbf' };

	if (length < sizeof(mark) || memcmp(text, mark, sizeof(mark)) != 0)
		return length;
	length -= sizeof(mark);
	memmove(text, text + sizeof(mark), length);
	return length;
}

static int read_all(int fd, size_t limit, char **text, size_t *length)
{
	_cleanup_(freep) char *buffer = NULL;
	size_t size = first_size(fd), used = 0;
	ssize_t got;

	do {
		char *grown;

		if (used > limit)
			return -EFBIG;
		if (!buffer || used == size) {
			size = buffer ? size * 2 : size;
			grown = realloc(buffer, size);
			if (!grown)
				return -ENOMEM;
			buffer = grown;
		}
		got = read(fd, buffer + used, size - used);
		used += got > 0 ? got : 0;
	} while (got > 0 || (got < 0 && errno == EINTR));
	if (got < 0)
		return -errno;
	*length = skip_mark(buffer, used);
	*text = TAKE_PTR(buffer);
	return 0;
}

int file_read(const char *path, size_t limit, char **text, size_t *length)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : read_all(fd, limit, text, length);
}

/* Opens a file that has an end and can be read again. */
static int open_regular(const char *path, size_t limit, int *fd)
{
	_cleanup_(closep) int new = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;

	if (new < 0 || fstat(new, &status))
		return -errno;
	if (S_ISDIR(status.st_mode))
		return -EISDIR;
	if (!S_ISREG(status.st_mode))
		return -ESPIPE;
	if ((size_t)status.st_size > limit)
		return -EFBIG;
	*fd = TAKE_FD(new);
	return 0;
}

int file_read_regular(const char *path, size_t limit, char **text, size_t *length)
{
	_cleanup_(closep) int fd = -1;
	int error = open_regular(path, limit, &fd);

	return error ?: read_all(fd, limit, text, length);
}
