// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <string.h>

#include "kernel_connection.h"
#include "known_connections.h"
#include "policy.h"
#include "util.h"

bool policy_tracks(const struct policy *policy)
{
	for (size_t i = 0; i < policy->count; i++)
		if (policy->rules[i].established)
			return true;
	return false;
}

bool policy_asks_for_vlans(const struct policy *policy)
{
	for (size_t i = 0; i < policy->count; i++)
		if (policy->rules[i].vlans.count)
			return true;
	return false;
}

static struct known_connection known_of(const struct connection *connection)
{
	const struct pctl_connection_key *key = &connection->key;
	struct known_connection known = {
		.protocol = key->protocol,
		.family = key->family,
		.vlan = key->vlan,
		.opener = connection_direction(connection),
		.state = connection->value.state,
	};

	memcpy(known.ends[PCTL_FROM].address, key->local, sizeof(key->local));
	memcpy(known.ends[PCTL_TO].address, key->remote, sizeof(key->remote));
	known.ends[PCTL_FROM].port = ntohs(key->local_port);
	known.ends[PCTL_TO].port = ntohs(key->remote_port);
	return known;
}

/* Each is asked about by itself: the evaluator does not tell which one of several it is. */
static bool is_of(const struct packet_fields *fields, enum pctl_direction direction,
		  const struct connection *connection, bool with_vlan)
{
	struct known_connection known = known_of(connection);
	const struct connection_memory one = {
		.items = &known,
		.capacity = 1,
		.count = 1,
		.fixed = true,
	};

	return connections_ask(&one, direction, fields, with_vlan) == PCTL_ESTABLISHED_YES;
}

int kernel_connection_find(const struct explainer *explainer, struct explanation *explanation)
{
	const struct connection_maps maps = connection_maps_of(&explainer->attachment->current);
	_cleanup_(connections_clear) struct connections connections = {};
	bool with_vlan = policy_asks_for_vlans(explainer->policy);
	int error;

	if (!policy_tracks(explainer->policy))
		return 0;
	error = connections_read(&maps, &connections);
	for (size_t i = 0; i < connections.count && !error && !explanation->is_known; i++) {
		if (!is_of(&explanation->fields, explanation->direction, &connections.items[i],
			   with_vlan))
			continue;
		explanation->is_known = true;
		explanation->connection = connections.items[i];
	}
	explanation->looked_at = connections.now;
	return error;
}
