/* SPDX-License-Identifier: GPL-2.0-only */
#include "icmp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* If a number has several names, the first one is printed. */
struct icmp_name {
	uint8_t protocol;
	uint8_t type;
	uint8_t code; /* only in codes[] */
	const char *name;
};

static const struct icmp_name types[] = {
	{ IPPROTO_ICMP, 0, 0, "echo-reply" },
	{ IPPROTO_ICMP, 3, 0, "destination-unreachable" },
	{ IPPROTO_ICMP, 4, 0, "source-quench" },
	{ IPPROTO_ICMP, 5, 0, "redirect" },
	{ IPPROTO_ICMP, 8, 0, "echo-request" },
	{ IPPROTO_ICMP, 9, 0, "router-advertisement" },
	{ IPPROTO_ICMP, 10, 0, "router-solicitation" },
	{ IPPROTO_ICMP, 11, 0, "time-exceeded" },
	{ IPPROTO_ICMP, 12, 0, "parameter-problem" },
	{ IPPROTO_ICMP, 13, 0, "timestamp-request" },
	{ IPPROTO_ICMP, 14, 0, "timestamp-reply" },
	{ IPPROTO_ICMP, 17, 0, "address-mask-request" },
	{ IPPROTO_ICMP, 18, 0, "address-mask-reply" },
	{ IPPROTO_ICMP, 42, 0, "extended-echo-request" },
	{ IPPROTO_ICMP, 43, 0, "extended-echo-reply" },
	{ IPPROTO_ICMPV6, 1, 0, "destination-unreachable" },
	{ IPPROTO_ICMPV6, 2, 0, "packet-too-big" },
	{ IPPROTO_ICMPV6, 3, 0, "time-exceeded" },
	{ IPPROTO_ICMPV6, 4, 0, "parameter-problem" },
	{ IPPROTO_ICMPV6, 128, 0, "echo-request" },
	{ IPPROTO_ICMPV6, 129, 0, "echo-reply" },
	{ IPPROTO_ICMPV6, 130, 0, "mld-query" },
	{ IPPROTO_ICMPV6, 131, 0, "mld-report" },
	{ IPPROTO_ICMPV6, 132, 0, "mld-done" },
	{ IPPROTO_ICMPV6, 133, 0, "router-solicitation" },
	{ IPPROTO_ICMPV6, 134, 0, "router-advertisement" },
	{ IPPROTO_ICMPV6, 135, 0, "neighbour-solicitation" },
	{ IPPROTO_ICMPV6, 136, 0, "neighbour-advertisement" },
	{ IPPROTO_ICMPV6, 137, 0, "redirect" },
	{ IPPROTO_ICMPV6, 143, 0, "mldv2-report" },
	{ IPPROTO_ICMPV6, 160, 0, "extended-echo-request" },
	{ IPPROTO_ICMPV6, 161, 0, "extended-echo-reply" },
	{ IPPROTO_ICMPV6, 135, 0, "neighbor-solicitation" },
	{ IPPROTO_ICMPV6, 136, 0, "neighbor-advertisement" },
};

static const struct icmp_name codes[] = {
	{ IPPROTO_ICMP, 3, 0, "net-unreachable" },
	{ IPPROTO_ICMP, 3, 1, "host-unreachable" },
	{ IPPROTO_ICMP, 3, 2, "protocol-unreachable" },
	{ IPPROTO_ICMP, 3, 3, "port-unreachable" },
	{ IPPROTO_ICMP, 3, 4, "fragmentation-needed" },
	{ IPPROTO_ICMP, 3, 5, "source-route-failed" },
	{ IPPROTO_ICMP, 3, 9, "net-prohibited" },
	{ IPPROTO_ICMP, 3, 10, "host-prohibited" },
	{ IPPROTO_ICMP, 3, 13, "admin-prohibited" },
	{ IPPROTO_ICMP, 11, 0, "ttl-exceeded" },
	{ IPPROTO_ICMP, 11, 1, "reassembly-timeout" },
	{ IPPROTO_ICMPV6, 1, 0, "no-route" },
	{ IPPROTO_ICMPV6, 1, 1, "admin-prohibited" },
	{ IPPROTO_ICMPV6, 1, 2, "beyond-scope" },
	{ IPPROTO_ICMPV6, 1, 3, "address-unreachable" },
	{ IPPROTO_ICMPV6, 1, 4, "port-unreachable" },
	{ IPPROTO_ICMPV6, 3, 0, "hop-limit-exceeded" },
	{ IPPROTO_ICMPV6, 3, 1, "reassembly-timeout" },
};

#define TYPE_COUNT (sizeof(types) / sizeof(types[0]))
#define CODE_COUNT (sizeof(codes) / sizeof(codes[0]))

int icmp_type_number(unsigned int protocol, const char *name)
{
	for (size_t i = 0; i < TYPE_COUNT; i++)
		if (types[i].protocol == protocol && !strcmp(types[i].name, name))
			return types[i].type;
	return -ENOENT;
}

const char *icmp_type_name(unsigned int protocol, unsigned int type)
{
	for (size_t i = 0; i < TYPE_COUNT; i++)
		if (types[i].protocol == protocol && types[i].type == type)
			return types[i].name;
	return NULL;
}

const char *icmp_type_known(unsigned int protocol, size_t index)
{
	for (size_t i = 0; i < TYPE_COUNT; i++)
		if (types[i].protocol == protocol && !index--)
			return types[i].name;
	return NULL;
}

static bool is_of(const struct icmp_name *code, unsigned int protocol, unsigned int type)
{
	return code->protocol == protocol && code->type == type;
}

int icmp_code_number(unsigned int protocol, unsigned int type, const char *name)
{
	for (size_t i = 0; i < CODE_COUNT; i++)
		if (is_of(&codes[i], protocol, type) && !strcmp(codes[i].name, name))
			return codes[i].code;
	return -ENOENT;
}

const char *icmp_code_name(unsigned int protocol, unsigned int type, unsigned int code)
{
	for (size_t i = 0; i < CODE_COUNT; i++)
		if (is_of(&codes[i], protocol, type) && codes[i].code == code)
			return codes[i].name;
	return NULL;
}

const char *icmp_code_known(unsigned int protocol, unsigned int type, size_t index)
{
	for (size_t i = 0; i < CODE_COUNT; i++)
		if (is_of(&codes[i], protocol, type) && !index--)
			return codes[i].name;
	return NULL;
}

size_t icmpv6_discovery_size(int type)
{
	static const uint8_t sizes[] = { 8, 16, 24, 24, 40 };

	return type < 133 || type > 137 ? 0 : sizes[type - 133];
}
