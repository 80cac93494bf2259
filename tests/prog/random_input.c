/* SPDX-License-Identifier: GPL-2.0-only */
#include "random_input.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PICK(random, array) (array)[random_below(random, COUNT(array))]

uint32_t random_below(struct random *random, uint32_t bound)
{
	random->state ^= random->state >> 12;
	random->state ^= random->state << 25;
	random->state ^= random->state >> 27;
	return (uint32_t)((random->state * 0x2545f4914f6cdd1dull) >> 32) % bound;
}

static bool one_in(struct random *random, uint32_t bound)
{
	return !random_below(random, bound);
}

/* --- policies
 * ----------------------------------------------------------------------------------------- */

static const uint16_t ports[] = { 0, 53, 80, 81, 255, 256, 443, 511, 8000, 65535 };
static const uint8_t types[] = { 0, 1, 2, 3, 5, 8, 128, 130, 133, 134, 135, 136, 137, 143, 255 };
static const uint8_t codes[] = { 0, 1, 3, 4, 5, 255 };

static void print_range(FILE *out, uint32_t a, uint32_t b, bool single)
{
	if (single)
		fprintf(out, "%u", a);
	else
		fprintf(out, "%u-%u", a < b ? a : b, a < b ? b : a);
}

static void print_ports(struct random *random, FILE *out)
{
	uint32_t count = 1 + random_below(random, 3);

	fputs(" dport { ", out);
	for (uint32_t i = 0; i < count; i++) {
		fputs(i ? ", " : "", out);
		print_range(out, PICK(random, ports), PICK(random, ports), random_below(random, 3));
	}
	fputs(" }", out);
}

static void print_types(struct random *random, FILE *out)
{
	fputs(" type ", out);
	print_range(out, PICK(random, types), PICK(random, types), random_below(random, 3));
	if (one_in(random, 2))
		return;
	fputs(" code ", out);
	print_range(out, PICK(random, codes), PICK(random, codes), random_below(random, 3));
}

static void print_rule(struct random *random, FILE *out)
{
	static const char *const whole[] = { "any",    "tcp",	       "udp",	    "icmp",
					     "icmpv6", "ah",	       "gre",	    "esp",
					     "sctp",   "{ tcp, udp }", "proto 255", "ipv6-nonxt" };
	static const char *const with_ports[] = { "tcp",  "udp",  "udplite",
						  "sctp", "dccp", "{ tcp, udp }" };
	static const char *const with_types[] = { "icmp", "icmpv6" };
	static const char *const directions[] = { "", "from ", "to " };

	fprintf(out, "%s %s", one_in(random, 2) ? "allow" : "deny", PICK(random, directions));
	switch (random_below(random, 4)) {
	case 0:
		fputs(PICK(random, whole), out);
		break;
	case 1:
		fputs(PICK(random, with_types), out);
		print_types(random, out);
		break;
	default:
		fputs(PICK(random, with_ports), out);
		print_ports(random, out);
	}
	fputc('\n', out);
}

char *random_policy(struct random *random, unsigned int rules)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	fprintf(out, "default from %s\ndefault to %s\n", one_in(random, 2) ? "allow" : "deny",
		one_in(random, 2) ? "allow" : "deny");
	for (unsigned int i = 0; i < rules; i++)
		print_rule(random, out);
	fclose(out);
	return text;
}

/* --- frames
 * ------------------------------------------------------------------------------------------- */

static void push_transport(struct random *random, struct frame *frame)
{
	static const uint8_t with_ports[] = { IPPROTO_TCP,     IPPROTO_TCP,  IPPROTO_UDP,
					      IPPROTO_UDPLITE, IPPROTO_SCTP, IPPROTO_DCCP };
	static const uint8_t others[] = {
		IPPROTO_GRE, IPPROTO_ESP, IPPROTO_NONE, 255, 4, 60, 0, 43
	};
	size_t size = one_in(random, 4) ? random_below(random, 6) : 20;

	switch (random_below(random, 8)) {
	case 0:
		frame_raw(frame, PICK(random, others), size);
		break;
	case 1:
		frame_icmp(frame, IPPROTO_ICMP, PICK(random, types), PICK(random, codes), size);
		break;
	case 2:
	case 3:
		frame_icmp(frame, IPPROTO_ICMPV6, PICK(random, types), PICK(random, codes), size);
		break;
	default:
		frame_ports(frame, PICK(random, with_ports), 40000, PICK(random, ports), size);
	}
}

