// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "adoption.h"
#include "error.h"
#include "judge.h"
#include "netlink_peer.h"
#include "netlink_route.h"
#include "netns.h"
#include "util.h"

/* --- what was seen, as entries --- */

static bool is_one_of(const struct prefixes *own, uint8_t family,
		      const struct endpoint_address *end)
{
	struct prefix address = { .family = family, .length = family_bits(family) };
	uint64_t halves[2];

	memcpy(halves, end->bytes, sizeof(halves));
	address.high = be64toh(halves[0]);
	address.low = be64toh(halves[1]);
	return prefixes_hold(own, &address);
}

static bool is_loopback(uint8_t family, const struct endpoint_address *end)
{
	static const uint8_t one[16] = { [15] = 1 };

	return family == PCTL_IPV4 ? end->bytes[0] == 127 : !memcmp(end->bytes, one, sizeof(one));
}

static void fill(uint8_t protocol, uint8_t family, const struct endpoint_address *local,
		 const struct endpoint_address *remote, struct connection *connection)
{
	struct pctl_connection_key *key = &connection->key;
	uint32_t now = connections_now();

	*connection = (struct connection){
		.key.protocol = protocol,
		.key.family = family,
		.key.local_port = htons(local->port),
		.key.remote_port = htons(remote->port),
		.value.began = now,
		.value.seen = now,
		.value.state = PCTL_CONNECTION_CONFIRMED,
		.value.flags = PCTL_CONNECTION_ADOPTED,
		.table = CONNECTIONS_CONFIRMED,
	};
	memcpy(key->local, local->bytes, sizeof(key->local));
	memcpy(key->remote, remote->bytes, sizeof(key->remote));
}

bool adoption_of_socket(const struct sockets_seen *seen, const struct socket_seen *socket,
			const struct prefixes *own, struct connection *connection)
{
	if (socket->listens || !is_one_of(own, socket->family, &socket->local) ||
	    is_one_of(own, socket->family, &socket->remote) ||
	    is_loopback(socket->family, &socket->remote))
		return false;
	fill(socket->protocol, socket->family, &socket->local, &socket->remote, connection);
	if (socket_was_accepted(seen, socket))
		connection->value.flags |= PCTL_CONNECTION_BY_REMOTE;
	return true;
}

/* What goes out has the addresses that the reply is for: behind its NAT. What comes in is not
 * translated yet. What is routed without NAT has no address of the container: there the routes tell
 * the direction. */
bool adoption_of_tracked(const struct tracked_seen *tracked, const struct prefixes *own,
			 uint32_t peer, struct connection *connection)
{
	const struct tracked_tuple *original = &tracked->original, *reply = &tracked->reply;
	uint8_t family = tracked->family;

	bool out = is_one_of(own, family, &reply->destination) &&
		   !is_one_of(own, family, &reply->source);
	bool in = is_one_of(own, family, &original->destination) &&
		  !is_one_of(own, family, &original->source);

	if (!out && !in) {
		out = tracked->there == peer && tracked->back && tracked->back != peer;
		in = tracked->back == peer && tracked->there && tracked->there != peer;
	}
	if (out) {
		fill(tracked->protocol, family, &reply->destination, &reply->source, connection);
		return true;
	}
	if (!in)
		return false;
	fill(tracked->protocol, family, &original->destination, &original->source, connection);
	connection->value.flags |= PCTL_CONNECTION_BY_REMOTE;
	return true;
}

/* --- into the table --- */

static int adopt(const struct connection_maps *maps, const struct judge *judge,
		 struct connection *connection, struct adoption *adoption)
{
	bool by_peer = connection_direction(connection) == PCTL_TO, passes;
	uint32_t outcome;
	int error;

