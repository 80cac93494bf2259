// SPDX-License-Identifier: GPL-2.0-only
#include "packet_words.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "packet_values.h"
#include "protocols.h"
#include "ranges.h"
#include "values.h"

/* --- words --- */

static int take_header(struct word_reader *reader, const struct word *word, uint8_t type,
		       uint8_t left)
{
	struct packet_words *packet = reader->packet;

	if (packet->header_count == PACKET_HEADERS_MAX)
		return source_error(&reader->source, word, "more than %d extension headers",
				    PACKET_HEADERS_MAX);
	packet->headers[packet->header_count++] = (struct packet_header){ type, left };
	return type == IPPROTO_AH || type == IPPROTO_FRAGMENT
		       ? 0 /* in IPv4 too */
		       : packet_set_family(reader, word, PCTL_IPV6);
}

static int word_arp(struct word_reader *reader, const struct word *word)
{
	(void)word;
	reader->packet->arp = true;
	return 0;
}

static int word_established(struct word_reader *reader, const struct word *word)
{
	(void)word;
	reader->packet->established = true;
	return 0;
}

static int word_spoofed(struct word_reader *reader, const struct word *word)
{
	if (reader->packet->direction != PCTL_FROM)
		return source_error(&reader->source, word,
				    "`spoofed` is about what the container sends: from spoofed …");
	reader->packet->spoofed = true;
	return 0;
}

static int word_proto(struct word_reader *reader, const struct word *word)
{
	struct word name = reader->word;

	(void)word;
	packet_advance(reader);
	return packet_take_protocol(reader, &name);
}

static int word_ipv4(struct word_reader *reader, const struct word *word)
{
	return packet_set_family(reader, word, PCTL_IPV4);
}

static int word_ipv6(struct word_reader *reader, const struct word *word)
{
	return packet_set_family(reader, word, PCTL_IPV6);
}

static int word_peer(struct word_reader *reader, const struct word *word)
{
	struct word address = reader->word;

	(void)word;
	packet_advance(reader);
	return packet_take_address(reader, &address);
}

static int word_dport(struct word_reader *reader, const struct word *word)
{
	struct word port = reader->word;

	(void)word;
	packet_advance(reader);
	return packet_take_port(reader, &port, "destination", &reader->packet->dport);
}

static int word_sport(struct word_reader *reader, const struct word *word)
{
	struct word port = reader->word;

	(void)word;
	packet_advance(reader);
	return packet_take_port(reader, &port, "source", &reader->packet->sport);
}

static int word_type(struct word_reader *reader, const struct word *word)
{
	struct word type = reader->word;

	(void)word;
	packet_advance(reader);
	return packet_take_type(reader, &type);
}

static int word_code(struct word_reader *reader, const struct word *word)
{
	struct word code = reader->word;

	if (reader->packet->type == PACKET_NOT_GIVEN)
		return source_error(&reader->source, word,
				    "a code means something only within a type: give `type` before "
				    "it");
	packet_advance(reader);
	return packet_read_value(reader, &value_code, &code, &reader->packet->code);
}

static int word_vlan(struct word_reader *reader, const struct word *word)
{
	struct packet_words *packet = reader->packet;
	int id = 1, error = 0;

	if (packet->vlan_count == PACKET_VLANS_MAX)
		return source_error(&reader->source, word, "more than %d VLAN tags",
				    PACKET_VLANS_MAX);
	if (packet_is_number(&reader->word))
		error = packet_take_number(reader, "the ID of a VLAN", 4095, &id);
	packet->vlans[packet->vlan_count++] = (uint16_t)id;
	return error;
}

static int word_fragment(struct word_reader *reader, const struct word *word)
{
	struct packet_words *packet = reader->packet;

	packet->fragment = true;
	packet->later = word_is(&reader->word, "later");
	if (!packet->later && !word_is(&reader->word, "first"))
		return source_error(&reader->source, packet_at_end(reader) ? word : &reader->word,
				    "behind `fragment` stands `first` or `later`");
	packet_advance(reader);
	return take_header(reader, word, IPPROTO_FRAGMENT, 0);
}

static int word_id(struct word_reader *reader, const struct word *word)
{
	(void)word;
	return packet_take_number(reader, "the id of a datagram", 65535, &reader->packet->id);
}

static int word_hop(struct word_reader *reader, const struct word *word)
{
	return take_header(reader, word, IPPROTO_HOPOPTS, 0);
}

static int word_dest(struct word_reader *reader, const struct word *word)
{
	return take_header(reader, word, IPPROTO_DSTOPTS, 0);
}

static int word_routing(struct word_reader *reader, const struct word *word)
{
	int left = 0, error = 0;

	if (word_is(&reader->word, "left")) {
		packet_advance(reader);
		error = packet_take_number(reader, "the segments left", 255, &left);
	}
	return error ?: take_header(reader, word, IPPROTO_ROUTING, (uint8_t)left);
}

