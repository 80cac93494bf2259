// SPDX-License-Identifier: GPL-2.0-only
#include "subjects.h"

#include <inttypes.h>
#include <netinet/in.h>

#include "numbers.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* 198.18.0.0/15, RFC 2544 */
#define BENCH_NETWORK (UINT64_C(0xc6120000) << 32)
#define LOWEST_PORT 1024

static const struct prefix any_peer = { .high = BENCH_NETWORK + (UINT64_C(0x0102) << 32),
					.family = PCTL_IPV4,
					.length = 32 };

static int none_policy(FILE *file, const struct subject *subject, const char *directory)
{
	(void)file;
	(void)subject;
	(void)directory;
	return 0;
}

static int deny_tcp_policy(FILE *file, const struct subject *subject, const char *directory)
{
	(void)subject;
	(void)directory;
	fputs("deny tcp\n", file);
	return 0;
}

static void udp_packet(const struct subject *subject, uint64_t i, struct packet_fields *fields)
{
	(void)subject;
	(void)i;
	*fields = (struct packet_fields){ any_peer, IPPROTO_UDP, 5353 };
}

static void tcp_packet(const struct subject *subject, uint64_t i, struct packet_fields *fields)
{
	(void)subject;
	(void)i;
	*fields = (struct packet_fields){ any_peer, IPPROTO_TCP, 443 };
}

/* --- ports: tcp and udp in turn, all over the range, none next to another --- */

static uint16_t port_step(const struct subject *subject)
{
	return (65536 - LOWEST_PORT) / (subject->size / 2);
}

static int ports_policy(FILE *file, const struct subject *subject, const char *directory)
{
	(void)directory;
	for (size_t i = 0; i < subject->size; i++)
		fprintf(file, "deny %s dport %zu\n", i % 2 ? "udp" : "tcp",
			LOWEST_PORT + i / 2 * port_step(subject));
	return 0;
}

static void listed_port(const struct subject *subject, uint64_t i, struct packet_fields *fields)
{
	uint64_t rule = mix(i) % subject->size;

	*fields = (struct packet_fields){
		any_peer,
		rule % 2 ? IPPROTO_UDP : IPPROTO_TCP,
		LOWEST_PORT + rule / 2 * port_step(subject),
	};
}

/* Between two that are listed. */
static void unlisted_port(const struct subject *subject, uint64_t i, struct packet_fields *fields)
{
	listed_port(subject, i, fields);
	fields->dport += 1 + mix(~i) % (port_step(subject) - 1);
}

/* --- the table --- */

#define PORTS(n)                                                                      \
	{                                                                             \
		"ports", n, ports_policy, unlisted_port, listed_port, .spread = false \
	}
#define SPREAD_PORTS(n)                                                                     \
	{                                                                                   \
		"spread ports", n, ports_policy, unlisted_port, listed_port, .spread = true \
	}

const struct subject subjects[] = {
	{ "no rules", 0, none_policy, udp_packet, NULL, .spread = false },
	{ "deny tcp", 1, deny_tcp_policy, udp_packet, tcp_packet, .spread = false },
	PORTS(10),
	PORTS(1000),
	PORTS(10000),
	SPREAD_PORTS(10),
	SPREAD_PORTS(1000),
	SPREAD_PORTS(10000),
};
const size_t subject_count = COUNT(subjects);