	/* If the container may begin it too, it does not matter which end did. */
	if (by_peer && connection->key.protocol != IPPROTO_TCP)
		connection->value.flags &= ~PCTL_CONNECTION_BY_REMOTE;
	error = judge_connection(judge, connection, &passes, &outcome);
	if (error)
		return error;
	if (!passes) {
		if (by_peer && connection->key.protocol != IPPROTO_TCP)
			adoption->opened_by_peer++;
		else
			adoption->denied++;
		return 0;
	}
	connection->value.outcome = outcome;
	connection->value.generation = PCTL_GENERATION_OF(judge->generation->meta.generation);
	error = connection_add(maps, connection);
	if (error == -E2BIG)
		adoption->no_room++;
	adoption->adopted += !error;
	return error == -E2BIG || error == -EEXIST ? 0 : error;
}

int connections_adopt_seen(const struct sockets_seen *seen, const struct adoption_end *end,
			   const struct connection_maps *maps, const struct generation *generation,
			   struct adoption *adoption)
{
	_cleanup_(judge_close) struct judge judge = {};
	struct connection connection;
	int error = judge_open(generation, &judge);

	/* The second look tells of what stays out. */
	adoption->denied = adoption->opened_by_peer = 0;
	adoption->no_room = seen->left_out;
	for (size_t i = 0; i < seen->socket_count && !error; i++)
		if (adoption_of_socket(seen, &seen->sockets[i], &end->addresses, &connection))
			error = adopt(maps, &judge, &connection, adoption);
	for (size_t i = 0; i < seen->tracked_count && !error; i++)
		if (adoption_of_tracked(&seen->tracked[i], &end->addresses, end->ifindex,
					&connection))
			error = adopt(maps, &judge, &connection, adoption);
	return error;
}

/* --- in the container's namespace --- */

static void end_clear(struct adoption_end *end)
{
	prefixes_clear(&end->addresses);
}

struct look {
	struct sockets_seen *seen;
	const struct adoption_end *end;
	size_t limit;
};

/* Asks for the routes of what is forwarded without NAT. */
static int find_routes(const struct look *look)
{
	_cleanup_(nl_closep) struct nl *nl = NULL;
	int error = look->seen->tracked_count ? nl_open(&nl) : 0;

	for (size_t i = 0; i < look->seen->tracked_count && !error; i++) {
		struct tracked_seen *tracked = &look->seen->tracked[i];
		const struct endpoint_address *there = &tracked->reply.source,
					      *back = &tracked->original.source;

		if (is_one_of(&look->end->addresses, tracked->family,
			      &tracked->reply.destination) ||
		    is_one_of(&look->end->addresses, tracked->family,
			      &tracked->original.destination))
			continue;
		tracked->there = nl_route_interface(nl, tracked->family, there->bytes);
		tracked->back = nl_route_interface(nl, tracked->family, back->bytes);
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

static int look(struct nl *nl, const struct link *link, struct look *look)
{
	/* Without an id the other end is in this namespace. */
	return link->peer_nsid < 0 ? look_there(look)
				   : netns_run(nl, link->peer_nsid, look_there, look);
}

static const char *words_for(int error)
{
	if (error == -ENOENT)
		return "its network namespace was not found: it has no name, and no process that "
		       "can be seen from here";
	if (error == -EPERM || error == -EACCES)
		return "to enter its network namespace takes CAP_SYS_ADMIN, and CAP_SYS_PTRACE to "
		       "find it";
	return error_message(error);
}

int connections_adopt(struct nl *nl, const struct link *link, const struct connection_maps *maps,
		      const struct generation *generation, struct adoption *adoption)
{
	_cleanup_(sockets_clear) struct sockets_seen seen = {};
	_cleanup_(end_clear) struct adoption_end end = { .ifindex = link->peer };
	struct look at = { &seen, &end, connections_capacity(maps, CONNECTIONS_CONFIRMED) };
	uint8_t mac[6];

	adoption->error = 0;
	if (strcmp(link->kind, "veth") != 0)
		return 0;
	adoption->error = nl_peer_addresses(nl, link, mac, &end.addresses);
	adoption->error = adoption->error ?: look(nl, link, &at);
	if (adoption->error) {
		snprintf(adoption->why, sizeof(adoption->why), "%s", words_for(adoption->error));
		error_clear();
		return 0;
	}
	return connections_adopt_seen(&seen, &end, maps, generation, adoption);
}