static int word_ah(struct word_reader *reader, const struct word *word)
{
	return take_header(reader, word, IPPROTO_AH, 0);
}

static int word_lsrr(struct word_reader *reader, const struct word *word)
{
	reader->packet->source_route = true;
	return packet_set_family(reader, word, PCTL_IPV4);
}

static int word_short(struct word_reader *reader, const struct word *word)
{
	(void)word;
	reader->packet->cut = true;
	return 0;
}

static int word_ethertype(struct word_reader *reader, const struct word *word)
{
	int error = packet_take_number(reader, "an ethertype", 65535, &reader->packet->ethertype);

	if (error)
		return error;
	switch (reader->packet->ethertype) {
	case 0x0800:
	case 0x0806:
	case 0x86dd:
	case 0x8100:
	case 0x88a8:
		return source_error(&reader->source, word,
				    "this one is written `ipv4`, `arp`, `ipv6` or `vlan`");
	}
	return 0;
}

static const struct packet_word {
	const char *name;
	/* Takes what stands behind the word. 0, -ENOMEM, or -EINVAL with a diagnostic. */
	int (*take)(struct word_reader *reader, const struct word *word);
	bool repeats;
	bool wants; /* a value must stand behind it */
} words[] = {
	{ .name = "arp", .take = word_arp },
	{ .name = "proto", .take = word_proto, .wants = true },
	{ .name = "ipv4", .take = word_ipv4 },
	{ .name = "ipv6", .take = word_ipv6 },
	{ .name = "peer", .take = word_peer, .wants = true },
	{ .name = "dport", .take = word_dport, .wants = true },
	{ .name = "sport", .take = word_sport, .wants = true },
	{ .name = "type", .take = word_type, .wants = true },
	{ .name = "code", .take = word_code, .wants = true },
	{ .name = "vlan", .take = word_vlan, .repeats = true },
	{ .name = "fragment", .take = word_fragment, .wants = true },
	{ .name = "id", .take = word_id, .wants = true },
	{ .name = "hop", .take = word_hop, .repeats = true },
	{ .name = "dest", .take = word_dest, .repeats = true },
	{ .name = "routing", .take = word_routing, .repeats = true },
	{ .name = "ah", .take = word_ah, .repeats = true },
	{ .name = "lsrr", .take = word_lsrr },
	{ .name = "short", .take = word_short },
	{ .name = "ethertype", .take = word_ethertype, .wants = true },
	{ .name = "established", .take = word_established },
	{ .name = "spoofed", .take = word_spoofed },
};

#define WORD_COUNT (sizeof(words) / sizeof(words[0]))

static int take_known(struct word_reader *reader, size_t index, const struct word *word)
{
	const struct packet_word *known = &words[index];

	if (reader->given & 1u << index && !known->repeats)
		return source_error(&reader->source, word, "`%s` is given twice", known->name);
	reader->given |= 1u << index;
	if (known->wants && packet_at_end(reader))
		return source_error(&reader->source, word, "there is nothing behind `%s`",
				    known->name);
	return known->take(reader, word);
}
static int take_unknown(struct word_reader *reader, const struct word *word)
{
	struct suggestion suggestion;

	suggestion_start(&suggestion, word);
	for (size_t i = 0; i < WORD_COUNT; i++)
		suggestion_consider(&suggestion, words[i].name);
	return source_error(&reader->source, word, "unknown word '%.*s'%s%s%s", WORD_ARGS(word),
			    SUGGESTION_ARGS(&suggestion));
}

/* Takes a word that is not in the table: an address, a protocol, or behind a protocol its port or
 * type. */
static int take_bare(struct word_reader *reader, const struct word *word)
{
	struct word address, port;
	int protocol = reader->packet->protocol;

	if (packet_split_address(word, &address, &port))
		return packet_take_endpoint(reader, &address, &port);
	if (protocol == PACKET_NOT_GIVEN)
		return packet_take_protocol_and_port(reader, word);
	if (protocol_has_ports((unsigned int)protocol) && reader->packet->dport == PACKET_NOT_GIVEN)
		return packet_take_port(reader, word, "destination", &reader->packet->dport);
	if (protocol_is_icmp((unsigned int)protocol) && reader->packet->type == PACKET_NOT_GIVEN)
		return packet_take_type(reader, word);
	return take_unknown(reader, word);
}

static int take_word(struct word_reader *reader)
{
	const struct word word = reader->word;

	packet_advance(reader);
	for (size_t i = 0; i < WORD_COUNT; i++)
		if (word_is(&word, words[i].name))
			return take_known(reader, i, &word);
	return take_bare(reader, &word);
}

