// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "error.h"
#include "netlink_peer.h"
#include "netlink_route.h"
#include "netns.h"
#include "open_sockets.h"
#include "util.h"

struct look {
	struct sockets_seen *seen;
	const struct prefixes *own; /* addresses of the other end */
	size_t limit;
};

/* Asks for the routes of what is forwarded without NAT. */
static int find_routes(const struct look *look)
{
	_cleanup_(nl_closep) struct nl *nl = NULL;
	int error = look->seen->tracked_count ? nl_open(&nl) : 0;

	for (size_t i = 0; i < look->seen->tracked_count && !error; i++) {
		struct tracked_seen *tracked = &look->seen->tracked[i];

		if (endpoint_is_one_of(&tracked->reply.destination, tracked->family, look->own) ||
		    endpoint_is_one_of(&tracked->original.destination, tracked->family, look->own))
			continue;
		tracked->there =
			nl_route_interface(nl, tracked->family, tracked->reply.source.bytes);
		tracked->back =
			nl_route_interface(nl, tracked->family, tracked->original.source.bytes);
	}
	return error;
}

static int look_there(void *data)
{
	const struct look *look = data;
	int error = sockets_read(look->seen, look->limit);

	error = error ?: tracked_read(look->seen, look->limit);
	return error ?: find_routes(look);
}

static int in_words(int error)
{
	if (error == -ENOENT)
		return error_set(error, "its network namespace was not found: it has no name, and "
					"no process that can be seen from here");
	if (error == -EPERM || error == -EACCES)
		return error_set(error, "to enter its network namespace takes CAP_SYS_ADMIN, and "
					"CAP_SYS_PTRACE to find it");
	return error;
}

int open_sockets_read(struct nl *nl, uint32_t ifindex, size_t limit, struct sockets_seen *seen)
{
	struct prefixes own = {};
	struct look look = { seen, &own, limit };
	struct link link = {};
	uint8_t mac[6];
	int error = nl_link_get(nl, NULL, ifindex, &link);

	if (!error && strcmp(link.kind, "veth") != 0)
		error = error_set(-EINVAL, "it is not a veth");
	error = error ?: nl_peer_addresses(nl, &link, mac, &own);
	if (error)
		return error;
	/* Without an id the other end is in this namespace. */
	error = link.peer_nsid < 0 ? look_there(&look)
				   : netns_run(nl, link.peer_nsid, look_there, &look);
	prefixes_clear(&own);
	return in_words(error);
}
