// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <stdio.h>

#include "clock.h"
#include "connection_json.h"
#include "connection_words.h"
#include "json_text.h"
#include "live_json.h"
#include "protocols.h"

static enum decided_by decide(const struct connections_view *view,
			      const struct connection *connection, const struct rule **rule)
{
	return connection_decider(connection, view->policy,
				  view->attachment->current.meta.generation, rule);
}

static const char *rule_text(const struct connections_view *view, const struct rule *rule)
{
	return view->texts->items[rule - view->policy->rules];
}

void connection_decider_text(const struct connections_view *view,
			     const struct connection *connection,
			     char text[CONNECTION_DECIDER_TEXT])
{
	const struct rule *rule;

	switch (decide(view, connection, &rule)) {
	case DECIDED_BY_RULE:
		snprintf(text, CONNECTION_DECIDER_TEXT, "rule %u: %s", rule->id,
			 rule_text(view, rule));
		break;
	case DECIDED_BY_DEFAULT:
		snprintf(text, CONNECTION_DECIDER_TEXT, "default %s",
			 policy_direction_name(connection_direction(connection)));
		break;
	case DECIDED_BY_IMPLICIT:
		snprintf(text, CONNECTION_DECIDER_TEXT, "an implicit rule");
		break;
	case DECIDED_BY_UNKNOWN:
		snprintf(text, CONNECTION_DECIDER_TEXT, "a policy before this one");
		break;
	}
}

static json_t *decider_json(const struct connections_view *view,
			    const struct connection *connection)
{
	static const char *const kinds[] = {
		[DECIDED_BY_UNKNOWN] = "gone",
		[DECIDED_BY_RULE] = "rule",
		[DECIDED_BY_IMPLICIT] = "implicit",
		[DECIDED_BY_DEFAULT] = "default",
	};
	const struct rule *rule;
	json_t *object = json_pack("{s:s}", "kind", kinds[decide(view, connection, &rule)]);

	if (object && rule) {
		json_object_set_new(object, "id", json_integer(rule->id));
		json_object_set_new(object, "text", json_text(rule_text(view, rule)));
	}
	return object;
}

static json_t *end_json(const struct connection *connection, bool local)
{
	const struct pctl_connection_key *key = &connection->key;
	char address[CONNECTION_END_TEXT];
	json_t *object;

	connection_address_text(connection, local, address);
	object = json_pack("{s:s}", "address", address);
	if (object && !protocol_is_icmp(key->protocol))
		json_object_set_new(
			object, "port",
			json_integer(ntohs(local ? key->local_port : key->remote_port)));
	return object;
}

uint32_t connection_live(const struct connections_view *view, const struct connection *connection,
			 struct live_finding *findings)
{
	const struct pctl_connection_key *key = &connection->key;

	return view->maps ? live_find(view->maps, view->live, key->family, key->remote, findings)
			  : 0;
}

static json_t *connection_live_json(const struct connections_view *view,
				    const struct connection *connection)
{
	struct live_finding findings[PCTL_SETS_MAX];
	uint32_t count = connection_live(view, connection, findings);

	return live_findings_json(findings, count, connection->key.family,
				  (const uint8_t *)connection->key.remote);
}

/* Seconds until it is forgotten. */
static uint64_t rest(const struct connection *connection, uint32_t now)
{
	uint64_t timeout =
		((uint64_t)pctl_connection_timeout(connection->key.protocol, &connection->value)
		 << PCTL_TICK_SHIFT) /
		NS_PER_SECOND;
	uint64_t idle = connection_idle(connection, now);

	return idle < timeout ? timeout - idle : 0;
}

json_t *connection_json(const struct connections_view *view, const struct connection *connection)
{
	const struct pctl_connection_key *key = &connection->key;
	const struct pctl_connection *value = &connection->value;
	const struct link *link = &view->attachment->hooks.link;
	const char *protocol = protocol_name(key->protocol);
	uint32_t now = view->connections->now;
	json_t *object = json_pack(
		"{s:o, s:I, s:s?, s:i, s:s, s:s, s:o, s:o, s:s, s:b, s:I, s:I, s:I, s:{s:I, s:I}, "
		"s:o}",
		"interface", json_text(link->name), "ifindex", (json_int_t)link->ifindex,
		"protocol", protocol, "protocol_number", key->protocol, "family",
		key->family == PCTL_IPV4 ? "ipv4" : "ipv6", "direction",
		policy_direction_name(connection_direction(connection)), "local",
		end_json(connection, true), "remote", end_json(connection, false), "state",
		connection_state_name(connection), "adopted",
		(value->flags & PCTL_CONNECTION_ADOPTED) != 0, "age_seconds",
		(json_int_t)connection_age(connection, now), "idle_seconds",
		(json_int_t)connection_idle(connection, now), "expires_in_seconds",
		(json_int_t)rest(connection, now), "packets", "from",
		(json_int_t)value->packets[PCTL_FROM], "to", (json_int_t)value->packets[PCTL_TO],
		"decided_by", decider_json(view, connection));

	if (object && protocol_is_icmp(key->protocol))
		json_object_set_new(object, "id", json_integer(connection_echo_id(connection)));
	if (object && view->maps)
		json_object_set_new(object, "live_sets", connection_live_json(view, connection));
	if (object && key->vlan)
		json_object_set_new(object, "vlan", json_integer(key->vlan));
	return object;
}
