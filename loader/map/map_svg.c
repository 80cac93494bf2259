// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "map_write.h"
#include "util.h"

extern char **environ;

/* The graph in a file of memory: written whole before `dot` reads it, so neither waits for the
 * other. */
static int write_graph(const struct map *map, int *fd)
{
	_cleanup_(closep) int file = memfd_create("map", MFD_CLOEXEC);
	FILE *out = file < 0 ? NULL : fdopen(dup(file), "w");

	if (!out)
		return -errno;
	map_write_dot(out, map);
	if (fclose(out) || lseek(file, 0, SEEK_SET))
		return -errno;
	*fd = TAKE_FD(file);
	return 0;
}

static int start(int graph, int picture, pid_t *child)
{
	static char name[] = "dot", format[] = "-Tsvg";
	char *const arguments[] = { name, format, NULL };
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return -error;
	error = posix_spawn_file_actions_adddup2(&actions, graph, STDIN_FILENO);
	error = error ?: posix_spawn_file_actions_adddup2(&actions, picture, STDOUT_FILENO);
	error = error ?: posix_spawnp(child, name, &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error == ENOENT)
		return error_set(-ENOENT, "SVG is drawn by Graphviz, whose program `dot` is not "
					  "installed; --format dot writes the graph");
	return -error;
}

static int read_picture(int fd, char **svg, size_t *length)
{
	off_t size = lseek(fd, 0, SEEK_END);
	_cleanup_(freep) char *text = size > 0 ? malloc(size) : NULL;

	if (!text)
		return error_set(-EIO, "Graphviz drew nothing");
	if (pread(fd, text, size, 0) != size)
		return -EIO;
	*svg = TAKE_PTR(text);
	*length = size;
	return 0;
}

int map_svg(const struct map *map, char **svg, size_t *length)
{
	_cleanup_(closep) int graph = -1;
	_cleanup_(closep) int picture = memfd_create("picture", MFD_CLOEXEC);
	int error = picture < 0 ? -errno : write_graph(map, &graph), status = 0;
	pid_t child;

	error = error ?: start(graph, picture, &child);
	if (error)
		return error;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (status)
		return error_set(-EIO, "Graphviz failed");
	return read_picture(picture, svg, length);
}
