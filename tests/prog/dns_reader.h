/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a DNS answer says, read twice: by code of our own, as plain as it can be, and by ldns. Both
 * follow docs/names.md: the records of the answer section in their order, as far as the chain of
 * CNAMEs reaches them, up to the first that cannot be read.
 */
#ifndef DNS_READER_H
#define DNS_READER_H

#include <stddef.h>
#include <stdint.h>

struct dns_found {
	uint8_t size; /* 4 or 16 */
	uint8_t address[16];
	uint32_t ttl;
};

#define DNS_FOUND_MAX 64

/* The addresses that this answer to the question of a name (as dns_name() writes it) and a type
 * says. */
size_t dns_read(const uint8_t *message, size_t size, const uint8_t *asked, uint16_t type,
		struct dns_found found[DNS_FOUND_MAX]);
size_t dns_read_by_ldns(const uint8_t *message, size_t size, const uint8_t *asked, uint16_t type,
			struct dns_found found[DNS_FOUND_MAX]);

#endif
