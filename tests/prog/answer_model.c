// SPDX-License-Identifier: GPL-2.0-only
#include "answer_model.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#define QUOTE 128 /* bytes of the IP packet */

/* Where things are in a frame that may be answered; all in bytes from its start on. */
struct shape {
	const uint8_t *frame;
	size_t length;
	bool ipv6;
	size_t ip; /* the IP header */
	size_t transport;
	size_t end; /* of the IP packet */
	uint8_t protocol; /* of the transport header */
};

static uint16_t get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

/* --- from the frame to its shape --- */

/* False: they have a source route, or cannot be read. */
static bool options_are_harmless(const uint8_t *options, size_t size)
{
	for (size_t at = 0; at < size;) {
		if (options[at] == 0)
			return true;
		if (options[at] == 1) {
			at++;
			continue;
		}
		if (options[at] == 131 || options[at] == 137 || at + 1 == size ||
		    options[at + 1] < 2 || at + options[at + 1] > size)
			return false;
		at += options[at + 1];
	}
	return true;
}

static bool find_ipv4(struct shape *s)
{
	const uint8_t *ip = s->frame + s->ip;
	size_t header;

	if (s->length - s->ip < 20 || ip[0] >> 4 != 4)
		return false;
	header = (ip[0] & 15) * 4;
	s->transport = s->ip + header;
	s->end = s->ip + get16(ip + 2);
	s->protocol = ip[9];
	return header >= 20 && s->end >= s->transport && s->end <= s->length &&
	       !(get16(ip + 6) & 0x1fff) && options_are_harmless(ip + 20, header - 20);
}

/* One extension header; false: nothing of this kind is answered. */
static bool pass_extension(struct shape *s)
{
	const uint8_t *header = s->frame + s->transport;

	if (s->transport + 8 > s->end || s->protocol == IPPROTO_AH)
		return false;
	if (s->protocol == IPPROTO_ROUTING && header[3])
		return false;
	if (s->protocol == IPPROTO_FRAGMENT && get16(header + 2) & 0xfff8)
		return false;
	s->transport += s->protocol == IPPROTO_FRAGMENT ? 8 : 8 + 8 * header[1];
	s->protocol = header[0];
	return true;
}

static bool is_extension(uint8_t protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
	       protocol == IPPROTO_DSTOPTS || protocol == IPPROTO_FRAGMENT ||
	       protocol == IPPROTO_AH;
}

static bool find_ipv6(struct shape *s)
{
	const uint8_t *ip = s->frame + s->ip;

	if (s->length - s->ip < 40 || ip[0] >> 4 != 6)
		return false;
	s->transport = s->ip + 40;
	s->end = s->transport + get16(ip + 4);
	s->protocol = ip[6];
	if (s->end == s->transport && s->protocol == IPPROTO_HOPOPTS) /* a jumbogram */
		s->end = s->length;
	if (s->end > s->length)
		return false;
	for (int i = 0; i < 8 && is_extension(s->protocol); i++)
		if (!pass_extension(s))
			return false;
	return !is_extension(s->protocol) && s->transport <= s->end;
}

static bool find_shape(struct shape *s)
{
	uint16_t ethertype;

	s->ip = 14;
	if (s->length < 14)
		return false;
	for (int tags = 0;; tags++) {
		ethertype = get16(s->frame + s->ip - 2);
		if (ethertype != 0x8100 && ethertype != 0x88a8)
			break;
		s->ip += 4;
		if (tags == 2 || s->length < s->ip)
			return false;
	}
	s->ipv6 = ethertype == 0x86dd;
	if (s->ipv6)
		return find_ipv6(s);
	return ethertype == 0x0800 && find_ipv4(s);
}

/* --- what must not be answered --- */

static bool is_one_station(const uint8_t *mac)
{
	static const uint8_t none[6];

	return !(mac[0] & 1) && memcmp(mac, none, 6);
}

static bool is_one_host(const uint8_t *address, bool ipv6)
{
	static const uint8_t none[16], loopback[16] = { [15] = 1 };

	if (ipv6)
		return address[0] != 255 && memcmp(address, none, 16) &&
		       memcmp(address, loopback, 16);
	return address[0] && address[0] != 127 && address[0] < 224;
}

static bool is_question(const struct shape *s)
{
	uint8_t type = s->frame[s->transport];

	if (s->ipv6 != (s->protocol == IPPROTO_ICMPV6))
		return false;
	if (s->ipv6)
		return type >= 128 && type != 137;
	return type == 0 || type == 8 || (type >= 13 && type <= 18);
}

