// SPDX-License-Identifier: GPL-2.0-only
#include <ldns/ldns.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "dns_reader.h"

#define RECORDS_MAX 64
#define HEADER 12
#define RECORD 10 /* type, class, TTL, size */
#define NAME_MAX_BYTES 255

enum { A = 1, CNAME = 5, AAAA = 28, ANY = 255, IN = 1 };

static unsigned int get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

/* A TTL with its highest bit is 0. */
static uint32_t least(uint32_t ttl, uint32_t other)
{
	other = other >> 31 ? 0 : other;
	return other < ttl ? other : ttl;
}

static bool begins_answer(const uint8_t *message, size_t size)
{
	return size >= HEADER && (get16(message + 2) & 0xf800) == 0x8000 &&
	       !(get16(message + 2) & 15) && get16(message + 4) == 1;
}

static bool wants(uint16_t asked, unsigned int type, unsigned int size)
{
	return (asked == type || asked == ANY) &&
	       ((type == A && size == 4) || (type == AAAA && size == 16));
}

static void keep(struct dns_found *found, const uint8_t *data, unsigned int size, uint32_t ttl)
{
	memset(found, 0, sizeof(*found));
	found->size = size;
	found->ttl = ttl;
	memcpy(found->address, data, size);
}

/* --- by code of our own --- */

/* Reads a name, without compression and in lower case. Returns what stands behind it; 0: it is
 * none. */
static size_t read_name(const uint8_t *message, size_t size, size_t at, uint8_t name[256])
{
	size_t used = 0, after = 0, limit = at;

	for (;;) {
		if (at >= size)
			return 0;
		if (message[at] >= 0xc0) {
			if (at + 1 >= size)
				return 0;
			after = after ? after : at + 2;
			at = get16(message + at) & 0x3fff;
			if (at >= limit || at < HEADER)
				return 0;
			limit = at;
			continue;
		}
		if (message[at] > 63 || at + 1 + message[at] > size ||
		    used + 1 + message[at] > NAME_MAX_BYTES)
			return 0;
		name[used++] = message[at];
		if (!message[at])
			return after ? after : at + 1;
		for (int i = 1; i <= message[at]; i++) {
			uint8_t byte = message[at + i];

			name[used++] = byte >= 'A' && byte <= 'Z' ? byte + 32 : byte;
		}
		at += 1 + message[at];
	}
}

static size_t name_size(const uint8_t *name)
{
	size_t at = 0;

	while (name[at])
		at += 1 + name[at];
	return at + 1;
}

static bool is_same(const uint8_t *a, const uint8_t *b)
{
	return name_size(a) == name_size(b) && !memcmp(a, b, name_size(a));
}

size_t dns_read(const uint8_t *message, size_t size, const uint8_t *asked, uint16_t type,
		struct dns_found found[DNS_FOUND_MAX])
{
	uint8_t chain[256], owner[256], target[256];
	size_t at, count = 0;
	uint32_t ttl = -1;

	if (!begins_answer(message, size))
		return 0;
	at = read_name(message, size, HEADER, chain);
	if (!at || at + 4 > size || !is_same(chain, asked) || get16(message + at) != type ||
	    get16(message + at + 2) != IN)
		return 0;
	at += 4;
	for (unsigned int i = 0; i < get16(message + 6) && i < RECORDS_MAX; i++) {
		const uint8_t *record;
		size_t data;

		data = read_name(message, size, at, owner);
		record = message + data;
		data += RECORD;
		if (data == RECORD || data > size || data + get16(record + 8) > size)
			return count;
		at = data + get16(record + 8);
		if (get16(record + 2) != IN || !is_same(owner, chain))
			continue;
		if (get16(record) == CNAME) {
			if (read_name(message, size, data, target) != at)
				return count;
			memcpy(chain, target, sizeof(chain));
			ttl = least(ttl, get32(record + 4));
		} else if (wants(type, get16(record), get16(record + 8))) {
			keep(&found[count++], message + data, get16(record + 8),
			     least(ttl, get32(record + 4)));
		}
	}
	return count;
}

/* --- by ldns --- */

/* ldns follows pointers wherever they lead; here they lead backward alone. */
static bool leads_backward(const uint8_t *message, size_t size, size_t at)
{
	size_t limit = at;

	while (at < size && message[at]) {
		if (message[at] < 0xc0) {
			at += 1 + message[at];
			continue;
		}
		if (at + 1 >= size)
			return true; /* it will say so */
		at = get16(message + at) & 0x3fff;
		if (at >= limit || at < HEADER)
			return false;
		limit = at;
	}
	return true;
}

