// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "adoption.h"
#include "error.h"
#include "judge.h"
#include "netlink_peer.h"
#include "open_sockets.h"
#include "util.h"

/* --- what was seen, as entries --- */

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
	if (socket->listens || !endpoint_is_one_of(&socket->local, socket->family, own) ||
	    endpoint_is_one_of(&socket->remote, socket->family, own) ||
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

	bool out = endpoint_is_one_of(&reply->destination, family, own) &&
		   !endpoint_is_one_of(&reply->source, family, own);
	bool in = endpoint_is_one_of(&original->destination, family, own) &&
		  !endpoint_is_one_of(&original->source, family, own);

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

/* --- what both have --- */

struct keys {
	struct pctl_connection_key *items;
	size_t count;
};

static int compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct pctl_connection_key));
}

static void keys_clear(struct keys *keys)
{
	free(keys->items);
}

/* Those of the sockets: what is tracked too is not told twice. */
static int take_keys(const struct sockets_seen *seen, const struct prefixes *own, struct keys *keys)
{
	struct connection connection;

	if (!seen->tracked_count || !seen->socket_count)
		return 0;
	keys->items = calloc(seen->socket_count, sizeof(*keys->items));
	if (!keys->items)
		return -ENOMEM;
	for (size_t i = 0; i < seen->socket_count; i++)
		if (adoption_of_socket(seen, &seen->sockets[i], own, &connection))
			keys->items[keys->count++] = connection.key;
	qsort(keys->items, keys->count, sizeof(*keys->items), compare_keys);
	return 0;
}

static bool keys_have(const struct keys *keys, const struct pctl_connection_key *key)
{
	return keys->count &&
	       bsearch(key, keys->items, keys->count, sizeof(*keys->items), compare_keys);
}

int connections_adopt_seen(const struct sockets_seen *seen, const struct adoption_end *end,
			   const struct connection_maps *maps, const struct generation *generation,
			   struct adoption *adoption)
{
	_cleanup_(judge_close) struct judge judge = {};
	_cleanup_(keys_clear) struct keys keys = {};
	struct connection connection;
	int error = judge_open(generation, &judge);

	error = error ?: take_keys(seen, &end->addresses, &keys);
	/* The second look tells of what stays out. */
	adoption->denied = adoption->opened_by_peer = 0;
	adoption->no_room = seen->left_out;
	for (size_t i = 0; i < seen->socket_count && !error; i++)
		if (adoption_of_socket(seen, &seen->sockets[i], &end->addresses, &connection))
			error = adopt(maps, &judge, &connection, adoption);
	for (size_t i = 0; i < seen->tracked_count && !error; i++) {
		struct adoption told = *adoption;

		if (!adoption_of_tracked(&seen->tracked[i], &end->addresses, end->ifindex,
					 &connection))
			continue;
		error = adopt(maps, &judge, &connection, adoption);
		if (keys_have(&keys, &connection.key)) {
			adoption->denied = told.denied;
			adoption->opened_by_peer = told.opened_by_peer;
		}
	}
	return error;
}

/* --- what is open there --- */

static adoption_looker *looker = open_sockets_read;

void adoption_look_by(adoption_looker *look)
{
	looker = look;
}

static void end_clear(struct adoption_end *end)
{
	prefixes_clear(&end->addresses);
}

int connections_adopt(struct nl *nl, const struct link *link, const struct connection_maps *maps,
		      const struct generation *generation, struct adoption *adoption)
{
	_cleanup_(sockets_clear) struct sockets_seen seen = {};
	_cleanup_(end_clear) struct adoption_end end = { .ifindex = link->peer };
	uint8_t mac[6];

	adoption->error = 0;
	if (strcmp(link->kind, "veth") != 0)
		return 0;
	adoption->error = nl_peer_addresses(nl, link, mac, &end.addresses);
	adoption->error =
		adoption->error
			?: looker(nl, link->ifindex,
				  connections_capacity(maps, CONNECTIONS_CONFIRMED), &seen);
	if (adoption->error) {
		snprintf(adoption->why, sizeof(adoption->why), "%s",
			 error_message(adoption->error));
		error_clear();
		return 0;
	}
	return connections_adopt_seen(&seen, &end, maps, generation, adoption);
}
