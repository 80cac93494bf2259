// SPDX-License-Identifier: GPL-2.0-only
/* TCP as text: RFC 9293, and its options RFC 7323 (timestamps, window scale), RFC 2018 (SACK). */
#include "packet_text_tcp.h"
#include "util.h"

#define HEADER_MIN 20

static const struct {
	uint8_t bit;
	char letter;
} flags[] = {
	{ 0x01, 'F' }, { 0x02, 'S' }, { 0x04, 'R' }, { 0x08, 'P' },
	{ 0x10, '.' }, { 0x20, 'U' }, { 0x40, 'E' }, { 0x80, 'W' },
};

#define ENDS 0x07 /* FIN, SYN, RST */
#define ACK 0x10
#define URG 0x20

static void add_flags(struct packet_line *line, uint8_t given)
{
	packet_line_add(line, "Flags [");
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (given & flags[i].bit)
			packet_line_add(line, "%c", flags[i].letter);
	packet_line_add(line, given ? "]" : "none]");
}

static void add_sack(struct packet_line *line, const struct packet_layers *layers, size_t at,
		     size_t end)
{
	packet_line_add(line, "sack %zu ", (end - at) / 8);
	for (; at + 8 <= end; at += 8)
		packet_line_add(line, "{%u:%u}", layers_32(layers, at), layers_32(layers, at + 4));
}

/* Adds an option of at least two bytes, which are all captured. */
static void add_option(struct packet_line *line, const struct packet_layers *layers, size_t at,
		       size_t size)
{
	uint8_t kind = layers->frame[at];

	if (kind == 2 && size == 4)
		packet_line_add(line, "mss %u", layers_16(layers, at + 2));
	else if (kind == 3 && size == 3)
		packet_line_add(line, "wscale %u", layers->frame[at + 2]);
	else if (kind == 4 && size == 2)
		packet_line_add(line, "sackOK");
	else if (kind == 5 && size % 8 == 2)
		add_sack(line, layers, at + 2, at + size);
	else if (kind == 8 && size == 10)
		packet_line_add(line, "TS val %u ecr %u", layers_32(layers, at + 2),
				layers_32(layers, at + 6));
	else
		packet_line_add(line, "unknown-%u", kind);
}

/* Adds the options up to @end, or up to the first that is malformed or cut off. */
static void add_options(struct packet_line *line, const struct packet_layers *layers, size_t at,
			size_t end)
{
	size_t size;

	for (const char *comma = ""; at < end; at += size, comma = ",") {
		packet_line_add(line, "%s", comma);
		if (!layers_hold(layers, at, 1))
			return packet_line_add(line, "[|tcp]");
		size = 1;
		if (layers->frame[at] == 0)
			return packet_line_add(line, "eol");
		if (layers->frame[at] == 1) {
			packet_line_add(line, "nop");
			continue;
		}
		if (!layers_hold(layers, at, 2))
			return packet_line_add(line, "[|tcp]");
		size = layers->frame[at + 1];
		if (size < 2 || size > end - at)
			return packet_line_add(line, "[bad opt]");
		if (!layers_hold(layers, at, size))
			return packet_line_add(line, "[|tcp]");
		add_option(line, layers, at, size);
	}
}

void packet_text_tcp(struct packet_line *line, const struct packet_layers *layers)
{
	size_t at = layers->transport, rest = layers_rest(layers, at), header, data;
	uint8_t given;
	uint32_t seq;

	if (!layers_hold(layers, at, HEADER_MIN))
		return packet_line_add(line, "[|tcp], length %zu", rest);
	header = 4u * (layers->frame[at + 12] >> 4);
	given = layers->frame[at + 13];
	if (header < HEADER_MIN || header > rest)
		return packet_line_add(line, "tcp %zu [bad hdr length %zu]", rest, header);
	data = rest - header;
	seq = layers_32(layers, at + 4);
	add_flags(line, given);
	if (data || given & ENDS)
		packet_line_add(line, ", seq %u", seq);
	if (data)
		packet_line_add(line, ":%u", (uint32_t)(seq + data));
	if (given & ACK)
		packet_line_add(line, ", ack %u", layers_32(layers, at + 8));
	packet_line_add(line, ", win %u", layers_16(layers, at + 14));
	if (given & URG)
		packet_line_add(line, ", urg %u", layers_16(layers, at + 18));
	if (header > HEADER_MIN) {
		packet_line_add(line, ", options [");
		add_options(line, layers, at + HEADER_MIN, at + header);
		packet_line_add(line, "]");
	}
	packet_line_add(line, ", length %zu", data);
}
