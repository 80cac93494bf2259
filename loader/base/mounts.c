// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "cleanup.h"
#include "mounts.h"

bool mounts_have(FILE *mountinfo, uint64_t id)
{
	_cleanup_(freep) char *line = NULL;
	bool found = false;
	size_t size = 0;
	uint64_t listed;

	while (!found && getline(&line, &size, mountinfo) > 0)
		found = sscanf(line, "%" SCNu64, &listed) == 1 && listed == id;
	return found;
}

/* The type stands behind " - ": in front of that is a varying number of fields. */
static bool has_type(const char *line, const char *type)
{
	const char *end = strstr(line, " - ");
	size_t length = strlen(type);

	return end && !strncmp(end + 3, type, length) && end[3 + length] == ' ';
}

bool mounts_find(FILE *mountinfo, const char *point, const char *type, dev_t *device)
{
	_cleanup_(freep) char *line = NULL;
	unsigned int major, minor;
	bool found = false;
	dev_t last = 0;
	size_t size = 0;

	while (getline(&line, &size, mountinfo) > 0) {
		int start = 0, end = 0;

		/* ID PARENT MAJOR:MINOR ROOT POINT OPTIONS ... - TYPE SOURCE OPTIONS */
		sscanf(line, "%*d %*d %u:%u %*s %n%*s%n", &major, &minor, &start, &end);
		if (!end || end - start != (int)strlen(point) ||
		    strncmp(line + start, point, end - start) != 0)
			continue;
		found = has_type(line + end, type);
		last = makedev(major, minor);
	}
	if (found)
		*device = last;
	return found;
}
