// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "prepared.h"

static void remove_at(struct prepared_list *list, size_t index)
{
	generation_close(&list->items[index].generation);
	desired_policy_unref(list->items[index].policy);
	memmove(&list->items[index], &list->items[index + 1],
		(--list->count - index) * sizeof(list->items[0]));
}

void prepared_drop(struct prepared_list *list, const char *container)
{
	for (size_t i = list->count; i-- > 0;)
		if (!container || !strcmp(list->items[i].container, container))
			remove_at(list, i);
}

void prepared_add(struct prepared_list *list, const char *container, struct desired_policy *policy,
		  enum mode_choice mode, struct generation *generation)
{
	struct prepared *new;

	prepared_drop(list, container);
	if (list->count == PREPARED_MAX)
		remove_at(list, 0);
	new = &list->items[list->count++];
	*new = (struct prepared){
		.policy = desired_policy_ref(policy),
		.mode = mode,
		.generation = *generation,
	};
	snprintf(new->container, sizeof(new->container), "%s", container);
	*generation = (struct generation)GENERATION_EMPTY;
}

bool prepared_take(struct prepared_list *list, const char *container,
		   const struct desired_policy *policy, enum mode_choice mode,
		   struct generation *generation)
{
	for (size_t i = 0; i < list->count; i++) {
		struct prepared *item = &list->items[i];

		if (item->policy != policy || item->mode != mode ||
		    strcmp(item->container, container) != 0)
			continue;
		*generation = item->generation;
		item->generation = (struct generation)GENERATION_EMPTY;
		remove_at(list, i);
		return true;
	}
	return false;
}
