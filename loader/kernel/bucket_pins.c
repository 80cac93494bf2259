// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "attachment_pins.h"
#include "bucket_pins.h"
#include "error.h"
#include "util.h"

static const struct {
	enum generation_map map;
	const char *name;
	uint32_t treats; /* enum pctl_treated: where it is used */
} pins[] = {
	{ MAP_BUCKETS, "buckets", PCTL_TREATS_RATE },
	{ MAP_PEER_BUCKETS, "peer_buckets", PCTL_TREATS_EACH },
};

bool bucket_pins_wanted(const struct generation *generation, enum generation_map which)
{
	for (size_t i = 0; i < ARRAY_SIZE(pins); i++)
		if (pins[i].map == which)
			return generation->meta.treats & pins[i].treats;
	return false;
}

int bucket_pins_adopt(struct generation *generation)
{
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(pins) && !error; i++)
		if (bucket_pins_wanted(generation, pins[i].map))
			error = attachment_pin_open(generation->path, pins[i].name,
						    &generation->maps[pins[i].map]);
	if (error != -ENOENT)
		return error;
	error_clear();
	generation->damaged = true;
	return 0;
}

int bucket_pins_make(const struct generation *generation)
{
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(pins) && !error; i++)
		if (bucket_pins_wanted(generation, pins[i].map))
			error = attachment_pin_make(generation->path, pins[i].name,
						    generation->maps[pins[i].map]);
	return error;
}

int bucket_pins_remove(const char *path, const struct generation *generation)
{
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(pins); i++)
		if (!generation || !bucket_pins_wanted(generation, pins[i].map))
			error = attachment_pin_remove(path, pins[i].name) ?: error;
	return error;
}
