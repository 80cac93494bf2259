// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "attachment_pins.h"
#include "connection_pins.h"
#include "error.h"

const enum generation_map connection_maps[CONNECTION_MAPS] = {
	MAP_CONNECTIONS,
	MAP_HALF_OPEN,
	MAP_CONNECTION_STATS,
};

static const char *const names[CONNECTION_MAPS] = {
	"connections",
	"half_open",
	"connection_stats",
};

int connection_pins_open(struct generation *generation)
{
	int error = 0;

	for (int i = 0; i < CONNECTION_MAPS && !error; i++)
		error = attachment_pin_open(generation->path, names[i],
					    &generation->maps[connection_maps[i]]);
	return error;
}

int connection_pins_adopt(struct generation *generation)
{
	int error = generation->meta.tracks ? connection_pins_open(generation) : 0;

	if (error != -ENOENT)
		return error;
	error_clear();
	generation->damaged = true;
	return 0;
}

int connection_pins_make(const struct generation *generation)
{
	int error = 0;

	for (int i = 0; i < CONNECTION_MAPS && !error && generation->meta.tracks; i++)
		error = attachment_pin_make(generation->path, names[i],
					    generation->maps[connection_maps[i]]);
	return error;
}

int connection_pins_remove(const char *path)
{
	int error = 0;

	for (int i = 0; i < CONNECTION_MAPS; i++)
		error = attachment_pin_remove(path, names[i]) ?: error;
	return error;
}
