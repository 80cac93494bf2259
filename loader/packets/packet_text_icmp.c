// SPDX-License-Identifier: GPL-2.0-only
/* ICMP (RFC 792, 1256) and ICMPv6 (RFC 4443, 4861, 2710, 3810) as text, in tcpdump's words. */
#include <netinet/in.h>

#include "packet_text_icmp.h"
#include "util.h"

/* --- the packet that an error quotes --- */

static bool read_quoted(const struct packet_layers *layers, size_t at, struct packet_layers *quoted)
{
	packet_layers_read_inner(
		layers, at, layers->network == NETWORK_IPV4 ? NETWORK_IPV4 : NETWORK_IPV6, quoted);
	return quoted->has_addresses && !quoted->fault;
}

static void add_quoted_address(struct packet_line *line, const struct packet_layers *quoted)
{
	size_t at = (size_t)(quoted->destination - quoted->frame);

	if (quoted->network == NETWORK_IPV4)
		packet_line_ipv4(line, quoted, at);
	else
		packet_line_ipv6(line, quoted, at);
}

static void add_quoted_port(struct packet_line *line, const struct packet_layers *quoted)
{
	if (!quoted->has_ports)
		return;
	if (quoted->protocol == IPPROTO_TCP)
		packet_line_add(line, " tcp port %u", quoted->dport);
	else if (quoted->protocol == IPPROTO_UDP)
		packet_line_add(line, " udp port %u", quoted->dport);
	else
		packet_line_add(line, " protocol %u port %u", quoted->protocol, quoted->dport);
}

/* --- ICMP --- */

/* The words in front of the address and behind it, by code. */
static const char *const unreachable[][2] = {
	{ "net ", " unreachable" },
	{ "host ", " unreachable" },
	{ "", " unreachable" },
	{ "", " unreachable" },
	{ "", " unreachable - need to frag" },
	{ "", " unreachable - source route failed" },
	{ "net ", " unreachable - unknown" },
	{ "host ", " unreachable - unknown" },
	{ "", " unreachable - source host isolated" },
	{ "net ", " unreachable - admin prohibited" },
	{ "host ", " unreachable - admin prohibited" },
	{ "net ", " unreachable - tos prohibited" },
	{ "host ", " unreachable - tos prohibited" },
	{ "host ", " unreachable - admin prohibited filter" },
	{ "host ", " unreachable - host precedence violation" },
	{ "host ", " unreachable - precedence cutoff" },
};

static void add_unreachable(struct packet_line *line, const struct packet_layers *layers)
{
	size_t at = layers->transport;
	uint8_t code = layers->frame[at + 1];
	struct packet_layers quoted;

	if (code >= ARRAY_SIZE(unreachable) || !read_quoted(layers, at + 8, &quoted))
		return packet_line_add(line, "unreachable - #%u", code);
	packet_line_add(line, "%s", unreachable[code][0]);
	add_quoted_address(line, &quoted);
	if (code == 2)
		packet_line_add(line, " protocol %u", quoted.protocol);
	if (code == 3)
		add_quoted_port(line, &quoted);
	packet_line_add(line, "%s", unreachable[code][1]);
	if (code == 4 && layers_16(layers, at + 6))
		packet_line_add(line, " (mtu %u)", layers_16(layers, at + 6));
}

static void add_redirect(struct packet_line *line, const struct packet_layers *layers)
{
	size_t at = layers->transport;
	uint8_t code = layers->frame[at + 1];
	struct packet_layers quoted;

	packet_line_add(line, code & 2 ? "redirect-tos " : "redirect ");
	if (read_quoted(layers, at + 8, &quoted))
		add_quoted_address(line, &quoted);
	packet_line_add(line, code & 1 ? " to host " : " to net ");
	packet_line_ipv4(line, layers, at + 4);
}

static void add_echo(struct packet_line *line, const struct packet_layers *layers, const char *name)
{
	size_t at = layers->transport;

	packet_line_add(line, "%s, id %u, seq %u", name, layers_16(layers, at + 4),
			layers_16(layers, at + 6));
}

static const char *icmp_name(uint8_t type, uint8_t code)
{
	switch (type) {
	case 4:
		return "source quench";
	case 9:
		return "router advertisement";
	case 10:
		return "router solicitation";
	case 11:
		return code ? "ip reassembly time exceeded" : "time exceeded in-transit";
	case 15:
		return "information request";
	case 16:
		return "information reply";
	case 17:
		return "address mask request";
	case 18:
		return "address mask reply";
	default:
		return NULL;
	}
}

static void add_icmp(struct packet_line *line, const struct packet_layers *layers)
{
	size_t at = layers->transport;
	uint8_t type = layers->frame[at], code = layers->frame[at + 1];
	const char *name = icmp_name(type, code);

	switch (type) {
	case 0:
		return add_echo(line, layers, "echo reply");
	case 3:
		return add_unreachable(line, layers);
	case 5:
		return add_redirect(line, layers);
	case 8:
		return add_echo(line, layers, "echo request");
	case 12:
		return packet_line_add(
			line, code ? "parameter problem - code %u" : "parameter problem - octet %u",
			code ?: layers->frame[at + 4]);
	case 13:
	case 14:
		return packet_line_add(line, "time stamp %s id %u seq %u",
				       type == 13 ? "query" : "reply", layers_16(layers, at + 4),
				       layers_16(layers, at + 6));
	}
	if (name)
		return packet_line_add(line, "%s", name);
	packet_line_add(line, "type-#%u, code %u", type, code);
}