/* Few ids and addresses, so that pieces find each other. Small offsets are more often 0. */
static void push_fragment(struct random *random, struct frame *frame, int lie)
{
	uint16_t offset = one_in(random, 2) ? 0 : PICK(random, ports) & 0x1fff;

	frame_fragment(frame, random_below(random, 3), offset, random_below(random, 4), lie);
}

static void push_extension(struct random *random, struct frame *frame)
{
	static const uint8_t kinds[] = { IPPROTO_HOPOPTS, IPPROTO_DSTOPTS, IPPROTO_ROUTING,
					 IPPROTO_AH, IPPROTO_FRAGMENT };
	uint8_t kind = PICK(random, kinds);
	int lie = one_in(random, 30) ? (int)random_below(random, 256) : FIELD_DEFAULT;
	/* One giant of 2 kB fits a page, more would not be linear. */
	uint8_t units = frame->length < 1000 && one_in(random, 30) ? 255 : random_below(random, 5);

	if (kind == IPPROTO_FRAGMENT && one_in(random, 2))
		push_fragment(random, frame, lie);
	else if (kind != IPPROTO_FRAGMENT)
		frame_extension(frame, kind, units, lie);
}

static void push_ipv4(struct random *random, struct frame *frame)
{
	struct ipv4_fields fields = IPV4_PLAIN;

	if (one_in(random, 3))
		fields.ihl = random_below(random, 16);
	if (one_in(random, 20))
		fields.version = random_below(random, 16);
	if (one_in(random, 10))
		fields.total = one_in(random, 3) ? 65535 : random_below(random, 100);
	if (one_in(random, 4)) {
		fields.more = random_below(random, 2);
		fields.offset = one_in(random, 2) ? 0 : PICK(random, ports) & 0x1fff;
	}
	fields.dont = one_in(random, 4);
	fields.id = random_below(random, 3);
	fields.source += random_below(random, 2);
	frame_ipv4(frame, &fields);
	for (uint32_t i = one_in(random, 6) ? random_below(random, 11) : 0; i; i--)
		frame_extension(frame, IPPROTO_AH, random_below(random, 6), FIELD_DEFAULT);
}

static void push_ipv6(struct random *random, struct frame *frame)
{
	struct ipv6_fields fields = IPV6_PLAIN;

	if (one_in(random, 20))
		fields.version = random_below(random, 16);
	if (one_in(random, 10))
		fields.payload = one_in(random, 2) ? 0 : random_below(random, 100);
	fields.source[15] = random_below(random, 2);
	frame_ipv6(frame, &fields);
	for (uint32_t i = one_in(random, 2) ? random_below(random, 12) : 0; i; i--)
		push_extension(random, frame);
	if (one_in(random, 4))
		push_fragment(random, frame, FIELD_DEFAULT);
}

/* Flips bits behind the addresses, or cuts, or adds padding. */
static void damage(struct random *random, struct frame *frame)
{
	for (uint32_t i = random_below(random, 3); i; i--)
		frame->data[12 + random_below(random, frame->length - 12)] ^=
			1u << random_below(random, 8);
	if (one_in(random, 2))
		frame->length = 14 + random_below(random, frame->length - 13);
	else
		frame_append(frame, 0, random_below(random, 40));
}

void random_frame(struct random *random, struct frame *frame)
{
	static const uint16_t tags[] = { 0x8100, 0x88a8 };
	static const uint16_t odd[] = { 0x88cc, 0x8847, 0x0026, 0x9100, 0x0008, 0xdd86 };

	frame_ethernet(frame);
	for (uint32_t i = one_in(random, 4) ? random_below(random, 4) : 0; i; i--)
		frame_vlan(frame, PICK(random, tags), random_below(random, 65536));
	switch (random_below(random, 16)) {
	case 0:
		frame_arp(frame);
		break;
	case 1:
		frame_ethertype(frame, PICK(random, odd));
		frame_append(frame, 0x45, 46);
		break;
	case 2 ... 7:
		push_ipv4(random, frame);
		push_transport(random, frame);
		break;
	default:
		push_ipv6(random, frame);
		push_transport(random, frame);
	}
	frame_seal(frame);
	if (one_in(random, 6))
		damage(random, frame);
}
