// SPDX-License-Identifier: GPL-2.0-only
#include "packet_values.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "addresses.h"
#include "prefix.h"
#include "protocols.h"
#include "ranges.h"
#include "values.h"

static const char *const families[PCTL_FAMILIES] = { [PCTL_IPV4] = "IPv4", [PCTL_IPV6] = "IPv6" };

void packet_advance(struct word_reader *reader)
{
	const char *end = reader->source.text + reader->source.length, *begin = reader->next;

	while (begin < end && strchr(" \t\r\n", *begin))
		begin++;
	reader->next = begin;
	while (reader->next < end && !strchr(" \t\r\n", *reader->next))
		reader->next++;
	reader->word = (struct word){
		.text = begin,
		.length = reader->next - begin,
		.place = { 1, begin - reader->source.text + 1 },
	};
}

/* The last @length bytes of a word. */
static struct word tail_of(const struct word *word, size_t length)
{
	return (struct word){
		.text = word->text + word->length - length,
		.length = length,
		.place = { word->place.line, word->place.column + word->length - length },
	};
}

bool packet_is_number(const struct word *word)
{
	for (size_t i = 0; i < word->length; i++)
		if (word->text[i] < '0' || word->text[i] > '9')
			return false;
	return word->length;
}

int packet_set_family(struct word_reader *reader, const struct word *word, int family)
{
	struct packet_words *packet = reader->packet;

	if (packet->family != PACKET_NOT_GIVEN && packet->family != family)
		return source_error(&reader->source, word,
				    "'%.*s' makes it an %s packet, the words before it an %s one",
				    WORD_ARGS(word), families[family], families[packet->family]);
	packet->family = family;
	return 0;
}

/* --- values --- */

int packet_read_value(struct word_reader *reader, const struct value_kind *kind,
		      const struct word *word, int *value)
{
	struct range range;
	int error = value_read(kind, &reader->rule, &reader->source, word, &range);

	if (error)
		return error;
	if (range.low != range.high)
		return source_error(&reader->source, word, "a packet has one %s", kind->noun);
	*value = range.low;
	return 0;
}

int packet_take_number(struct word_reader *reader, const char *what, unsigned long max, int *value)
{
	const struct word word = reader->word;
	unsigned long number;
	char text[16], *end;

	if (!word_copy(&word, text, sizeof(text)) || *text < '0' || *text > '9')
		return source_error(&reader->source, &word,
				    "%s: a number from 0 to %lu is expected", what, max);
	number = strtoul(text, &end, text[0] == '0' && text[1] == 'x' ? 16 : 10);
	if (*end || number > max)
		return source_error(&reader->source, &word,
				    "%s: a number from 0 to %lu is expected", what, max);
	*value = (int)number;
	packet_advance(reader);
	return 0;
}

int packet_take_protocol(struct word_reader *reader, const struct word *word)
{
	struct packet_words *packet = reader->packet;
	size_t capacity = 0;
	int protocol = 0, error;

	if (word_is(word, "any") || word_is(word, "ip"))
		return source_error(&reader->source, word,
				    "a packet has one protocol: `tcp`, `icmp`, `proto 47`");
	if (packet->protocol != PACKET_NOT_GIVEN)
		return source_error(&reader->source, word, "a packet has one protocol");
	error = packet_read_value(reader, &value_protocol, word, &protocol);
	if (!error && protocol_looked_through((unsigned int)protocol))
		return source_error(&reader->source, word,
				    "an IPv6 extension header is written `hop`, `routing`, "
				    "`fragment` or `dest`");
	if (!error && protocol == IPPROTO_AH)
		return source_error(&reader->source, word,
				    "an AH is written `ah`, with what it protects beside it");
	if (!error && protocol == IPPROTO_ICMP)
		error = packet_set_family(reader, word, PCTL_IPV4);
	if (!error && protocol == IPPROTO_ICMPV6)
		error = packet_set_family(reader, word, PCTL_IPV6);
	if (error)
		return error;
	packet->protocol = protocol;
	return ranges_add(&reader->rule.protocols, &capacity,
			  (struct range){ (uint16_t)protocol, (uint16_t)protocol });
}

int packet_take_port(struct word_reader *reader, const struct word *word, const char *what,
		     int *where)
{
	int protocol = reader->packet->protocol;

	if (protocol == PACKET_NOT_GIVEN)
		return source_error(&reader->source, word,
				    "write a protocol before its ports: `tcp`, `udp`");
	if (!protocol_has_ports((unsigned int)protocol))
		return source_error(&reader->source, word,
				    "only tcp, udp, udplite, sctp and dccp have ports");
	if (*where != PACKET_NOT_GIVEN)
		return source_error(&reader->source, word, "the %s port is given twice", what);
	return packet_read_value(reader, &value_port, word, where);
}

