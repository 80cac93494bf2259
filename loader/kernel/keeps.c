// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "claim.h"
#include "keeps.h"
#include "pins.h"

#define KEEPS "keeps-" /* with the id behind it */

static void keeps_path(const char *slot, const char *container, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%.*s/" KEEPS "%.64s", PATH_MAX - 80, slot, container);
}

void keeps_add(const char *slot, const char *container)
{
	char path[PATH_MAX];

	if (!*container || strchr(container, '/'))
		return;
	keeps_path(slot, container, path);
	if (mkdir(path, 0700))
		errno = 0; /* mostly it is there already */
}

static bool lives(const char *slot, const char *self)
{
	return claim_lives(slot) && (!self || strcmp(slot, self) != 0);
}

static bool keeps(const char *slot, const char *container)
{
	char path[PATH_MAX];

	keeps_path(slot, container, path);
	return *container && !access(path, F_OK);
}

static bool sidecar_lives(const char *pins, const char *container, const char *self)
{
	DIR *directory = opendir(pins);
	const struct dirent *entry;
	char slot[PATH_MAX];
	bool found = false;

	while (directory && !found && (entry = readdir(directory))) {
		if (strncmp(entry->d_name, PINS_GATE, strlen(PINS_GATE)) != 0)
			continue;
		snprintf(slot, sizeof(slot), "%s/%s", pins, entry->d_name);
		found = keeps(slot, container) && lives(slot, self);
	}
	if (directory)
		closedir(directory);
	return found;
}

bool keeper_lives(const char *pins, const struct owner *owner, const char *self)
{
	char slot[PATH_MAX];

	if (!owner_is(owner) || owner->manager == OWNER_NOBODY)
		return false;
	if (owner->manager == OWNER_SIDECAR)
		return sidecar_lives(pins, owner->container, self);
	snprintf(slot, sizeof(slot), "%s/" PINS_GATE "%d", pins, PINS_DAEMON_GATE);
	return lives(slot, self);
}

void keeps_forget(const char *slot)
{
	DIR *directory = opendir(slot);
	const struct dirent *entry;
	char path[PATH_MAX];

	while (directory && (entry = readdir(directory))) {
		if (strncmp(entry->d_name, KEEPS, strlen(KEEPS)) != 0)
			continue;
		keeps_path(slot, entry->d_name + strlen(KEEPS), path);
		rmdir(path);
	}
	if (directory)
		closedir(directory);
}
