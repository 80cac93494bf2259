/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames as words. A word is `name` or `name:arguments`; arguments are separated by commas, each a
 * number or `key=number` or a flag.
 *
 *   ethertype:N         the Ethernet header alone, with this ethertype or 802.3 length
 *   vlan:TPID,tci=N     without TPID 0x8100
 *   arp
 *   ip4:version= ihl= header= total= next= id= off= src= dst= opt= more dont
 *   ip6:version= len= next= src= dst=    src= and dst=: an address, or the last byte of
 *                                        198.18.0.0/24, 2001:db8::/64; opt=: options in hex
 *   hop dest ah:UNITS,next=              extension headers
 *   routing:UNITS,next=,type=,left=      with left= segments left
 *   frag:id= off= next= more             the fragment header
 *   tcp udp udplite sctp dccp:PORT,sport=,size=   without PORT 80; sport= 40000; size=: only so
 *                       many bytes of it
 *   icmp icmpv6:TYPE,code=,size=
 *   proto:N,size=       N and 8 bytes, or size=; none is proto:59,size=0
 *   pad:N               N zero bytes that the lengths of the headers do not count
 *   data:N              N bytes that they do count
 *   cut:N               the first N bytes of the frame; chop:N all but the last N
 */
#include "frame_text.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_WORD 128

static void give_up(const char *what, const char *text)
{
	fprintf(stderr, "%s: %s\n", what, text);
	abort();
}

/* The text behind `key=`, or NULL. */
static const char *find(const char *arguments, const char *key)
{
	size_t length = strlen(key);

	for (const char *at = arguments; at && *at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, key, length) && at[length] == '=')
			return at + length + 1;
	}
	return NULL;
}

/* The number behind `key=`, or @fallback. */
static int option(const char *arguments, const char *key, int fallback)
{
	const char *value = find(arguments, key);

	return value ? strtol(value, NULL, 0) : fallback;
}

/* The address behind `key=`; a number alone is its last byte. Without it @address is unchanged. */
static void option_address(const char *arguments, const char *key, int family, uint8_t *address)
{
	const char *value = find(arguments, key);
	char text[INET6_ADDRSTRLEN] = "";
	size_t length;

	if (!value)
		return;
	length = strcspn(value, ",");
	if (length < sizeof(text))
		memcpy(text, value, length);
	if (!strpbrk(text, ".:"))
		address[family == AF_INET ? 3 : 15] = strtol(text, NULL, 0);
	else if (inet_pton(family, text, address) != 1)
		give_up("no address", value);
}

static uint32_t option_ipv4(const char *arguments, const char *key, uint32_t fallback)
{
	uint32_t address = htonl(fallback);

	option_address(arguments, key, AF_INET, (uint8_t *)&address);
	return ntohl(address);
}

/* The bytes behind `key=`, two digits each; how many. */
static size_t option_bytes(const char *arguments, const char *key, uint8_t *bytes, size_t size)
{
	const char *value = find(arguments, key);
	size_t count = 0;

	for (; value && count < size && sscanf(value, "%2hhx", &bytes[count]) == 1; value += 2)
		count++;
	return count;
}

static bool flag(const char *arguments, const char *key)
{
	const char *at = strstr(arguments, key);

	return at && (at == arguments || at[-1] == ',');
}

/* The first argument, if it is a number alone. */
static int number(const char *arguments, int fallback)
{
	return *arguments >= '0' && *arguments <= '9' ? strtol(arguments, NULL, 0) : fallback;
}

static void word_ethertype(struct frame *frame, const char *arguments, int unused)
{
	(void)unused;
	frame_ethertype(frame, number(arguments, 0));
}

static void word_vlan(struct frame *frame, const char *arguments, int unused)
{
	(void)unused;
	frame_vlan(frame, number(arguments, ETH_P_8021Q), option(arguments, "tci", 0));
}

static void word_arp(struct frame *frame, const char *arguments, int unused)
{
	(void)arguments, (void)unused;
	frame_arp(frame);
}

static void word_ip4(struct frame *frame, const char *arguments, int unused)
{
	struct ipv4_fields fields = {
		.version = option(arguments, "version", FIELD_DEFAULT),
		.ihl = option(arguments, "ihl", FIELD_DEFAULT),
		.header = option(arguments, "header", FIELD_DEFAULT),
		.total = option(arguments, "total", FIELD_DEFAULT),
		.protocol = option(arguments, "next", FIELD_DEFAULT),
		.id = option(arguments, "id", 0),
		.offset = option(arguments, "off", 0),
		.more = flag(arguments, "more"),
		.dont = flag(arguments, "dont"),
		.source = option_ipv4(arguments, "src", 0xc6120001),
		.destination = option_ipv4(arguments, "dst", 0xc6120002),
	};

	(void)unused;
	fields.option_bytes =
		option_bytes(arguments, "opt", fields.options, sizeof(fields.options));
	frame_ipv4(frame, &fields);
}

