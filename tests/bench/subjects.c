// SPDX-License-Identifier: GPL-2.0-only
#include "subjects.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "numbers.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* 198.18.1.2: in no block of blocks.c */
static const struct prefix one_peer = { .high = UINT64_C(0xc6120102) << 32,
					.family = PCTL_IPV4,
					.length = 32 };

static void no_rules(const struct subject *subject, FILE *file, const char *directory)
{
	(void)subject;
	(void)directory;
	fputs("default allow\n", file);
}

static void deny_tcp(const struct subject *subject, FILE *file, const char *directory)
{
	(void)subject;
	(void)directory;
	fputs("deny tcp\n", file);
}

static void udp_packet(const struct subject *subject, uint64_t i, struct packet_fields *fields)
{
	(void)subject;
	(void)i;
	*fields = (struct packet_fields){ one_peer, IPPROTO_UDP, 5353, 0 };
}

static void tcp_packet(const struct subject *subject, uint64_t i, struct packet_fields *fields)
{
	(void)subject;
	(void)i;
	*fields = (struct packet_fields){ one_peer, IPPROTO_TCP, 443, 0 };
}

/* --- connections --- */

#define TCP_SYN 2
#define TCP_ACK 16

static void allow_established(const struct subject *subject, FILE *file, const char *directory)
{
	(void)directory;
	fprintf(file, "connections %zu\ndefault deny\nallow established\n",
		subject->size < 2048 ? 2048 : subject->size);
}

/* A bijection of the numbers below @size, a power of two or 1,000: not in the order of the table.
 */
static uint64_t shuffled(uint64_t i, size_t size)
{
	return i * 40503 % size;
}

static void established_packet(const struct subject *subject, uint64_t i,
			       struct packet_fields *fields)
{
	*fields = (struct packet_fields){ one_peer, IPPROTO_TCP, TRAFFIC_PORT, TCP_ACK };
	fields->peer.high += shuffled(i, subject->size) << 32;
}

static void unknown_packet(const struct subject *subject, uint64_t i, struct packet_fields *fields)
{
	established_packet(subject, i, fields);
	fields->dport = 444;
}

/* Each SYN opens one. They are more than the table of what is half open has room for. */
static void allow_opening(const struct subject *subject, FILE *file, const char *directory)
{
	(void)subject;
	(void)directory;
	fputs("default deny\nallow established\nallow tcp dport 443\n", file);
}

static void opening_packet(const struct subject *subject, uint64_t i, struct packet_fields *fields)
{
	(void)subject;
	*fields = (struct packet_fields){ one_peer, IPPROTO_TCP, 443, TCP_SYN };
	fields->peer.high += scatter(i, 22) << 32;
}

/* --- rates, above what a benchmark can send --- */

static void limit_all(const struct subject *subject, FILE *file, const char *directory)
{
	(void)subject;
	(void)directory;
	fputs("default allow rate 1000gbit\n", file);
}

static void limit_each(const struct subject *subject, FILE *file, const char *directory)
{
	(void)subject;
	(void)directory;
	fputs("default allow rate 1000gbit each\n", file);
}

static void peer_packet(const struct subject *subject, uint64_t i, struct packet_fields *fields)
{
	udp_packet(subject, i, fields);
	fields->peer.high += i % subject->size << 32;
}

/* --- ports: tcp and udp in turn, over the whole range, none next to another --- */

#define LOWEST_PORT 1024

static uint16_t port_step(const struct subject *subject)
{
	return (65536 - LOWEST_PORT) / ((subject->size + 1) / 2);
}

static uint16_t port_of(const struct subject *subject, uint64_t rule)
{
	return LOWEST_PORT + rule / 2 * port_step(subject);
}

static void deny_port(const struct subject *subject, FILE *file, uint64_t rule)
{
	fprintf(file, "deny %s dport %u\n", rule % 2 ? "udp" : "tcp", port_of(subject, rule));
}

static void deny_ports(const struct subject *subject, FILE *file, const char *directory)
{
	(void)directory;
	for (size_t i = 0; i < subject->size; i++)
		deny_port(subject, file, i);
}

static void port_packet(const struct subject *subject, uint64_t rule, struct packet_fields *fields)
{
	*fields = (struct packet_fields){
		.peer = one_peer,
		.protocol = rule % 2 ? IPPROTO_UDP : IPPROTO_TCP,
		.dport = port_of(subject, rule),
	};
}

static void listed_port(const struct subject *subject, uint64_t i, struct packet_fields *fields)
{
	port_packet(subject, mix(i) % subject->size, fields);
}

