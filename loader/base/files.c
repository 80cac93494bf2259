// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "diagnostics.h"
#include "files.h"
#include "progress.h"
#include "setmap.h"
#include "util.h"

#define SET_FILE_MAX ((size_t)1 << 30)

/* A regular file with a size is read at once, for others the buffer grows. */
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

/* Only what has an end and can be read again. */
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

/* --- sets --- */

/* Where the paths in a policy begin: "" for the current directory. */
static void directory_of(const char *policy, char directory[PATH_MAX])
{
	char copy[PATH_MAX];
	struct stat status;
	const char *name;

	*directory = '\0';
	if (!strncmp(policy, "/dev/", 5) || !strncmp(policy, "/proc/", 6) ||
	    stat(policy, &status) || !S_ISREG(status.st_mode))
		return; /* /dev/stdin, a pipe: no place of its own */
	snprintf(copy, sizeof(copy), "%s", policy);
	name = dirname(copy);
	if (strcmp(name, ".") != 0)
		snprintf(directory, PATH_MAX, "%s", name);
}

/* `path` as somebody in the current directory finds it, malloc'd. */
static char *locate(const char *policy, const char *path)
{
	char directory[PATH_MAX], *found = NULL;

	directory_of(policy, directory);
	if (*path == '/' || !*directory)
		return strdup(path);
	return asprintf(&found, "%s/%s", directory, path) < 0 ? NULL : found;
}

/* The same for everybody. The last name of it may be a link that is meant to change. */
static int make_absolute(const char *found, char **absolute)
{
	_cleanup_(freep) char *directory = NULL, *head = strdup(found), *tail = strdup(found);

	if (!head || !tail)
		return -ENOMEM;
	directory = realpath(dirname(head), NULL);
	if (!directory)
		return -errno;
	if (asprintf(absolute, "%s/%s", strcmp(directory, "/") ? directory : "", basename(tail)) <
	    0)
		return -ENOMEM;
	return 0;
}

static void show_bytes(void *data, size_t bytes)
{
	(void)data;
	progress_at(bytes);
}

static int read_set(const char *path, struct set *set, struct diagnostics *diagnostics)
{
	_cleanup_(freep) char *text = NULL;
	size_t length = 0;
	int error = file_read_regular(path, SET_FILE_MAX, &text, &length);

	if (error)
		return error;
	progress_begin(path, "reading", length);
	error = prefixes_parse(path, text, length, &set->prefixes, diagnostics, show_bytes, NULL);
	progress_end();
	if (error)
		return error;
	set->loaded = true;
	set_identify(set);
	return 0;
}

static int load_set(void *data, const char *name, struct set *set, struct diagnostics *diagnostics)
{
	_cleanup_(freep) char *found = locate(name, set->path);
	char *absolute = NULL;
	int error;

	(void)data;
	if (!found)
		return -ENOMEM;
	error = read_set(found, set, diagnostics);
	error = error ?: make_absolute(found, &absolute);
	if (error)
		return error;
	free(set->path);
	set->path = absolute;
	return 0;
}

const struct policy_files files_loader = { .load = load_set };
