// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "mounts.h"
#include "process.h"
#include "util.h"

#define PF_KTHREAD 0x00200000 /* include/linux/sched.h; the flags are field 9 of /proc/PID/stat */

int process_open(pid_t pid)
{
	_cleanup_(closep) int process = -1;
	struct statfs fs;
	char path[32] = "/proc/self";

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d", pid);
	process = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (process < 0)
		return -errno;
	if (fstatfs(process, &fs) || fs.f_type != PROC_SUPER_MAGIC)
		return -ENOENT;
	return TAKE_FD(process);
}

static FILE *open_file(int process, const char *name)
{
	int fd = openat(process, name, O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (fd >= 0 && !file)
		close(fd);
	return file;
}

bool process_status(int process, const char *name, char *value, size_t size)
{
	FILE *file = open_file(process, "status");
	size_t length = strlen(name);
	char line[512];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		found = !strncmp(line, name, length) && line[length] == ':';
		if (!found)
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(value, size, "%s", line + length + 1 + strspn(line + length + 1, " \t"));
	}
	if (file)
		fclose(file);
	return found;
}

pid_t process_number(int process, const char *name)
{
	char value[32];

	return process_status(process, name, value, sizeof(value)) ? atoi(value) : 0;
}

static bool same_user_namespace(int process)
{
	struct stat ours, its;

	return !stat("/proc/self/ns/user", &ours) && !fstatat(process, "ns/user", &its, 0) &&
	       ours.st_ino == its.st_ino && ours.st_dev == its.st_dev;
}

bool process_is_roots(int process)
{
	unsigned int real, effective, saved, file_system;
	char uids[64];

	return process_status(process, "Uid", uids, sizeof(uids)) &&
	       sscanf(uids, "%u %u %u %u", &real, &effective, &saved, &file_system) == 4 &&
	       !(real | effective | saved | file_system) && same_user_namespace(process);
}

bool process_is_kernels(int process)
{
	FILE *file = open_file(process, "stat");
	unsigned int flags = 0;
	char line[512];
	const char *end;

	/* PID (COMMAND) STATE ...: a command may contain anything. */
	if (file && fgets(line, sizeof(line), file)) {
		end = strrchr(line, ')');
		if (!end || sscanf(end, ") %*c %*d %*d %*d %*d %*d %u", &flags) != 1)
			flags = 0;
	}
	if (file)
		fclose(file);
	return flags & PF_KTHREAD;
}

bool process_sees_mount(int process, uint64_t id)
{
	FILE *file = open_file(process, "mountinfo");
	bool seen = file && mounts_have(file, id);

	if (file)
		fclose(file);
	return seen;
}

bool process_sees_type(int process, const char *point, const char *type, dev_t *device)
{
	FILE *file = open_file(process, "mountinfo");
	bool seen = file && mounts_find(file, point, type, device);

	if (file)
		fclose(file);
	return seen;
}

/* A process chooses what it is called. */
static void clean(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

void process_command_line(int process, char *text, size_t size)
{
	_cleanup_(closep) int fd = openat(process, "cmdline", O_RDONLY | O_CLOEXEC);
	char line[512];
	ssize_t length = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);
	const char *name;

	if (length <= 0) {
		snprintf(text, size, "?");
		return;
	}
	line[length] = '\0'; /* behind the last argument stands one already, if it is not cut */
	name = strrchr(line, '/');
	name = name ? name + 1 : line;
	for (char *byte = line; byte < line + length - 1; byte++)
		if (!*byte)
			*byte = ' ';
	if (snprintf(text, size, "%s", name) >= (int)size)
		snprintf(text + size - 4, 4, "...");
	clean(text);
}

void process_describe(pid_t pid, char words[PROCESS_WORDS])
{
	_cleanup_(closep) int process = process_open(pid);
	char name[32];

	if (process < 0 || !process_status(process, "Name", name, sizeof(name))) {
		snprintf(words, PROCESS_WORDS, "%d", pid);
		return;
	}
	snprintf(words, PROCESS_WORDS, "%d (%s)", pid, name);
	clean(words);
}
