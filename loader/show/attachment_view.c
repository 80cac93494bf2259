// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "attachment_view.h"
#include "mirror_targets.h"

int attachment_view_open(const struct attachment *attachment, struct attachment_view *view)
{
	struct connection_maps maps = connection_maps_of(&attachment->current);
	struct attachment_view new = { .attachment = attachment };
	int error;

	error = generation_policy(&attachment->current, &new.policy);
	error = error ?: generation_counters(&attachment->current, &new.counters);
	error = error ?: connections_summarise(&maps, &new.connections);
	error = error ?: mirrors_view(&attachment->current, &new.mirrors);
	error = error ?: buckets_summarise(&attachment->current, &new.buckets);
	error = error ?: name_counts_read(&attachment->current, &new.names);
	error = error ?: live_views_open(&attachment->current, new.policy, &new.live);
	if (error)
		attachment_view_close(&new);
	else
		*view = new;
	return error;
}

void attachment_view_close(struct attachment_view *view)
{
	policy_free(view->policy);
	counters_free(&view->counters);
	live_views_close(&view->live);
	free(view->shaped);
	*view = (struct attachment_view){};
}

struct totals_search {
	const struct attachment_view *view;
	struct totals totals;
	enum pctl_direction direction;
};

static struct pctl_counter *total_of(struct totals *totals, const struct counter_row *row)
{
	struct pctl_counter *const all[][2] = {
		[VERDICT_ALLOW] = { &totals->passed, &totals->passed },
		[VERDICT_DENY] = { &totals->dropped, &totals->would_drop },
		[VERDICT_REJECT] = { &totals->rejected, &totals->would_reject },
	};

	return all[row->verdict][row->audit];
}

static int add_row(const struct counter_row *row, void *data)
{
	struct totals_search *search = data;
	struct pctl_counter *sum = total_of(&search->totals, row);
	const struct pctl_counter *counter;

	if (!(row->directions & (1u << search->direction)))
		return 0;
	counter = counters_slot(&search->view->counters, row->slot, search->direction);
	sum->packets += counter->packets;
	sum->bytes += counter->bytes;
	return 0;
}

struct totals attachment_view_totals(const struct attachment_view *view,
				     enum pctl_direction direction)
{
	struct totals_search search = { .view = view, .direction = direction };

	counters_rows(view->policy, add_row, &search);
	return search.totals;
}

void attachment_view_look_at_mirrors(struct attachment_view *view, struct nl *nl)
{
	mirrors_look(nl, &view->mirrors);
}

void attachment_view_look_at_container(struct attachment_view *view, struct nl *nl)
{
	const struct link *link = &view->attachment->hooks.link;

	if (!strcmp(link->kind, "veth") && link->peer_nsid >= 0)
		view->admin = netns_may_administer(nl, link->peer_nsid);
}

int attachment_view_look_at_members(struct attachment_view *view)
{
	return live_views_read_members(&view->attachment->current, &view->live);
}

int attachment_view_look_at_queues(struct attachment_view *view, struct nl *nl)
{
	free(view->shaped);
	return shaping_read(nl, &view->attachment->current, &view->shaped, &view->shaped_count);
}

bool attachment_view_may_redirect(const struct attachment_view *view)
{
	return view->admin != NETNS_ADMIN_NONE &&
	       view->attachment->current.meta.mode != XDP_MODE_NATIVE;
}
