// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>

#include "implicit.h"
#include "json_line.h"
#include "json_text.h"
#include "live_json.h"
#include "observation_json.h"
#include "observation_line.h"
#include "owner_words.h"
#include "packet_layers.h"
#include "policy.h"
#include "protocols.h"
#include "util.h"

#define TIME_DIGITS 16 /* of a time of day with microseconds */

/* --- what the packet says --- */

static json_t *vlans(const struct packet_layers *layers)
{
	json_t *array = json_array();

	for (size_t i = 0; i < layers->vlan_count; i++)
		json_array_append_new(array, json_pack("{s:i, s:i}", "id", layers->vlans[i] & 0xfff,
						       "priority", layers->vlans[i] >> 13));
	return array;
}

static json_t *address(const struct packet_layers *layers, const uint8_t *bytes)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(layers->network == NETWORK_IPV4 ? AF_INET : AF_INET6, bytes, text, sizeof(text));
	return json_string(text);
}

static json_t *tcp_flags(uint8_t given)
{
	static const char *const names[] = {
		"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"
	};
	json_t *array = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (given & 1u << i)
			json_array_append_new(array, json_string(names[i]));
	return array;
}

static void add_transport(json_t *object, const struct packet_layers *layers)
{
	const char *name = protocol_name(layers->protocol);
	size_t at = layers->transport;

	json_object_set_new(object, "protocol_number", json_integer(layers->protocol));
	if (name)
		json_object_set_new(object, "protocol", json_string(name));
	if (layers->offset)
		return;
	if (layers->has_ports) {
		json_object_set_new(object, "sport", json_integer(layers->sport));
		json_object_set_new(object, "dport", json_integer(layers->dport));
	}
	if (protocol_is_icmp(layers->protocol) && layers_hold(layers, at, 2)) {
		json_object_set_new(object, "type", json_integer(layers->frame[at]));
		json_object_set_new(object, "code", json_integer(layers->frame[at + 1]));
	}
	if (layers->protocol == IPPROTO_TCP && layers_hold(layers, at, 14))
		json_object_set_new(object, "flags", tcp_flags(layers->frame[at + 13]));
}

static void add_live(json_t *object, const struct packet_layers *layers,
		     const struct observation *o)
{
	json_object_set_new(
		object, "live_sets",
		live_findings_json(o->live, o->live_count,
				   layers->network == NETWORK_IPV4 ? PCTL_IPV4 : PCTL_IPV6,
				   o->direction == PCTL_FROM ? layers->destination
							     : layers->source));
}

static void add_ip(json_t *object, const struct packet_layers *layers, const struct observation *o)
{
	if (layers->has_addresses && !layers->fault) {
		json_object_set_new(object, "source", address(layers, layers->source));
		json_object_set_new(object, "destination", address(layers, layers->destination));
		if (o->live_count)
			add_live(object, layers, o);
	}
	if (layers->fragment)
		json_object_set_new(object, "fragment",
				    json_pack("{s:I, s:I, s:b}", "id", (json_int_t)layers->id,
					      "offset", (json_int_t)layers->offset, "more",
					      layers->more));
	if (layers->has_protocol)
		add_transport(object, layers);
}

static void add_packet(json_t *object, const struct observation *o)
{
	static const char *const families[] = {
		[NETWORK_OTHER] = "other",
		[NETWORK_ARP] = "arp",
		[NETWORK_IPV4] = "ipv4",
		[NETWORK_IPV6] = "ipv6",
	};
	char text[PACKET_TEXT];
	struct packet_layers layers;

	packet_layers_read(o->frame, o->captured, o->length, &layers);
	json_object_set_new(object, "family", json_string(families[layers.network]));
	if (layers.has_ethertype)
		json_object_set_new(object, "ethertype", json_integer(layers.ethertype));
	if (layers.vlan_count)
		json_object_set_new(object, "vlans", vlans(&layers));
	if (layers.network == NETWORK_IPV4 || layers.network == NETWORK_IPV6)
		add_ip(object, &layers, o);
	observation_packet_text(o, text);
	json_object_set_new(object, "text", json_string(text));
}

/* --- what became of it --- */

static json_t *decided_by(const struct observation *o)
{
	/* The words of `stats --json`. */
	static const char *const kinds[] = {
		[DECIDED_BY_UNKNOWN] = "gone",
		[DECIDED_BY_RULE] = "rule",
		[DECIDED_BY_IMPLICIT] = "implicit",
		[DECIDED_BY_DEFAULT] = "default",
	};
	const char *kind = kinds[o->decided_by], *text = o->rule_text;
	json_t *object;

	if (o->implicit)
		text = o->implicit->text;
	else if (o->decided_by == DECIDED_BY_DEFAULT)
		text = kind;
	object = json_pack("{s:s, s:o}", "kind", kind, "text", json_text(text));
	if (o->rule)
		json_object_set_new(object, "id", json_integer(o->rule->id));
	return object;
}

json_t *observation_json(const struct observation *o)
{
	/* A double has room for microseconds, not for more. */
	double time = (double)o->time.tv_sec + (double)(o->time.tv_nsec / 1000) / 1e6;
	json_t *object =
		json_pack("{s:f, s:o, s:I, s:s, s:s, s:b, s:o, s:b, s:I, s:I, s:I}", "time", time,
			  "interface", json_text(o->interface), "ifindex", (json_int_t)o->ifindex,
			  "direction", policy_direction_name(o->direction), "verdict",
			  policy_verdict_name(o->verdict), "audit", o->audit, "decided_by",
			  decided_by(o), "log", o->log, "packets", (json_int_t)o->packets, "length",
			  (json_int_t)o->length, "captured", (json_int_t)o->captured);

	if (!object)
		return NULL;
	if (o->reason_name) {
		json_object_set_new(object, "reason", json_string(o->reason_name));
		json_object_set_new(object, "reason_meaning", json_string(o->reason_meaning));
	}
	if (o->owner)
		json_object_set_new(object, "container", owner_container_json(o->owner));
	add_packet(object, o);
	return object;
}

int observation_print_json(const struct observation *o)
{
	return json_print_line(observation_json(o), TIME_DIGITS);
}