static ldns_rdf *take_name(const uint8_t *message, size_t size, size_t *at)
{
	ldns_rdf *name = NULL;

	if (!leads_backward(message, size, *at) || ldns_wire2dname(&name, message, size, at))
		return NULL;
	return name;
}

/* ldns also takes a name that goes on behind its record. */
static bool is_one_name(const uint8_t *message, size_t size, size_t at, size_t record_size)
{
	size_t end = at + record_size;
	ldns_rdf *name = take_name(message, size, &at);
	bool is = name && at == end;

	ldns_rdf_deep_free(name);
	return is;
}

/* Is this the name? ldns compares without case, label by label. */
static bool is_name(const ldns_rdf *name, const uint8_t *wire)
{
	ldns_rdf *other = ldns_dname_new_frm_data(name_size(wire), wire);
	bool is = !ldns_dname_compare(name, other);

	ldns_rdf_deep_free(other);
	return is;
}

/* One record of the chain. False: it cannot be read. */
static bool follow_record(const uint8_t *message, size_t size, size_t at, ldns_rdf **chain,
			  uint32_t *ttl, uint16_t type, struct dns_found *found, size_t *count)
{
	ldns_rr *rr = NULL;
	ldns_status status = ldns_wire2rr(&rr, message, size, &at, LDNS_SECTION_ANSWER);
	uint32_t least_ttl;
	bool is_alias;

	if (status || !rr)
		return false;
	least_ttl = least(*ttl, ldns_rr_ttl(rr));
	is_alias = ldns_rr_get_type(rr) == LDNS_RR_TYPE_CNAME;
	if (is_alias) {
		*ttl = least_ttl;
		ldns_rdf_deep_free(*chain);
		*chain = ldns_rdf_clone(ldns_rr_rdf(rr, 0));
	} else if (ldns_rr_rd_count(rr) == 1 &&
		   wants(type, ldns_rr_get_type(rr), ldns_rdf_size(ldns_rr_rdf(rr, 0)))) {
		keep(&found[(*count)++], ldns_rdf_data(ldns_rr_rdf(rr, 0)),
		     ldns_rdf_size(ldns_rr_rdf(rr, 0)), least_ttl);
	}
	ldns_rr_free(rr);
	return true;
}

/* ldns takes addresses with something behind them, too. */
static bool is_of_interest(const uint8_t *record, uint16_t asked)
{
	return get16(record + 2) == IN &&
	       (get16(record) == CNAME || wants(asked, get16(record), get16(record + 8)));
}

/* The records from @at on. */
static size_t read_records(const uint8_t *message, size_t size, size_t at, ldns_rdf **chain,
			   uint16_t type, struct dns_found *found)
{
	uint32_t ttl = -1;
	size_t count = 0;

	for (unsigned int i = 0; i < get16(message + 6) && i < RECORDS_MAX; i++) {
		size_t start = at;
		ldns_rdf *owner = take_name(message, size, &at);
		const uint8_t *record = message + at;
		bool same = owner && !ldns_dname_compare(owner, *chain), good = true;

		ldns_rdf_deep_free(owner);
		at += RECORD;
		if (!owner || at > size || at + get16(record + 8) > size)
			return count;
		if (same && is_of_interest(record, type)) {
			bool alias = get16(record) == CNAME;

			good = (!alias || is_one_name(message, size, at, get16(record + 8))) &&
			       follow_record(message, size, start, chain, &ttl, type, found,
					     &count);
			if (!good && alias)
				return count;
		}
		at += get16(record + 8);
	}
	return count;
}

size_t dns_read_by_ldns(const uint8_t *message, size_t size, const uint8_t *asked, uint16_t type,
			struct dns_found found[DNS_FOUND_MAX])
{
	size_t at = HEADER, count = 0;
	ldns_rdf *name;

	if (!begins_answer(message, size))
		return 0;
	name = take_name(message, size, &at);
	if (name && at + 4 <= size && is_name(name, asked) && get16(message + at) == type &&
	    get16(message + at + 2) == IN)
		count = read_records(message, size, at + 4, &name, type, found);
	ldns_rdf_deep_free(name);
	return count;
}
