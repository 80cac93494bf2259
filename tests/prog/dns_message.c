// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "dns_message.h"

static void put16(uint8_t *to, uint16_t value)
{
	to[0] = value >> 8;
	to[1] = value;
}

static void put32(uint8_t *to, uint32_t value)
{
	put16(to, value >> 16);
	put16(to + 2, value);
}

static void count_up(struct dns_message *message, size_t counter)
{
	uint8_t *at = message->data + 4 + counter * 2;

	put16(at, (at[0] << 8 | at[1]) + 1);
}

void dns_begin(struct dns_message *message, uint16_t id, uint16_t flags)
{
	memset(message, 0, sizeof(*message));
	put16(message->data, id);
	put16(message->data + 2, flags);
	message->size = 12;
}

size_t dns_name(uint8_t *to, const char *name)
{
	size_t size = 0;

	while (*name) {
		size_t label = strcspn(name, ".");

		to[size++] = label;
		memcpy(to + size, name, label);
		size += label;
		name += label + (name[label] == '.');
	}
	to[size++] = 0;
	return size;
}

size_t dns_ask(struct dns_message *message, const char *name, uint16_t type)
{
	size_t at = message->size;

	message->size += dns_name(message->data + at, name);
	put16(message->data + message->size, type);
	put16(message->data + message->size + 2, 1);
	message->size += 4;
	count_up(message, 0);
	return at;
}

static size_t finish_record(struct dns_message *message, uint16_t type, uint32_t ttl,
			    const void *data, uint16_t size)
{
	uint8_t *to = message->data + message->size;

	put16(to, type);
	put16(to + 2, 1);
	put32(to + 4, ttl);
	put16(to + 8, size);
	if (size)
		memcpy(to + 10, data, size);
	message->size += 10 + size;
	count_up(message, 1);
	return message->size - size;
}

size_t dns_answer_at(struct dns_message *message, size_t at, uint16_t type, uint32_t ttl,
		     const void *data, uint16_t size)
{
	put16(message->data + message->size, 0xc000 | at);
	message->size += 2;
	return finish_record(message, type, ttl, data, size);
}

size_t dns_answer(struct dns_message *message, const char *name, uint16_t type, uint32_t ttl,
		  const void *data, uint16_t size)
{
	message->size += dns_name(message->data + message->size, name);
	return finish_record(message, type, ttl, data, size);
}

size_t dns_alias_at(struct dns_message *message, size_t at, uint32_t ttl, const char *target)
{
	uint8_t name[256];

	return dns_answer_at(message, at, DNS_TYPE_CNAME, ttl, name, dns_name(name, target));
}

void dns_edns(struct dns_message *message, uint16_t size)
{
	uint8_t *to = message->data + message->size;

	memset(to, 0, 11);
	put16(to + 1, DNS_TYPE_OPT);
	put16(to + 3, size);
	message->size += 11;
	count_up(message, 3);
}

/* --- packets --- */

struct dns_path dns_path(bool ipv6)
{
	static const uint8_t prefix4[4] = { 198, 51, 100 }, prefix6[4] = { 0x20, 0x01, 0x0d, 0xb8 };
	struct dns_path path = { .ipv6 = ipv6, .local_port = 4000, .remote_port = 53 };

	memcpy(path.local, ipv6 ? prefix6 : prefix4, 4);
	memcpy(path.remote, ipv6 ? prefix6 : prefix4, 4);
	path.local[ipv6 ? 15 : 3] = 2;
	path.remote[ipv6 ? 15 : 3] = ipv6 ? 0x53 : 53;
	return path;
}

static size_t put_ip(const struct dns_path *path, bool to, size_t size, uint8_t *ip)
{
	size_t address = path->ipv6 ? 16 : 4, at = path->ipv6 ? 8 : 12;

	memcpy(ip + at, to ? path->remote : path->local, address);
	memcpy(ip + at + address, to ? path->local : path->remote, address);
	if (path->ipv6) {
		ip[0] = 0x60;
		put16(ip + 4, size);
		ip[6] = path->tcp ? 6 : 17;
		ip[7] = 64;
		return 40;
	}
	ip[0] = 0x45;
	put16(ip + 2, 20 + size);
	ip[8] = 64;
	ip[9] = path->tcp ? 6 : 17;
	return 20;
}

size_t dns_frame(const struct dns_path *path, bool to, const void *payload, size_t size,
		 uint8_t frame[DNS_FRAME_MAX])
{
	size_t header = path->tcp ? 20 : 8;
	uint8_t *l4;

	memset(frame, 0, DNS_FRAME_MAX);
	frame[0] = frame[6] = 2;
	frame[5] = 1;
	put16(frame + 12, path->ipv6 ? 0x86dd : 0x0800);
	l4 = frame + 14 + put_ip(path, to, header + size, frame + 14);
	put16(l4, to ? path->remote_port : path->local_port);
	put16(l4 + 2, to ? path->local_port : path->remote_port);
	if (path->tcp) {
		put32(l4 + 4, path->sequence);
		put32(l4 + 8, path->acknowledgement);
		l4[12] = 5 << 4;
		l4[13] = path->tcp_flags;
	} else {
		put16(l4 + 4, header + size);
	}
	if (size)
		memcpy(l4 + header, payload, size);
	return l4 + header + size - frame;
}
