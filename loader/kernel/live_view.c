// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "live_maps.h"
#include "live_members.h"
#include "live_view.h"
#include "util.h"

/* The directory of the namespace around that of a generation. */
static void shared_of(const struct generation *generation, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/../..", generation->path);
}

static int open_maps(const struct generation *generation, struct live_maps *maps)
{
	char shared[PATH_MAX];

	shared_of(generation, shared);
	return live_maps_open(shared, maps);
}

int live_views_open(const struct generation *generation, const struct policy *policy,
		    struct live_views *views)
{
	_cleanup_(live_maps_close) struct live_maps maps = LIVE_MAPS_EMPTY;
	struct live_views new = { .now = members_now() };
	int error = generation_has_live(generation) ? open_maps(generation, &maps) : 0;

	for (size_t i = 0; i < policy->set_count && !error; i++) {
		struct live_view *view = &new.items[new.count];
		uint32_t live;

		if (!policy->sets[i]->live || new.count == generation->meta.live_count)
			continue;
		live = generation->meta.live[new.count++];
		*view = (struct live_view){ .set = policy->sets[i], .asked = live };
		if (!live || live > PCTL_LIVE_SETS)
			continue;
		view->number = live - 1;
		view->flags = maps.elements[view->number].flags;
		view->count = maps.elements[view->number].members;
		view->left_out = maps.elements[view->number].left_out;
	}
	if (!error)
		*views = new;
	return error;
}

int live_views_read_members(const struct generation *generation, struct live_views *views)
{
	char shared[PATH_MAX];
	int error = 0;

	shared_of(generation, shared);
	for (uint32_t i = 0; i < views->count && !error; i++) {
		struct live_view *view = &views->items[i];

		if (view->asked)
			error = live_set_members(shared, view->number, &view->members,
						 &view->member_count);
	}
	return error;
}

void live_views_close(struct live_views *views)
{
	for (uint32_t i = 0; i < views->count; i++)
		free(views->items[i].members);
	*views = (struct live_views){};
}

static struct pctl_member_key key_of(uint32_t number, const struct prefix *address)
{
	struct pctl_member_key key = { .set = number, .family = address->family };

	key.address[0] = htonl(address->high >> 32);
	if (address->family == PCTL_IPV4)
		return key;
	key.address[1] = htonl((uint32_t)address->high);
	key.address[2] = htonl(address->low >> 32);
	key.address[3] = htonl((uint32_t)address->low);
	return key;
}

static void ask(const struct live_maps *maps, const struct pctl_member_key *key,
		struct live_answer *answer)
{
	uint32_t flags = maps->elements[key->set % PCTL_LIVE_SETS].flags;

	*answer = (struct live_answer){ .at = members_now() };
	answer->is_there = !bpf_map_lookup_elem(maps->members, key, &answer->member);
	answer->complete = (flags & (PCTL_LIVE_KNOWN | PCTL_LIVE_INCOMPLETE)) == PCTL_LIVE_KNOWN;
	answer->now = answer->complete ? PCTL_OUTSIDE : PCTL_MEMBERSHIP_UNKNOWN;
	if (answer->is_there && !pctl_member_expired(&answer->member, answer->at))
		answer->now = PCTL_INSIDE;
	answer->established = answer->is_there ? PCTL_INSIDE : answer->now;
}

int live_ask(const struct generation *generation, uint32_t number, const struct prefix *address,
	     struct live_answer *answer)
{
	_cleanup_(live_maps_close) struct live_maps maps = LIVE_MAPS_EMPTY;
	const struct pctl_member_key key = key_of(number, address);
	int error = open_maps(generation, &maps);

	if (!error)
		ask(&maps, &key, answer);
	return error;
}

void live_asked_of(const struct generation *generation, const struct policy *policy,
		   const struct live_maps *maps, struct live_asked *asked)
{
	const struct meta *meta = &generation->meta;
	uint32_t index = 0, live;

	*asked = (struct live_asked){};
	for (size_t i = 0; i < policy->set_count && index < meta->live_count; i++) {
		if (!policy->sets[i]->live)
			continue;
		live = meta->live[index++];
		if (!live || live > PCTL_LIVE_SETS)
			continue;
		asked->items[asked->count].set = policy->sets[i];
		asked->items[asked->count].number = live - 1;
		memcpy(asked->items[asked->count].digest, maps->elements[live - 1].digest,
		       PCTL_LIVE_DIGEST);
		asked->count++;
	}
}

int live_asked_open(const struct generation *generation, const struct policy *policy,
		    struct live_maps *maps, struct live_asked *asked)
{
	int error = open_maps(generation, maps);

	if (!error)
		live_asked_of(generation, policy, maps, asked);
	return error;
}

uint32_t live_find(const struct live_maps *maps, const struct live_asked *asked,
		   enum pctl_family family, const uint32_t address[4],
		   struct live_finding *findings)
{
	struct pctl_member_key key = { .family = family };
	uint32_t found = 0;

	memcpy(key.address, address,
	       family == PCTL_IPV4 ? sizeof(key.address[0]) : sizeof(key.address));
	for (uint32_t i = 0; i < asked->count; i++) {
		struct live_finding *finding = &findings[found];

		key.set = asked->items[i].number;
		/* The element may be another set's by now. */
		if (memcmp(maps->elements[key.set].digest, asked->items[i].digest,
			   PCTL_LIVE_DIGEST) != 0)
			continue;
		finding->set = asked->items[i].set;
		ask(maps, &key, &finding->answer);
		finding->membership = finding->answer.now;
		found += finding->answer.is_there;
	}
	return found;
}

uint32_t live_seconds_left(const struct pctl_member *member, uint32_t now)
{
	int32_t left = (int32_t)(member->until - now);

	return left > 0 ? ((uint64_t)left << PCTL_TICK_SHIFT) / 1000000000 : 0;
}

const char *live_member_name(const struct set *set, const struct pctl_member *member)
{
	return set->live == PCTL_LIVE_DNS && member->name < set->word_count
		       ? set->words[member->name]
		       : NULL;
}
