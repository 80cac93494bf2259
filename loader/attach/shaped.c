// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy.h"
#include "shape_device.h"
#include "shaped.h"
#include "util.h"

void shaped_name(const struct shaped *shaped, char name[SHAPED_NAME])
{
	if (shaped->class.key[0] == '@') /* both directions have it */
		snprintf(name, SHAPED_NAME, "%.*s %s", BUCKET_KEY, shaped->class.key,
			 policy_direction_name(shaped->direction));
	else
		snprintf(name, SHAPED_NAME, "%.*s", BUCKET_KEY, shaped->class.key);
}

static int read_direction(struct nl *nl, uint32_t ifindex, struct shaped *of, size_t count,
			  enum pctl_direction direction)
{
	_cleanup_(freep) struct nl_class_state *states = NULL;
	struct link device = { .ifindex = ifindex };
	size_t state_count = 0;
	int error = direction == PCTL_FROM ? shape_device_get(nl, ifindex, &device) : 0;

	if (error)
		return error == -ENODEV ? 0 : error;
	error = nl_classes(nl, device.ifindex, PCTL_SHAPE_HANDLE, &states, &state_count);
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < state_count; j++) {
			if (states[j].classid != (PCTL_SHAPE_HANDLE | of[i].class.minor))
				continue;
			of[i].state = states[j];
			of[i].there = states[j].queued;
		}
	}
	return error;
}

int shaping_read(struct nl *nl, const struct generation *generation, struct shaped **all,
		 size_t *count)
{
	_cleanup_(freep) struct shape_class *classes = NULL;
	size_t class_count = 0, first;
	int error = generation_shape_classes(generation, &classes, &class_count);

	*all = NULL;
	*count = 0;
	if (error || !class_count)
		return error;
	*all = calloc(class_count * PCTL_DIRECTIONS, sizeof(**all));
	if (!*all)
		return -ENOMEM;
	for (enum pctl_direction i = PCTL_FROM; i < PCTL_DIRECTIONS && !error; i++) {
		first = *count;
		for (size_t j = 0; j < class_count; j++)
			if (classes[j].directions & 1u << i)
				(*all)[(*count)++] =
					(struct shaped){ .class = classes[j], .direction = i };
		if (generation->meta.shapes & 1u << i)
			error = read_direction(nl, generation->meta.ifindex, *all + first,
					       *count - first, i);
	}
	if (error) {
		free(*all);
		*all = NULL;
		*count = 0;
	}
	return error;
}

bool shaping_is_complete(struct nl *nl, const struct generation *generation)
{
	_cleanup_(freep) struct shaped *all = NULL;
	size_t count = 0;

	if (shaping_read(nl, generation, &all, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!all[i].there)
			return false;
	return true;
}
