/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes DNS messages (RFC 1035) and the packets that carry them. */
#ifndef DNS_MESSAGE_H
#define DNS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DNS_TYPE_A = 1,
	DNS_TYPE_CNAME = 5,
	DNS_TYPE_TXT = 16,
	DNS_TYPE_AAAA = 28,
	DNS_TYPE_OPT = 41
};

#define DNS_SIZE_MAX 4096
#define DNS_FRAME_MAX (DNS_SIZE_MAX + 128)

struct dns_message {
	uint8_t data[DNS_SIZE_MAX];
	size_t size;
};

/* @flags: of the header, in host order; 0x8180 is an answer, 0x0100 a question. */
void dns_begin(struct dns_message *message, uint16_t id, uint16_t flags);
/* Appends a question for a name as text; counts it. Returns where the name stands. */
size_t dns_ask(struct dns_message *message, const char *name, uint16_t type);
/* Appends a record for the answer section, whose name is a pointer to @at. Returns where its data
 * stand. */
size_t dns_answer_at(struct dns_message *message, size_t at, uint16_t type, uint32_t ttl,
		     const void *data, uint16_t size);
/* The same with the name as text. */
size_t dns_answer(struct dns_message *message, const char *name, uint16_t type, uint32_t ttl,
		  const void *data, uint16_t size);
/* A CNAME: its data are a name. */
size_t dns_alias_at(struct dns_message *message, size_t at, uint32_t ttl, const char *target);
/* A record of EDNS, for the additional section. */
void dns_edns(struct dns_message *message, uint16_t size);

/* Writes a name as it stands in messages, without compression. Returns its size. */
size_t dns_name(uint8_t *to, const char *name);

/* Between a container and a resolver. */
struct dns_path {
	bool ipv6, tcp;
	uint8_t local[16], remote[16]; /* of IPv4 the first 4 */
	uint16_t local_port, remote_port; /* 53 */
	uint8_t tcp_flags;
	uint32_t sequence, acknowledgement;
};

/* The container 198.51.100.2 port 4000 and the resolver 198.51.100.53, or 2001:db8::2 and
 * 2001:db8::53. */
struct dns_path dns_path(bool ipv6);

/* Writes the frame with this payload, @to the container or from it. Returns its length. */
size_t dns_frame(const struct dns_path *path, bool to, const void *payload, size_t size,
		 uint8_t frame[DNS_FRAME_MAX]);

#endif
