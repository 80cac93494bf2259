// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "live_addresses.h"
#include "live_fill.h"
#include "util.h"

int live_gateway(struct session *session, const struct link *link, const struct policy *policy,
		 char name[IF_NAMESIZE])
{
	struct link master;
	bool asked = false;
	int error;

	name[0] = '\0';
	for (size_t i = 0; i < policy->set_count; i++)
		asked = asked || policy->sets[i]->live == PCTL_LIVE_GATEWAY;
	if (!asked)
		return 0;
	if (!link->master) {
		strcpy(name, link->name);
		return 0;
	}
	error = nl_link_get(session->nl, NULL, link->master, &master);
	if (error)
		return error_set(error, "cannot ask the kernel for the bridge of %s: %s",
				 link->name, strerror(-error));
	strcpy(name, master.name);
	return 0;
}

static bool is_of(const struct generation *generation, const struct live_set *set)
{
	for (uint32_t i = 0; i < PCTL_SETS_MAX; i++)
		if (generation->meta.live[i] == set->number + 1)
			return true;
	return false;
}

static int fill_set(struct session *session, const struct live_set *set)
{
	_cleanup_(freep) struct live_member *members = NULL;
	struct link gateway = {};
	size_t count = 0;
	int error = 0;

	if (set->kind == PCTL_LIVE_GATEWAY && set->word_count)
		error = nl_link_get(session->nl, set->words[0], 0, &gateway);
	error = error ?: live_addresses(session->nl, gateway.ifindex, &members, &count);
	if (error)
		return error_set(error, "cannot ask the kernel for the addresses of @%s: %s",
				 set->kind == PCTL_LIVE_HOST ? "host" : "gateway",
				 strerror(-error));
	return live_set_fill(session->pins.path, set->number, members, count, true);
}

int live_fill(struct session *session, const struct generation *generation)
{
	struct live_set *sets = NULL;
	size_t count = 0;
	int error;

	if (!generation_has_live(generation))
		return 0;
	error = live_sets_list(session->pins.path, &sets, &count);
	for (size_t i = 0; i < count && !error; i++)
		if ((sets[i].kind == PCTL_LIVE_HOST || sets[i].kind == PCTL_LIVE_GATEWAY) &&
		    is_of(generation, &sets[i]))
			error = fill_set(session, &sets[i]);
	live_sets_free(sets, count);
	return error;
}
