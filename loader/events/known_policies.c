// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attachment.h"
#include "clock.h"
#include "error.h"
#include "known_policies.h"
#include "print.h"
#include "util.h"

/* No reader is this far behind. */
#define REMEMBERED_SECONDS 60

static uint64_t seconds(void)
{
	return clock_monotonic_ns() / NS_PER_SECOND + 1;
}

static void forget_policy(struct known_policy *item)
{
	policy_free(item->policy);
	rule_texts_clear(&item->texts);
}

void known_policies_clear(struct known_policies *known)
{
	for (size_t i = 0; i < known->count; i++)
		forget_policy(&known->items[i]);
	free(known->items);
	*known = (struct known_policies){};
}

static struct known_policy *find(const struct known_policies *known, uint64_t generation)
{
	for (size_t i = known->count; i-- > 0;)
		if (known->items[i].generation == generation)
			return &known->items[i];
	return NULL;
}

const struct known_policy *known_policies_find(const struct known_policies *known,
					       uint64_t generation)
{
	return find(known, generation);
}

static int add(struct known_policies *known, const struct attachment *attachment,
	       const struct live_maps *maps)
{
	const struct generation *current = &attachment->current;
	struct known_policy new = {
		.generation = current->meta.generation,
		.ifindex = current->meta.ifindex,
		.owner = current->owner,
	};
	struct known_policy *grown;
	int error;

	memcpy(new.interface, attachment->hooks.link.name, sizeof(new.interface));
	error = generation_policy(current, &new.policy);
	if (error)
		return error == -ENOMEM ? error : 0;
	if (maps->elements)
		live_asked_of(current, new.policy, maps, &new.live);
	error = policy_rule_texts(new.policy, &new.texts);
	grown = reallocarray(known->items, known->count + 1, sizeof(new));
	if (grown)
		known->items = grown;
	if (error || !grown) {
		forget_policy(&new);
		return -ENOMEM;
	}
	known->items[known->count++] = new;
	return 0;
}

static void drop_old(struct known_policies *known, uint64_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < known->count; i++) {
		struct known_policy *item = &known->items[i];

		if (item->gone_at && now - item->gone_at > REMEMBERED_SECONDS)
			forget_policy(item);
		else
			known->items[kept++] = *item;
	}
	known->count = kept;
}

/* Learns of a policy that is in force, under the present name of its interface. */
static int meet(struct known_policies *known, const struct attachment *attachment,
		const struct live_maps *maps)
{
	struct known_policy *item = find(known, attachment->current.meta.generation);

	if (!item)
		return add(known, attachment, maps);
	memcpy(item->interface, attachment->hooks.link.name, sizeof(item->interface));
	item->owner = attachment->current.owner; /* a container can be renamed */
	item->gone_at = 0;
	return 0;
}

int known_policies_learn(struct known_policies *known, struct session *session,
			 struct live_maps *maps)
{
	_cleanup_(freep) uint32_t *ifindexes = NULL;
	uint64_t now = seconds();
	size_t count = 0;
	int error = attachment_list(session, &ifindexes, &count);

	live_maps_close(maps);
	live_maps_open(session->pins.path, maps);
	for (size_t i = 0; i < known->count; i++)
		if (!known->items[i].gone_at)
			known->items[i].gone_at = now;
	for (size_t i = 0; i < count && error != -ENOMEM; i++) {
		_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;

		error = attachment_open(session, ifindexes[i], &attachment);
		error = error ?: meet(known, &attachment, maps);
	}
	drop_old(known, now);
	error_clear();
	return error == -ENOMEM ? error : 0;
}