static void word_ip6(struct frame *frame, const char *arguments, int unused)
{
	struct ipv6_fields fields = IPV6_PLAIN;

	(void)unused;
	fields.version = option(arguments, "version", FIELD_DEFAULT);
	fields.payload = option(arguments, "len", FIELD_DEFAULT);
	fields.next = option(arguments, "next", FIELD_DEFAULT);
	option_address(arguments, "src", AF_INET6, fields.source);
	option_address(arguments, "dst", AF_INET6, fields.destination);
	frame_ipv6(frame, &fields);
}

static void word_extension(struct frame *frame, const char *arguments, int type)
{
	int usual = type == IPPROTO_AH ? 4 : 0; /* AH: with a 96 bit integrity check value */

	frame_extension(frame, type, number(arguments, usual),
			option(arguments, "next", FIELD_DEFAULT));
}

static void word_routing(struct frame *frame, const char *arguments, int unused)
{
	(void)unused;
	frame_routing(frame, number(arguments, 0), option(arguments, "type", 0),
		      option(arguments, "left", 0), option(arguments, "next", FIELD_DEFAULT));
}

static void word_fragment(struct frame *frame, const char *arguments, int unused)
{
	(void)unused;
	frame_fragment(frame, option(arguments, "id", 0), option(arguments, "off", 0),
		       flag(arguments, "more"), option(arguments, "next", FIELD_DEFAULT));
}

static void word_ports(struct frame *frame, const char *arguments, int protocol)
{
	frame_ports(frame, protocol, option(arguments, "sport", 40000), number(arguments, 80),
		    option(arguments, "size", 20));
}

static void word_icmp(struct frame *frame, const char *arguments, int protocol)
{
	frame_icmp(frame, protocol, number(arguments, 0), option(arguments, "code", 0),
		   option(arguments, "size", 8));
}

static void word_proto(struct frame *frame, const char *arguments, int unused)
{
	(void)unused;
	frame_raw(frame, number(arguments, 0), option(arguments, "size", 8));
}

static void word_none(struct frame *frame, const char *arguments, int unused)
{
	(void)arguments, (void)unused;
	frame_raw(frame, IPPROTO_NONE, 0);
}

static void word_data(struct frame *frame, const char *arguments, int unused)
{
	(void)unused;
	frame_append(frame, 0xa5, number(arguments, 0));
}

static void word_pad(struct frame *frame, const char *arguments, int unused)
{
	(void)unused;
	frame_seal(frame);
	frame_append(frame, 0, number(arguments, 0));
}

static void word_cut(struct frame *frame, const char *arguments, int unused)
{
	(void)unused;
	frame_cut(frame, number(arguments, 0));
}

static void word_chop(struct frame *frame, const char *arguments, int unused)
{
	(void)unused;
	frame_cut(frame, frame->length - number(arguments, 0));
}

static const struct {
	const char *name;
	void (*push)(struct frame *frame, const char *arguments, int number);
	int number;
} words[] = {
	{ "ethertype", word_ethertype, 0 },
	{ "vlan", word_vlan, 0 },
	{ "arp", word_arp, 0 },
	{ "ip4", word_ip4, 0 },
	{ "ip6", word_ip6, 0 },
	{ "hop", word_extension, IPPROTO_HOPOPTS },
	{ "dest", word_extension, IPPROTO_DSTOPTS },
	{ "routing", word_routing, 0 },
	{ "ah", word_extension, IPPROTO_AH },
	{ "frag", word_fragment, 0 },
	{ "tcp", word_ports, IPPROTO_TCP },
	{ "udp", word_ports, IPPROTO_UDP },
	{ "udplite", word_ports, IPPROTO_UDPLITE },
	{ "sctp", word_ports, IPPROTO_SCTP },
	{ "dccp", word_ports, IPPROTO_DCCP },
	{ "icmp", word_icmp, IPPROTO_ICMP },
	{ "icmpv6", word_icmp, IPPROTO_ICMPV6 },
	{ "proto", word_proto, 0 },
	{ "none", word_none, 0 },
	{ "data", word_data, 0 },
	{ "pad", word_pad, 0 },
	{ "cut", word_cut, 0 },
	{ "chop", word_chop, 0 },
};

static void push_word(struct frame *frame, char *word)
{
	char *arguments = strchr(word, ':');

	if (arguments)
		*arguments++ = '\0';
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].name, word))
			continue;
		words[i].push(frame, arguments ? arguments : "", words[i].number);
		return;
	}
	give_up("no such word of a frame", word);
}

void frame_from_text(struct frame *frame, const char *text)
{
	char word[LONGEST_WORD];
	int used;

	frame_ethernet(frame);
	while (sscanf(text, " %127s%n", word, &used) == 1) {
		push_word(frame, word);
		text += used;
	}
	frame_seal(frame);
	if (frame->overflow)
		give_up("larger than a frame can be, or smaller than what is cut off", text);
}
