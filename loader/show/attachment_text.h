/* SPDX-License-Identifier: GPL-2.0-only */
/* An attachment, for people. */
#ifndef PCTL_ATTACHMENT_TEXT_H
#define PCTL_ATTACHMENT_TEXT_H

#include "attachment_view.h"

/* Why no policy on its veth confines a container, in any mode. */
#define ATTACHMENT_ADMIN_OF_HOST "the container may have CAP_NET_ADMIN in the host's user namespace"
#define ATTACHMENT_ADMIN_WHY                                                                  \
	"with that it can make devices of its own above the host's bridges and uplinks, and " \
	"delete or make devices of the host; no mode and no policy on its veth can stop it"

/* Prints on standard output: the hooks, what they cost, other programs on the device.
 * @prefix: of each line */
void attachment_print_hooks(const struct attachment_view *view, const char *prefix);

/* Likewise, the queues in which packets wait. Nothing where no rule says `shape`. */
void attachment_print_queues(const struct attachment_view *view, const char *prefix);

/* Likewise, the tables of connections: how full they are, and what they take. Nothing where no rule
 * says `established`. */
void attachment_print_connections(const struct attachment_view *view, const char *prefix);

/* Likewise, where copies go, and what became of them. Nothing where none are made. */
void attachment_print_mirrors(const struct attachment_view *view, const char *prefix);
/* How many peers have a rate of their own, where a policy gives them one. Likewise. */
void attachment_print_rates(const struct attachment_view *view, const char *prefix);

#endif
