/* SPDX-License-Identifier: GPL-2.0-only */
#include "policy_parse.h"
#include "prefixes_parse.h"
#include "world.h"

#include <netinet/in.h>
#include <stdio.h>

#define MAX_SETS 5

static const unsigned int ports[] = { 0, 1, 2, 3, 53, 80, 81, 255, 256, 257, 65534, 65535 };
static const unsigned int protocols[] = { IPPROTO_TCP,	  IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_ICMP,
					  IPPROTO_ICMPV6, IPPROTO_GRE, IPPROTO_AH,   200 };

static const char *pick(struct random *random, const char *const *from, uint32_t count)
{
	return from[random_below(random, count)];
}

static void print_ipv4(struct random *random, FILE *out)
{
	static const unsigned int lengths[] = { 0, 8, 16, 23, 24, 27, 28, 29, 30, 31, 32, 32, 32 };
	unsigned int length = lengths[random_below(random, COUNT(lengths))];
	uint32_t address = 0xc6336400 + 256 * !random_below(random, 4) + random_below(random, 16);

	address &= length ? UINT32_MAX << (32 - length) : 0;
	fprintf(out, "%u.%u.%u.%u", address >> 24, address >> 16 & 255, address >> 8 & 255,
		address & 255);
	if (length < 32)
		fprintf(out, "/%u", length);
}

static void print_ipv6(struct random *random, FILE *out)
{
	static const unsigned int lengths[] = { 32, 62, 63, 64, 65, 124, 125, 126, 127, 128, 128 };
	unsigned int length = lengths[random_below(random, COUNT(lengths))];
	uint32_t low = random_below(random, 16);

	if (!random_below(random, 12)) {
		fputs("::/0", out);
		return;
	}
	low &= length <= 124 ? 0 : UINT32_MAX << (128 - length);
	fprintf(out, "2001:db8::%x/%u", low, length);
}

static void print_address(struct random *random, FILE *out)
{
	if (random_below(random, 2))
		print_ipv4(random, out);
	else
		print_ipv6(random, out);
}

static void print_addresses(struct random *random, FILE *out)
{
	uint32_t count = 1 + random_below(random, 4);

	for (uint32_t i = 0; i < count; i++) {
		fputs(i ? ", " : "{ ", out);
		print_address(random, out);
	}
	fputs(" }", out);
}

/* The content of the file of this name, the same each time. */
static int load_file(void *data, const char *name, struct set *set, struct diagnostics *diagnostics)
{
	struct random random = { strtoul(set->path, NULL, 10) * 7919 + 1 };
	uint32_t count = random_below(&random, 5);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)data;
	assert_non_null(out);
	for (uint32_t i = 0; i < count; i++) {
		print_address(&random, out);
		fputc('\n', out);
	}
	fclose(out);
	assert_int_equal(prefixes_parse(name, text, size, &set->prefixes, diagnostics, NULL, NULL),
			 0);
	free(text);
	for (size_t i = 0; i < set->prefixes.count; i++)
		set->counts[set->prefixes.items[i].family]++;
	snprintf((char *)set->digest, sizeof(set->digest), "%s", set->path);
	set->loaded = true;
	return 0;
}

static void print_ports(struct random *random, FILE *out)
{
	uint32_t count = 1 + random_below(random, 3), a, b;

	fprintf(out, "%s{ ", random_below(random, 4) ? "" : "not ");
	for (uint32_t i = 0; i < count; i++) {
		a = ports[random_below(random, COUNT(ports))];
		b = random_below(random, 2) ? a : ports[random_below(random, COUNT(ports))];
		fprintf(out, "%s%u-%u", i ? ", " : "", a < b ? a : b, a < b ? b : a);
	}
	fputs(" }", out);
}

static void print_peer(struct random *random, FILE *out, uint32_t sets)
{
	fprintf(out, " peer %s", random_below(random, 3) ? "" : "not ");
	if (sets && !random_below(random, 3))
		fprintf(out, "{ @s%u, @s%u }", random_below(random, sets),
			random_below(random, sets));
	else if (sets && !random_below(random, 2))
		fprintf(out, "@s%u", random_below(random, sets));
	else
		print_addresses(random, out);
}