/* Takes `from` or `to`, or the `from:` of a SPEC. */
static int take_direction(struct word_reader *reader)
{
	for (enum pctl_direction i = PCTL_FROM; i < PCTL_DIRECTIONS; i++) {
		const char *name = policy_direction_name(i);
		size_t length = strlen(name);

		if (reader->word.length < length || memcmp(reader->word.text, name, length))
			continue;
		if (reader->word.length > length && reader->word.text[length] != ':')
			continue;
		reader->packet->direction = i;
		if (reader->word.length > length)
			reader->next = reader->word.text + length + 1;
		packet_advance(reader);
		return 0;
	}
	return source_error(&reader->source, &reader->word,
			    "`from` or `to` is missing: does the container send this packet "
			    "(`from`) or receive it (`to`)?");
}

/* --- all together --- */

static bool is_ip(const struct packet_words *packet)
{
	return packet->protocol != PACKET_NOT_GIVEN || packet->family != PACKET_NOT_GIVEN ||
	       packet->header_count;
}

/* Says which word is missing. NULL: none. */
static const char *missing(const struct packet_words *packet)
{
	unsigned int protocol = (unsigned int)packet->protocol;

	if (packet->protocol == PACKET_NOT_GIVEN)
		return !packet->fragment && (packet->header_count || packet->cut)
			       ? NULL
			       : "the protocol is missing: `tcp 443`, `icmp type echo-request`, "
				 "`proto 47` (41 is `proto ipv6`)";
	if (packet->later || packet->cut)
		return NULL;
	if (protocol_has_ports(protocol) && packet->dport == PACKET_NOT_GIVEN)
		return "the destination port is missing: `tcp 443` or `dport 443`";
	if (protocol_is_icmp(protocol) && packet->type == PACKET_NOT_GIVEN)
		return "the type is missing: `type echo-request`";
	return NULL;
}

/* Says which words contradict each other. NULL: none do. */
static const char *contradiction(const struct packet_words *packet)
{
	bool other = packet->arp || packet->ethertype != PACKET_NOT_GIVEN;
	unsigned int protocol = (unsigned int)packet->protocol;

	if (packet->arp && packet->ethertype != PACKET_NOT_GIVEN)
		return "ARP has its own ethertype";
	if (other && (is_ip(packet) || packet->cut))
		return "what is not IP has no address, protocol or other field of it";
	if (other)
		return NULL;
	if (packet->id != PACKET_NOT_GIVEN && !packet->fragment)
		return "`id` is of a fragment: `fragment first` or `fragment later`";
	if (packet->cut && packet->later)
		return "a later fragment has no header that `short` could cut";
	if (packet->cut && packet->protocol != PACKET_NOT_GIVEN && !protocol_has_ports(protocol) &&
	    !protocol_is_icmp(protocol))
		return "this protocol has no ports or type that `short` could cut off";
	return NULL;
}

/* In direction `to`, ADDRESS:PORT may have been meant as the container's port: warns of that. */
static int settle_endpoint(struct word_reader *reader)
{
	struct packet_words *packet = reader->packet;

	if (!reader->endpoint || packet->dport != PACKET_NOT_GIVEN || packet->later)
		return 0;
	packet->dport = PACKET_PORT;
	return source_warning(&reader->source, &reader->endpoint_port,
			      "%d is taken as the port of the other end; a port of the container "
			      "is written `dport %d peer ADDRESS`",
			      packet->sport, packet->sport);
}

static int finish(struct word_reader *reader)
{
	struct packet_words *packet = reader->packet;
	struct word all = { reader->source.text, reader->source.length, { 1, 1 } };
	const char *wrong;
	int error = settle_endpoint(reader);

	if (error)
		return error;
	wrong = contradiction(packet);
	if (!wrong && !packet->arp && packet->ethertype == PACKET_NOT_GIVEN)
		wrong = missing(packet);
	if (wrong)
		return source_error(&reader->source, &all, "%s", wrong);
	if (packet->family == PACKET_NOT_GIVEN)
		packet->family = PCTL_IPV4;
	return 0;
}

int packet_words_parse(const char *text, struct packet_words *packet,
		       struct diagnostics *diagnostics)
{
	struct packet_words new = {
		.ethertype = PACKET_NOT_GIVEN,
		.family = PACKET_NOT_GIVEN,
		.protocol = PACKET_NOT_GIVEN,
		.sport = PACKET_NOT_GIVEN,
		.dport = PACKET_NOT_GIVEN,
		.type = PACKET_NOT_GIVEN,
		.code = PACKET_NOT_GIVEN,
		.id = PACKET_NOT_GIVEN,
	};
	struct word_reader reader = {
		.source = { .name = "PACKET",
			    .text = text,
			    .length = strlen(text),
			    .diagnostics = diagnostics },
		.next = text,
		.packet = &new,
	};
	int error;

	packet_advance(&reader);
	error = take_direction(&reader);
	while (!error && !packet_at_end(&reader))
		error = take_word(&reader);
	error = error ?: finish(&reader);
	ranges_clear(&reader.rule.protocols);
	ranges_clear(&reader.rule.types);
	if (!error)
		*packet = new;
	return error;
}
