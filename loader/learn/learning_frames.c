// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "name_answers.h"
#include "clock.h"
#include "error.h"
#include "implicit.h"
#include "learning.h"
#include "learning_frames.h"
#include "packet_layers.h"
#include "probe.h"
#include "protocols.h"

/* --- connections --- */

static uint8_t family_of(const struct packet_layers *layers)
{
	return layers->network == NETWORK_IPV4 ? PCTL_IPV4 : PCTL_IPV6;
}

static void set_addresses(const struct packet_layers *layers, enum pctl_direction direction,
			  struct pctl_connection_key *key)
{
	size_t size = layers->network == NETWORK_IPV4 ? 4 : 16;
	bool from = direction == PCTL_FROM;

	memset(key, 0, sizeof(*key));
	key->family = family_of(layers);
	key->protocol = layers->protocol;
	memcpy(key->local, from ? layers->source : layers->destination, size);
	memcpy(key->remote, from ? layers->destination : layers->source, size);
}

static bool is_echo(const struct packet_layers *layers, bool *request)
{
	uint8_t type;

	if (!protocol_is_icmp(layers->protocol) || !layers_hold(layers, layers->transport, 8))
		return false;
	type = layers->frame[layers->transport];
	*request = type == (layers->protocol == IPPROTO_ICMP ? ICMP_ECHO : ICMP6_ECHO_REQUEST);
	return *request ||
	       type == (layers->protocol == IPPROTO_ICMP ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY);
}

/* The connection that this packet is of, going in this direction. */
static bool connection_of(const struct packet_layers *layers, enum pctl_direction direction,
			  struct pctl_connection_key *key)
{
	bool from = direction == PCTL_FROM, request;

	if (layers->fault || !layers->has_protocol || layers->offset)
		return false;
	set_addresses(layers, direction, key);
	if (layers->has_ports) {
		key->local_port = htons(from ? layers->sport : layers->dport);
		key->remote_port = htons(from ? layers->dport : layers->sport);
		return true;
	}
	if (!is_echo(layers, &request))
		return false;
	pctl_connection_echo(key, htons(layers_16(layers, layers->transport + 4)), from == request);
	return true;
}

static bool knows(const struct learning *learning, const struct pctl_connection_key *key)
{
	struct connection connection = { .key = *key };
	bool found = seen_has(&learning->seen, key);

	for (enum connection_table table = 0; table < CONNECTION_TABLES && !found; table++) {
		connection.table = table;
		found = !connection_refresh(&learning->maps, &connection);
	}
	error_clear();
	return found;
}

static bool is_error(const struct packet_layers *layers)
{
	uint8_t type = layers->frame[layers->transport];

	if (layers->protocol == IPPROTO_ICMPV6)
		return type >= ICMP6_DST_UNREACH && type <= ICMP6_PARAM_PROB;
	return type == ICMP_DEST_UNREACH || type == ICMP_TIME_EXCEEDED ||
	       type == ICMP_PARAMETERPROB;
}

/* An ICMP error quotes a packet that went the other way. */
static bool is_about_connection(const struct learning *learning, const struct packet_layers *layers,
				enum pctl_direction direction)
{
	enum pctl_direction other = direction == PCTL_FROM ? PCTL_TO : PCTL_FROM;
	struct pctl_connection_key key;
	struct packet_layers inner;

	if (!is_error(layers))
		return false;
	packet_layers_read_inner(layers, layers->transport + 8, layers->network, &inner);
	return connection_of(&inner, other, &key) && knows(learning, &key);
}

/* --- what has no connections --- */

/* Is it what an implicit rule of `default deny` passes? */
static bool is_implicit(const struct flow_key *key, uint8_t code)
{
	unsigned int selector = (unsigned int)key->number << 8 | code;

	if (key->kind == FLOW_ETHERTYPE)
		return false;
	for (size_t i = 0; i < policy_implicit_rule_count; i++) {
		const struct implicit_rule *rule = &policy_implicit_rules[i];

		if (rule->protocol != key->protocol || !(rule->directions & 1u << key->direction))
			continue;
		if (!rule->selector_count)
			return true;
		for (size_t j = 0; j < rule->selector_count; j++)
			if (selector >= rule->selectors[j].low &&
			    selector <= rule->selectors[j].high)
				return true;
	}
	return false;
}

/* The socket sees what the program at clsact ingress drops behind it. */
static bool passes(const struct learning *learning, enum pctl_direction direction,
		   const uint8_t *frame, size_t length)
{
	const struct generation *generation = &learning->attachment->current;
	enum hook hook = direction == PCTL_TO ? HOOK_EGRESS : HOOK_GUARD;
	struct probe_answer answer = {};
	int error;

	if (generation->programs[hook].fd < 0)
		hook = HOOK_XDP;
	error = probe_program(generation, hook, frame, length, &answer);
	error_clear();
	return !error && (answer.left || answer.verdict == VERDICT_ALLOW || answer.audit);
}

static struct prefix peer_of(const struct packet_layers *layers, enum pctl_direction direction)
{
	struct pctl_connection_key key;

	set_addresses(layers, direction, &key);
	return seen_peer(&key);
}

/* False: there is nothing to learn. */
static bool flow_of(const struct learning *learning, const struct packet_layers *layers,
		    enum pctl_direction direction, struct flow_key *key)
{
	uint8_t code = 0;

	*key = (struct flow_key){ .direction = direction };
	if (layers->network == NETWORK_OTHER) {
		key->kind = FLOW_ETHERTYPE;
		key->number = layers->ethertype;
		return layers->has_ethertype && layers->ethertype >= ETH_P_802_3_MIN;
	}
	if (layers->network == NETWORK_ARP || layers->fault || !layers->has_protocol ||
	    layers->offset || protocol_has_ports(layers->protocol))
		return false;
	key->peer = peer_of(layers, direction);
	key->protocol = layers->protocol;
	key->kind = FLOW_PROTOCOL;
	if (protocol_is_icmp(layers->protocol)) {
		if (!layers_hold(layers, layers->transport, 4))
			return false;
		key->kind = FLOW_ICMP;
		key->number = layers->frame[layers->transport];
		code = layers->frame[layers->transport + 1];
		if (is_about_connection(learning, layers, direction))
			return false;
	}
	return !is_implicit(key, code);
}

static void take_answer(struct learning *learning, const struct packet_layers *layers,
			enum pctl_direction direction)
{
	struct prefix peer = peer_of(layers, direction);

	if (layers->has_ports)
		answers_take(learning->answers, layers, direction, &peer,
			     clock_realtime_ns() / NS_PER_SECOND, learning->names);
}

void learning_frame(void *data, enum pctl_direction direction, const uint8_t *frame,
		    size_t captured, size_t length)
{
	struct learning *learning = data;
	struct pctl_connection_key connection;
	struct packet_layers layers;
	struct flow_key key;
	struct flow *flow;

	learning->frames++;
	packet_layers_read(frame, captured, length, &layers);
	if (layers.network != NETWORK_OTHER && layers.network != NETWORK_ARP &&
	    connection_of(&layers, direction, &connection)) {
		seen_frame(&learning->seen, &connection, direction, length);
		take_answer(learning, &layers, direction);
		return;
	}
	if (!flow_of(learning, &layers, direction, &key))
		return;
	flow = flows_find(learning->flows, &key);
	if (!flow && passes(learning, direction, frame, captured))
		flow = flows_get(learning->flows, &key);
	if (!flow)
		return;
	flow->counts.packets[direction]++;
	flow->counts.bytes[direction] += length;
	flow->last = clock_realtime_ns() / NS_PER_SECOND;
}