static void print_rule(struct random *random, FILE *out, uint32_t sets)
{
	static const char *const whole[] = { "any",    "any", "tcp",	      "udp",	    "icmp",
					     "icmpv6", "gre", "{ tcp, gre }", "{ ah, 200 }" };
	static const char *const with_ports[] = { "tcp", "tcp", "udp", "sctp", "{ tcp, udp }" };
	static const char *const icmp[] = { "icmp", "icmpv6" };
	static const char *const others[] = { "arp", "ethertype 0x88cc",
					      "ethertype { 0x88cc, 0x8847 }", "ethertype 0x8847" };
	static const char *const directions[] = { "", "from ", "to " };

	fprintf(out, "%s %s", random_below(random, 2) ? "allow" : "deny",
		pick(random, directions, COUNT(directions)));
	switch (random_below(random, 12)) {
	case 0:
		fputs(pick(random, others, COUNT(others)), out);
		goto log;
	case 1:
	case 2:
		fprintf(out, "%s type { 3, %u-255 }", pick(random, icmp, COUNT(icmp)),
			random_below(random, 140));
		if (random_below(random, 2))
			fprintf(out, " code { %u, 4 }", random_below(random, 4));
		break;
	case 3:
	case 4:
	case 5:
	case 6:
		fputs(pick(random, whole, COUNT(whole)), out);
		break;
	default:
		fputs(pick(random, with_ports, COUNT(with_ports)), out);
		if (random_below(random, 3)) {
			fputs(" dport ", out);
			print_ports(random, out);
		}
		if (!random_below(random, 3)) {
			fputs(" sport ", out);
			print_ports(random, out);
		}
	}
	if (random_below(random, 3))
		print_peer(random, out, sets);
log:
	fputs(random_below(random, 8) ? "\n" : " log\n", out);
}

static char *print_policy(struct random *random, unsigned int rules)
{
	uint32_t sets = random_below(random, MAX_SETS + 1);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	fprintf(out, "default from %s\ndefault to %s\n", random_below(random, 2) ? "allow" : "deny",
		random_below(random, 2) ? "allow" : "deny");
	for (uint32_t i = 0; i < sets; i++) {
		fprintf(out, "set s%u ", i);
		if (random_below(random, 2))
			fprintf(out, "file \"%u\"", random_below(random, 6));
		else
			print_addresses(random, out);
		fputc('\n', out);
	}
	for (unsigned int i = 0; i < rules; i++)
		print_rule(random, out, sets);
	fclose(out);
	return text;
}

struct policy *world_parse(const char *text)
{
	static const struct policy_files files = { .load = load_file };
	struct diagnostics diagnostics = { 0 };
	struct policy *policy = NULL;

	policy_parse("test", text, strlen(text), &files, &policy, &diagnostics);
	diagnostics_clear(&diagnostics);
	return policy;
}

/* Some have errors, which the parser refuses. */
struct policy *world_policy(struct random *random, unsigned int rules, char **text)
{
	struct policy *policy = NULL;

	for (*text = NULL; !policy;) {
		free(*text);
		*text = print_policy(random, rules);
		policy = world_parse(*text);
	}
	return policy;
}

static struct address random_peer(struct random *random)
{
	struct address peer = { 0 };

	if (random_below(random, 2)) {
		peer.high = 0xc6336400 + 256 * !random_below(random, 4) + random_below(random, 20);
		if (!random_below(random, 16))
			peer.high = 0xcb007100;
		peer.high <<= 32;
		return peer;
	}
	peer.family = PCTL_IPV6;
	peer.high = 0x20010db800000000 + random_below(random, 2) * !random_below(random, 3);
	peer.low = random_below(random, 20);
	if (!random_below(random, 16))
		peer.low |= 1ull << 63;
	if (!random_below(random, 16))
		peer.high = random_below(random, UINT32_MAX);
	return peer;
}

struct packet world_packet(struct random *random)
{
	static const unsigned int ethertypes[] = { 0x88cc, 0x8847, 0x8035 };
	struct packet packet = {
		.known = random_below(random, 2) ? KNOWN_SELECTOR
						 : random_below(random, KNOWN_LEVELS),
		.direction = random_below(random, PCTL_DIRECTIONS),
		.protocol = protocols[random_below(random, COUNT(protocols))],
		.selector = ports[random_below(random, COUNT(ports))],
		.source = ports[random_below(random, COUNT(ports))],
		.peer_known = random_below(random, 8),
		.peer = random_peer(random),
	};

	if (packet.known == KNOWN_ETHERTYPE)
		packet.selector = ethertypes[random_below(random, COUNT(ethertypes))];
	else if (packet.protocol == IPPROTO_ICMP || packet.protocol == IPPROTO_ICMPV6)
		packet.selector = random_below(random, 2) ? 3 << 8 | random_below(random, 6)
							  : random_below(random, 65536);
	if (!random_below(random, 8))
		packet.source = random_below(random, 65536);
	return packet;
}

void world_describe(const struct packet *packet, char *buffer, size_t size)
{
	snprintf(
		buffer, size,
		"known %d, direction %d, protocol %u, selector %u, source %u, peer %s%016lx:%016lx "
		"of family %u",
		packet->known, packet->direction, packet->protocol, packet->selector,
		packet->source,
		packet->peer_known ? "" : "unknown: ", (unsigned long)packet->peer.high,
		(unsigned long)packet->peer.low, packet->peer.family);
}
