/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Adoption: when a policy begins to know connections (`established`), those that the container has
 * open are put into the table, so that none is cut. They come from its sockets, and of what it
 * forwards from its own connection tracking.
 *
 * Root in the container can make both say what was never on a wire. So nothing is adopted that it
 * could not have now without them:
 * - The programs of the policy are asked about the packet that would open each.
 * - The container's end must have an address of the veth's other end, or be routed there.
 * - Of what the peer has opened, only TCP: a SYN is never established, and without one a peer that
 *   is honest answers with a reset. Of other protocols any packet opens, so the container would
 *   reach peers that have never spoken to it. There the peer's next packet begins anew.
 * - It happens when the policy comes into force, and fills the table at most.
 */
#ifndef PCTL_ADOPTION_H
#define PCTL_ADOPTION_H

#include "connection_table.h"
#include "generation.h"
#include "netlink.h"
#include "prefixes.h"
#include "sockets.h"

struct adoption {
	size_t adopted;
	size_t denied; /* the policy would not let them begin */
	size_t opened_by_peer; /* not TCP */
	size_t no_room; /* the table is full, or they are too many to look at */
	int error; /* sockets could not be read; in words in `why` */
	char why[256];
};

/*
 * Reads what is open at the other end of the veth `ifindex`, at most `limit` connected sockets and
 * as many tracked connections. An error has its message.
 */
typedef int adoption_looker(struct nl *nl, uint32_t ifindex, size_t limit,
			    struct sockets_seen *seen);

/* From now on connections_adopt() has this one look. At first it is open_sockets_read(), which
 * enters the container's network namespace; a process without the privileges for that asks one that
 * has them. */
void adoption_look_by(adoption_looker *look);

/*
 * Adopts what is open now at the other end of a veth; of another device nothing. Adds to
 * *adoption, so that it can be repeated. That sockets cannot be read is no failure of it: that is
 * in *adoption. Returns 0, or what asking the programs or changing the table failed with.
 */
int connections_adopt(struct nl *nl, const struct link *link, const struct connection_maps *maps,
		      const struct generation *generation, struct adoption *adoption);

/* The other end of the veth. */
struct adoption_end {
	struct prefixes addresses; /* normalised */
	uint32_t ifindex; /* in its namespace */
};

/* For the above, and tests: adopts what was seen. */
int connections_adopt_seen(const struct sockets_seen *seen, const struct adoption_end *end,
			   const struct connection_maps *maps, const struct generation *generation,
			   struct adoption *adoption);

/* As what a connection that was seen would be adopted. False: not at all. */
bool adoption_of_socket(const struct sockets_seen *seen, const struct socket_seen *socket,
			const struct prefixes *own, struct connection *connection);
/* @peer: the ifindex of the veth's other end */
bool adoption_of_tracked(const struct tracked_seen *tracked, const struct prefixes *own,
			 uint32_t peer, struct connection *connection);

#endif
