// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "attachment_pins.h"
#include "error.h"
#include "name_pins.h"

const enum generation_map name_maps[NAME_MAPS] = {
	MAP_QUESTIONS,
	MAP_NAME_STATS,
};

static const char *const names[NAME_MAPS] = {
	"questions",
	"name_stats",
};

int name_pins_open(struct generation *generation)
{
	int error = 0;

	for (int i = 0; i < NAME_MAPS && !error; i++)
		error = attachment_pin_open(generation->path, names[i],
					    &generation->maps[name_maps[i]]);
	return error;
}

int name_pins_adopt(struct generation *generation)
{
	int error = generation->meta.names ? name_pins_open(generation) : 0;

	if (error != -ENOENT)
		return error;
	error_clear();
	generation->damaged = true;
	return 0;
}

int name_pins_make(const struct generation *generation)
{
	int error = 0;

	for (int i = 0; i < NAME_MAPS && !error && generation->meta.names; i++)
		error = attachment_pin_make(generation->path, names[i],
					    generation->maps[name_maps[i]]);
	return error;
}

int name_pins_remove(const char *path)
{
	int error = 0;

	for (int i = 0; i < NAME_MAPS; i++)
		error = attachment_pin_remove(path, names[i]) ?: error;
	return error;
}