void packet_text_icmp(struct packet_line *line, const struct packet_layers *layers)
{
	size_t at = layers->transport;

	packet_line_add(line, "ICMP ");
	if (layers_hold(layers, at, 8))
		add_icmp(line, layers);
	else if (layers_hold(layers, at, 2))
		packet_line_add(line, "type-#%u, code %u [|icmp]", layers->frame[at],
				layers->frame[at + 1]);
	else
		packet_line_add(line, "[|icmp]");
	packet_line_add(line, ", length %zu", layers_rest(layers, at));
}

/* --- ICMPv6 --- */

static const char *icmpv6_name(uint8_t type)
{
	static const struct {
		uint8_t type;
		const char *name;
	} names[] = {
		{ 1, "destination unreachable" },
		{ 2, "packet too big" },
		{ 3, "time exceeded" },
		{ 4, "parameter problem" },
		{ 128, "echo request" },
		{ 129, "echo reply" },
		{ 130, "multicast listener query" },
		{ 131, "multicast listener report" },
		{ 132, "multicast listener done" },
		{ 133, "router solicitation" },
		{ 134, "router advertisement" },
		{ 135, "neighbor solicitation" },
		{ 136, "neighbor advertisement" },
		{ 137, "redirect" },
		{ 143, "multicast listener report v2" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].type == type)
			return names[i].name;
	return NULL;
}

static void add_unreachable6(struct packet_line *line, const struct packet_layers *layers)
{
	static const char *const words[] = {
		"unreachable route",   "unreachable prohibited", "beyond scope",
		"unreachable address", "unreachable port",
	};
	size_t at = layers->transport;
	uint8_t code = layers->frame[at + 1];
	struct packet_layers quoted;

	if (code >= ARRAY_SIZE(words))
		return packet_line_add(line, ", unknown unreach code (%u)", code);
	packet_line_add(line, ", %s", words[code]);
	if (!read_quoted(layers, at + 8, &quoted))
		return;
	packet_line_add(line, code == 4 ? ", " : " ");
	add_quoted_address(line, &quoted);
	if (code == 4)
		add_quoted_port(line, &quoted);
	if (code == 2) {
		packet_line_add(line, ", source address ");
		packet_line_ipv6(line, &quoted, (size_t)(quoted.source - quoted.frame));
	}
}

static void add_time_exceeded6(struct packet_line *line, const struct packet_layers *layers)
{
	size_t at = layers->transport;
	struct packet_layers quoted;

	packet_line_add(line, layers->frame[at + 1] ? " (reassembly)" : " in-transit");
	if (!read_quoted(layers, at + 8, &quoted))
		return;
	packet_line_add(line, " for ");
	add_quoted_address(line, &quoted);
}

static void add_target(struct packet_line *line, const struct packet_layers *layers,
		       const char *words)
{
	packet_line_add(line, ", %s ", words);
	packet_line_ipv6(line, layers, layers->transport + 8);
}

static void add_icmpv6(struct packet_line *line, const struct packet_layers *layers)
{
	size_t at = layers->transport;

	switch (layers->frame[at]) {
	case 1:
		return add_unreachable6(line, layers);
	case 2:
		return packet_line_add(line, ", mtu %u", layers_32(layers, at + 4));
	case 3:
		return add_time_exceeded6(line, layers);
	case 4:
		return packet_line_add(line, ", code %u, octet %u", layers->frame[at + 1],
				       layers_32(layers, at + 4));
	case 128:
	case 129:
		return packet_line_add(line, ", id %u, seq %u", layers_16(layers, at + 4),
				       layers_16(layers, at + 6));
	case 130:
	case 131:
	case 132:
		return add_target(line, layers, "addr");
	case 135:
		return add_target(line, layers, "who has");
	case 136:
		return add_target(line, layers, "tgt is");
	case 137:
		packet_line_add(line, ", ");
		packet_line_ipv6(line, layers, at + 24);
		packet_line_add(line, " to ");
		return packet_line_ipv6(line, layers, at + 8);
	case 143:
		return packet_line_add(line, ", %u group record(s)", layers_16(layers, at + 6));
	}
}

void packet_text_icmpv6(struct packet_line *line, const struct packet_layers *layers)
{
	size_t at = layers->transport;
	const char *name;

	packet_line_add(line, "ICMP6, ");
	if (layers_hold(layers, at, 2)) {
		name = icmpv6_name(layers->frame[at]);
		if (name)
			packet_line_add(line, "%s", name);
		else
			packet_line_add(line, "type-#%u, code %u", layers->frame[at],
					layers->frame[at + 1]);
	}
	if (layers_hold(layers, at, 8))
		add_icmpv6(line, layers);
	else
		packet_line_add(line, "[|icmp6]");
	packet_line_add(line, ", length %zu", layers_rest(layers, at));
}