static bool may_answer(const struct shape *s)
{
	size_t size = s->end - s->transport;

	switch (s->protocol) {
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return size >= 2 && is_question(s);
	case IPPROTO_TCP: {
		const uint8_t *tcp = s->frame + s->transport;

		return size >= 20 && !(tcp[13] & 4) && (tcp[12] >> 4) * 4 >= 20 &&
		       (size_t)(tcp[12] >> 4) * 4 <= size;
	}
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		return size >= 4;
	default:
		return s->protocol != IPPROTO_AH;
	}
}

/* --- the answer --- */

static uint32_t sum_words(const uint8_t *at, size_t size, uint32_t sum)
{
	for (size_t i = 0; i < size; i++)
		sum += i % 2 ? at[i] : at[i] << 8;
	return sum;
}

static uint16_t checksum(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* The IP header for @size bytes of @protocol; returns its length. */
static size_t write_ip(const struct shape *s, uint8_t *ip, uint8_t protocol, size_t size)
{
	const uint8_t *old = s->frame + s->ip;

	if (s->ipv6) {
		ip[0] = 0x60;
		put16(ip + 4, size);
		ip[6] = protocol;
		ip[7] = 64;
		memcpy(ip + 8, old + 24, 16);
		memcpy(ip + 24, old + 8, 16);
		return 40;
	}
	ip[0] = 0x45;
	put16(ip + 2, 20 + size);
	put16(ip + 6, 0x4000);
	ip[8] = 64;
	ip[9] = protocol;
	memcpy(ip + 12, old + 16, 4);
	memcpy(ip + 16, old + 12, 4);
	put16(ip + 10, checksum(sum_words(ip, 20, 0)));
	return 20;
}

static uint32_t pseudo_header(const struct shape *s, const uint8_t *ip, uint8_t protocol,
			      size_t size)
{
	return (s->ipv6 ? sum_words(ip + 8, 32, 0) : sum_words(ip + 12, 8, 0)) + protocol + size;
}

static size_t write_reset(const struct shape *s, uint8_t *ip)
{
	const uint8_t *old = s->frame + s->transport;
	size_t header = write_ip(s, ip, IPPROTO_TCP, 20);
	size_t data = s->end - s->transport - (old[12] >> 4) * 4;
	uint8_t *tcp = ip + header;

	memcpy(tcp, old + 2, 2);
	memcpy(tcp + 2, old, 2);
	tcp[12] = 5 << 4;
	tcp[13] = 4;
	if (old[13] & 16) {
		memcpy(tcp + 4, old + 8, 4);
	} else {
		tcp[13] |= 16;
		put32(tcp + 8, get32(old + 4) + data + !!(old[13] & 1) + !!(old[13] & 2));
	}
	put16(tcp + 16, checksum(sum_words(tcp, 20, pseudo_header(s, ip, IPPROTO_TCP, 20))));
	return header + 20;
}

static size_t write_unreachable(const struct shape *s, uint8_t *ip)
{
	size_t quote = s->end - s->ip < QUOTE ? s->end - s->ip : QUOTE, header;
	uint8_t protocol = s->ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, *icmp;

	header = write_ip(s, ip, protocol, 8 + quote);
	icmp = ip + header;
	icmp[0] = s->ipv6 ? 1 : 3;
	icmp[1] = s->ipv6 ? 4 : 3;
	memcpy(icmp + 8, s->frame + s->ip, quote);
	put16(icmp + 2,
	      checksum(sum_words(icmp, 8 + quote,
				 s->ipv6 ? pseudo_header(s, ip, protocol, 8 + quote) : 0)));
	return header + 8 + quote;
}

size_t answer_model(const uint8_t *frame, size_t length, uint8_t answer[ANSWER_MAX])
{
	struct shape s = { .frame = frame, .length = length };
	size_t size = 0;

	memset(answer, 0, ANSWER_MAX);
	if (!find_shape(&s) || !may_answer(&s) || !is_one_station(frame) ||
	    !is_one_station(frame + 6))
		return 0;
	if (!is_one_host(frame + s.ip + (s.ipv6 ? 8 : 12), s.ipv6) ||
	    !is_one_host(frame + s.ip + (s.ipv6 ? 24 : 16), s.ipv6))
		return 0;
	memcpy(answer, frame + 6, 6);
	memcpy(answer + 6, frame, 6);
	memcpy(answer + 12, frame + 12, s.ip - 12);
	if (s.protocol == IPPROTO_TCP)
		size = write_reset(&s, answer + s.ip);
	else
		size = write_unreachable(&s, answer + s.ip);
	return s.ip + size;
}