/* Between two that are listed. */
static void unlisted_port(const struct subject *subject, uint64_t i, struct packet_fields *fields)
{
	listed_port(subject, i, fields);
	fields->dport += 1 + mix(~i) % (port_step(subject) - 1);
}

/* --- a port and a block of addresses --- */

static const uint16_t services[] = { 22,  23,	25,   53,   80,	  110,	143,  443,
				     445, 1433, 3306, 3389, 5432, 6379, 8080, 9200 };

/* About one block in four is IPv6. */
static int rule_family(uint64_t rule)
{
	return mix(~rule) % 4 == 3 ? PCTL_IPV6 : PCTL_IPV4;
}

static void deny_service_of_block(FILE *file, uint64_t rule)
{
	struct prefix block = block_number(rule_family(rule), rule);

	fprintf(file, "deny tcp dport %u peer ", services[rule % COUNT(services)]);
	block_print(file, &block);
	fputc('\n', file);
}

static void deny_services(const struct subject *subject, FILE *file, const char *directory)
{
	(void)directory;
	for (size_t i = 0; i < subject->size; i++)
		deny_service_of_block(file, i);
}

static void service_packet(uint64_t rule, struct packet_fields *fields)
{
	*fields = (struct packet_fields){
		.peer = block_inside(rule_family(rule), rule),
		.protocol = IPPROTO_TCP,
		.dport = services[rule % COUNT(services)],
	};
}

static void denied_service(const struct subject *subject, uint64_t i, struct packet_fields *fields)
{
	service_packet(mix(i) % subject->size, fields);
}

/* In turn: the port of another rule, and an address of no rule. */
static void allowed_service(const struct subject *subject, uint64_t i, struct packet_fields *fields)
{
	uint64_t rule = mix(i) % subject->size;

	service_packet(rule, fields);
	if (i % 2)
		fields->dport = services[(rule + 1) % COUNT(services)];
	else
		fields->peer = blocks_outside(rule_family(rule), i, subject->size);
}

/* --- protocols, ports, blocks, and ports of blocks, mixed --- */

enum mixed_kind { MIXED_PORT, MIXED_PORT_TOO, MIXED_BLOCK, MIXED_SERVICE, MIXED_PROTOCOL };

#define FIRST_PROTOCOL 150 /* unassigned up to 252 */
#define PROTOCOLS 100

static enum mixed_kind kind_of(uint64_t rule)
{
	if (rule % 10 == 9 && rule / 10 < PROTOCOLS)
		return MIXED_PROTOCOL;
	return rule % 4;
}

static void deny_block(FILE *file, uint64_t rule)
{
	struct prefix block = block_number(rule_family(rule), rule);

	fputs("deny any peer ", file);
	block_print(file, &block);
	fputc('\n', file);
}

static void deny_mixed(const struct subject *subject, FILE *file, const char *directory)
{
	(void)directory;
	for (size_t i = 0; i < subject->size; i++)
		switch (kind_of(i)) {
		case MIXED_PORT:
		case MIXED_PORT_TOO:
			deny_port(subject, file, i);
			break;
		case MIXED_BLOCK:
			deny_block(file, i);
			break;
		case MIXED_SERVICE:
			deny_service_of_block(file, i);
			break;
		case MIXED_PROTOCOL:
			fprintf(file, "deny proto %u\n", (unsigned int)(FIRST_PROTOCOL + i / 10));
			break;
		}
}

static void denied_mixed(const struct subject *subject, uint64_t i, struct packet_fields *fields)
{
	uint64_t rule = mix(i) % subject->size;

	switch (kind_of(rule)) {
	case MIXED_PORT:
	case MIXED_PORT_TOO:
		port_packet(subject, rule, fields);
		break;
	case MIXED_BLOCK:
		udp_packet(subject, i, fields);
		fields->peer = block_inside(rule_family(rule), rule);
		break;
	case MIXED_SERVICE:
		service_packet(rule, fields);
		break;
	case MIXED_PROTOCOL:
		udp_packet(subject, i, fields);
		fields->protocol = FIRST_PROTOCOL + rule / 10;
		break;
	}
}

/* From addresses of no rule, in turn to ports of no rule and to ports that are denied to some
 * block. */
static void allowed_mixed(const struct subject *subject, uint64_t i, struct packet_fields *fields)
{
	uint64_t rule = mix(i) % subject->size;

	unlisted_port(subject, rule, fields);
	fields->peer = blocks_outside(rule_family(i), i, subject->size);
	if (i % 2) {
		fields->protocol = IPPROTO_TCP;
		fields->dport = services[rule % 6]; /* below the lowest of the other rules */
	}
}

/* --- a set from a file --- */

