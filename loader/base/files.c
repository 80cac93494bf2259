// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "error.h"
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

/* How long a pipe may be silent. */
#define NO_WRITER_MS 3000 /* nobody has opened a FIFO to write */
#define SILENCE_MS 60000 /* somebody has, and writes nothing */

static int wait_for_bytes(int fd, int patience_ms, const char *otherwise)
{
	struct pollfd waits = { .fd = fd, .events = POLLIN };

	return poll(&waits, 1, patience_ms) ? 0 : error_set(-ETIMEDOUT, "%s", otherwise);
}

/* A FIFO that nobody has opened to write reads as an empty file. A pipe without a name has had its
 * writer, and is at its end. */
static int wait_for_writer(int fd)
{
	struct stat status;
	struct statfs system;

	if (fstat(fd, &status) || !S_ISFIFO(status.st_mode) || fstatfs(fd, &system) ||
	    system.f_type == PIPEFS_MAGIC)
		return 0;
	return wait_for_bytes(fd, NO_WRITER_MS, "nobody writes to this FIFO");
}

/* Nothing can be read now. Waits for a pipe or a terminal; other files that make their reader wait
 * (/proc/kmsg) have no end. 0: read on. */
static int wait_for_more(int fd)
{
	struct stat status;

	if (isatty(fd))
		return wait_for_bytes(fd, -1, "");
	if (!fstat(fd, &status) && S_ISFIFO(status.st_mode))
		return wait_for_bytes(fd, SILENCE_MS, "nothing was written to this pipe for 60 s");
	return error_set(-ESPIPE, "it makes its reader wait, so it is no file with an end");
}

static int read_all(int fd, size_t limit, char **text, size_t *length)
{
	_cleanup_(freep) char *buffer = NULL;
	size_t size = first_size(fd), used = 0;
	bool again, waited = false;
	ssize_t got;
	int error = 0;

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
		again = got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
		if (got < 0 && errno == EAGAIN) {
			error = wait_for_more(fd);
		} else if (got < 0 && errno != EINTR) {
			error = -errno;
		} else if (!got && !used && !waited) {
			error = wait_for_writer(fd);
			again = waited = true;
		}
	} while (again && !error);
	if (error)
		return error;
	*length = skip_mark(buffer, used);
	*text = TAKE_PTR(buffer);
	return 0;
}

int file_read(const char *path, size_t limit, char **text, size_t *length)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	error_clear();
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

	error = error ?: read_all(fd, limit, text, length);
	error_clear();
	return error;
}