int packet_take_type(struct word_reader *reader, const struct word *word)
{
	struct packet_words *packet = reader->packet;
	size_t capacity = 0;
	int error;

	if (packet->protocol == PACKET_NOT_GIVEN ||
	    !protocol_is_icmp((unsigned int)packet->protocol))
		return source_error(&reader->source, word,
				    "write `icmp` or `icmpv6` before a type");
	if (packet->type != PACKET_NOT_GIVEN)
		return source_error(&reader->source, word, "the type is given twice");
	error = packet_read_value(reader, &value_type, word, &packet->type);
	return error
		       ?: ranges_add(
				  &reader->rule.types, &capacity,
				  (struct range){ (uint16_t)packet->type, (uint16_t)packet->type });
}

/* --- addresses --- */

int packet_take_address(struct word_reader *reader, const struct word *word)
{
	struct packet_words *packet = reader->packet;
	struct prefix prefix;
	int error;

	if (packet->peer_given)
		return source_error(&reader->source, word,
				    "a packet has one other end; the container's address is not "
				    "asked for");
	error = address_read(&reader->source, word, &prefix);
	if (error)
		return error;
	if (prefix.length != family_bits(prefix.family))
		return source_error(&reader->source, word, "a packet has one address, not a block");
	error = packet_set_family(reader, word, prefix.family);
	if (error)
		return error;
	packet->peer = prefix;
	packet->peer_given = true;
	return 0;
}

bool packet_split_address(const struct word *word, struct word *address, struct word *port)
{
	const char *bracket = memchr(word->text, ']', word->length);
	const char *colon = memchr(word->text, ':', word->length);
	size_t digits = 0;

	*address = *word;
	*port = tail_of(word, 0);
	if (*word->text == '[' && bracket) {
		size_t rest = word->text + word->length - bracket - 1;

		address->text++;
		address->place.column++;
		address->length = (size_t)(bracket - address->text);
		if (rest)
			*port = tail_of(word, bracket[1] == ':' ? rest - 1 : rest);
		return true;
	}
	while (digits < word->length && strchr("0123456789.", word->text[digits]))
		digits++;
	if (colon && colon == word->text + digits && memchr(word->text, '.', digits)) {
		address->length = digits;
		*port = tail_of(word, word->length - digits - 1);
		return true;
	}
	return address_is_meant(word) ||
	       (*word->text >= '0' && *word->text <= '9' &&
		memchr(word->text, '.', word->length)) ||
	       (colon && colon != word->text &&
		memchr(colon + 1, ':', word->length - (colon + 1 - word->text)));
}

/* Does anything but a bracket stand behind the address? */
static bool has_port(const struct word *address, const struct word *port)
{
	const char *end = address->text + address->length;

	return port->length || (port->text > end && port->text[-1] == ':');
}

/* A port behind an address is the port of that end. */
int packet_take_endpoint(struct word_reader *reader, const struct word *address,
			 const struct word *port)
{
	struct packet_words *packet = reader->packet;
	bool from = packet->direction == PCTL_FROM;
	int error = packet_take_address(reader, address);

	if (error || !has_port(address, port))
		return error;
	if (!port->length || port->text[-1] != ':')
		return source_error(&reader->source, port, "behind the address stands `:PORT`");
	reader->endpoint = !from;
	reader->endpoint_port = *port;
	return packet_take_port(reader, port, from ? "destination" : "source",
				from ? &packet->dport : &packet->sport);
}

/* --- both --- */

int packet_take_protocol_and_port(struct word_reader *reader, const struct word *word)
{
	const char *slash = memchr(word->text, '/', word->length);
	struct word protocol = *word, value;
	int error;

	if (!slash)
		return packet_take_protocol(reader, word);
	protocol.length = (size_t)(slash - word->text);
	value = tail_of(word, word->length - protocol.length - 1);
	if (!protocol.length || !value.length)
		return source_error(&reader->source, word,
				    "a protocol and its port are written `tcp 443`");
	error = packet_take_protocol(reader, &protocol);
	if (error)
		return error;
	return protocol_is_icmp((unsigned int)reader->packet->protocol)
		       ? packet_take_type(reader, &value)
		       : packet_take_port(reader, &value, "destination", &reader->packet->dport);
}