static void write_set(const struct subject *subject, const char *path)
{
	FILE *file = fopen(path, "we");

	if (!file) {
		perror(path);
		exit(1);
	}
	for (size_t i = 0; i < subject->size; i++) {
		struct prefix block = block_number(subject->family, i);

		block_print(file, &block);
		fputc('\n', file);
	}
	fclose(file);
}

static void deny_set(const struct subject *subject, FILE *file, const char *directory)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s-%zu.txt", directory, subject->name, subject->size);
	write_set(subject, path);
	fprintf(file, "set feed file \"%s\"\ndeny any peer @feed\n", path);
}

static void in_set(const struct subject *subject, uint64_t i, struct packet_fields *fields)
{
	udp_packet(subject, i, fields);
	fields->peer = block_inside(subject->family, mix(i) % subject->size);
}

static void not_in_set(const struct subject *subject, uint64_t i, struct packet_fields *fields)
{
	udp_packet(subject, i, fields);
	fields->peer = blocks_outside(subject->family, i, subject->size);
}

/* --- a live set: single addresses --- */

static void deny_live(const struct subject *subject, FILE *file, const char *directory)
{
	(void)subject;
	(void)directory;
	fputs("set live container { bench }\ndeny any peer @live\n", file);
}

static void live_peer(uint64_t number, struct packet_fields *fields)
{
	fields->peer = one_peer;
	fields->peer.high += (1 + scatter(number, 22)) << 32;
}

static void in_live(const struct subject *subject, uint64_t i, struct packet_fields *fields)
{
	udp_packet(subject, i, fields);
	live_peer(mix(i) % subject->size, fields);
}

static void not_in_live(const struct subject *subject, uint64_t i, struct packet_fields *fields)
{
	udp_packet(subject, i, fields);
	live_peer(subject->size + mix(i) % subject->size, fields);
}

/* --- the table --- */

#define ONE_PACKET .spread = false
#define SPREAD .spread = true

#define ESTABLISHED(number, spread)                                                           \
	{                                                                                     \
		"established", number, allow_established, established_packet, unknown_packet, \
			spread, .connections = number                                         \
	}

#define SIZES(name, policy, passed, dropped, spread)             \
	{ name, 10, policy, passed, dropped, spread },           \
		{ name, 1000, policy, passed, dropped, spread }, \
	{                                                        \
		name, 10000, policy, passed, dropped, spread     \
	}

#define LIVE(number)                                                                      \
	{                                                                                 \
		"live-set", number, deny_live, not_in_live, in_live, SPREAD, .live = true \
	}

#define SETS(name, number)                                                                \
	{ name, 1000, deny_set, not_in_set, in_set, SPREAD, .family = number },           \
		{ name, 100000, deny_set, not_in_set, in_set, SPREAD, .family = number }, \
	{                                                                                 \
		name, 1000000, deny_set, not_in_set, in_set, SPREAD, .family = number     \
	}

const struct subject subjects[] = {
	{ "no-rules", 0, no_rules, udp_packet, NULL, ONE_PACKET },
	{ "deny-tcp", 1, deny_tcp, udp_packet, tcp_packet, ONE_PACKET },
	{ "deny-tcp-watched", 1, deny_tcp, udp_packet, tcp_packet, ONE_PACKET, .watched = true },
	ESTABLISHED(1, ONE_PACKET),
	ESTABLISHED(1000, SPREAD),
	ESTABLISHED(65536, SPREAD),
	{ "opening", 1, allow_opening, opening_packet, NULL, SPREAD },
	{ "rate", 1, limit_all, udp_packet, NULL, ONE_PACKET },
	{ "rate-each", 1000, limit_each, peer_packet, NULL, SPREAD },
	{ "ports", 1, deny_ports, unlisted_port, listed_port, ONE_PACKET },
	SIZES("ports", deny_ports, unlisted_port, listed_port, ONE_PACKET),
	SIZES("ports-spread", deny_ports, unlisted_port, listed_port, SPREAD),
	SIZES("port-and-cidr", deny_services, allowed_service, denied_service, SPREAD),
	SIZES("mixed", deny_mixed, allowed_mixed, denied_mixed, SPREAD),
	LIVE(10),
	LIVE(10000),
	SETS("set-ipv4", PCTL_IPV4),
	SETS("set-ipv6", PCTL_IPV6),
};
const size_t subject_count = COUNT(subjects);

const struct subject *subject_find(const char *name, size_t size)
{
	for (size_t i = 0; i < subject_count; i++)
		if (!strcmp(subjects[i].name, name) && subjects[i].size == size)
			return &subjects[i];
	return NULL;
}
