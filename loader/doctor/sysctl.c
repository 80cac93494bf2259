// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "sysctl.h"
#include "util.h"

long sysctl_read(const char *path)
{
	FILE *file = fopen(path, "re");
	long value = -1;

	if (file && fscanf(file, "%ld", &value) != 1)
		value = -1;
	if (file)
		fclose(file);
	return value;
}

long sysctl_read_global(const char *path)
{
	_cleanup_(closep) int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	_cleanup_(closep) int first = -1;
	long value = sysctl_read(path);

	if (value >= 0 || home < 0)
		return value;
	first = open("/proc/1/ns/net", O_RDONLY | O_CLOEXEC);
	if (first < 0 || setns(first, CLONE_NEWNET))
		return -1;
	value = sysctl_read(path);
	if (setns(home, CLONE_NEWNET))
		abort(); /* nothing may go on in the wrong namespace */
	return value;
}
