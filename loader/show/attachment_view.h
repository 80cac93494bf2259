/* SPDX-License-Identifier: GPL-2.0-only */
/* An attachment with its policy and counters: what list, show and stats speak of. */
#ifndef PCTL_ATTACHMENT_VIEW_H
#define PCTL_ATTACHMENT_VIEW_H

#include "attachment.h"
#include "connection_table.h"
#include "counters.h"
#include "live_view.h"
#include "mirror_map.h"
#include "name_counts.h"
#include "netns.h"
#include "peer_buckets.h"
#include "shaped.h"

struct attachment_view {
	const struct attachment *attachment;
	struct policy *policy;
	struct counters counters;
	struct connection_summary connections;
	struct mirror_views mirrors;
	struct bucket_summary buckets;
	struct name_counts names;
	struct live_views live; /* without members: attachment_view_look_at_members() */
	struct shaped *shaped; /* what waits: attachment_view_look_at_queues() */
	size_t shaped_count;
	enum netns_admin admin; /* of the container: attachment_view_look_at_container() */
};

/* Reads policy, counters and how many connections and buckets there are. 0 or a negative errno; on
 * success the caller closes. */
int attachment_view_open(const struct attachment *attachment, struct attachment_view *view);
void attachment_view_close(struct attachment_view *view);

/* Looks whether the targets of copies are there, and up, at this moment. */
void attachment_view_look_at_mirrors(struct attachment_view *view, struct nl *nl);

/* Finds out over what a process at the other end of a veth may have CAP_NET_ADMIN. Looks at every
 * process of the machine. */
void attachment_view_look_at_container(struct attachment_view *view, struct nl *nl);

/* Reads the members of live sets. 0 or a negative errno. */
int attachment_view_look_at_members(struct attachment_view *view);

/* Reads the queues in which packets wait. 0 or a negative errno. */
int attachment_view_look_at_queues(struct attachment_view *view, struct nl *nl);

/* May the container get around the hook or mode that it has, but not around native XDP
 * (docs/architecture.md)? */
bool attachment_view_may_redirect(const struct attachment_view *view);

/* The totals of one direction. */
struct totals {
	struct pctl_counter passed; /* what is allowed */
	struct pctl_counter dropped, rejected;
	struct pctl_counter would_drop, would_reject; /* passed, by `audit` */
};
struct totals attachment_view_totals(const struct attachment_view *view,
				     enum pctl_direction direction);

#endif
