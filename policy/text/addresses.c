/* SPDX-License-Identifier: GPL-2.0-only */
#include "addresses.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Reads a number without a leading zero at *text, and moves *text behind it. -1: there is none,
 * or it is larger than @max. */
static int take_number(const char **text, const char *end, int max)
{
	const char *begin = *text;
	int number = 0;

	while (*text < end && **text >= '0' && **text <= '9' && number <= max)
		number = number * 10 + *(*text)++ - '0';
	if (*text == begin || number > max || (*begin == '0' && *text - begin > 1))
		return -1;
	return number;
}

static bool take_sign(const char **text, const char *end, char sign)
{
	return *text < end && *(*text)++ == sign;
}

/* The common case, millions of times in a file. False: it is an IPv6 address, or it has an
 * error. */
static bool read_plain_ipv4(const struct word *word, struct prefix *prefix)
{
	const char *text = word->text, *end = text + word->length;
	struct prefix new = { .family = PCTL_IPV4, .length = 32 };
	int number;

	for (unsigned int i = 0; i < 4; i++) {
		if (i && !take_sign(&text, end, '.'))
			return false;
		number = take_number(&text, end, 255);
		if (number < 0)
			return false;
		new.high |= (uint64_t)number << (56 - 8 * i);
	}
	if (text < end) {
		number = take_sign(&text, end, '/') ? take_number(&text, end, 32) : -1;
		if (number < 0 || text < end)
			return false;
		new.length = (uint8_t)number;
	}
	if (!prefix_is_aligned(&new))
		return false;
	*prefix = new;
	return true;
}

static int not_an_address(struct source *source, const struct word *word)
{
	const char *hyphen = memchr(word->text, '-', word->length);
	struct word first = { word->text, hyphen ? (size_t)(hyphen - word->text) : 0, { 0 } };

	if (hyphen && address_is_meant(&first))
		return source_error(source, word,
				    "'%.*s' is not an address: there are no ranges of addresses, "
				    "write blocks like 192.0.2.0/24",
				    WORD_ARGS(word));
	return source_error(source, word,
			    "'%.*s' is not an address: write 192.0.2.1, 192.0.2.0/24 or "
			    "2001:db8::/32, numbers without leading zeros",
			    WORD_ARGS(word));
}

/* The address without its length. */
static int read_address(struct source *source, const struct word *word, size_t length,
			struct prefix *prefix)
{
	char text[INET6_ADDRSTRLEN];
	uint64_t halves[2];
	uint32_t ipv4;

	if (length >= sizeof(text) || memchr(word->text, '\0', length))
		return not_an_address(source, word);
	memcpy(text, word->text, length);
	text[length] = '\0';
	if (inet_pton(AF_INET, text, &ipv4) == 1)
		*prefix = (struct prefix){ .high = (uint64_t)ntohl(ipv4) << 32,
					   .family = PCTL_IPV4,
					   .length = 32 };
	else if (inet_pton(AF_INET6, text, halves) == 1)
		*prefix = (struct prefix){ .high = be64toh(halves[0]),
					   .low = be64toh(halves[1]),
					   .family = PCTL_IPV6,
					   .length = 128 };
	else
		return not_an_address(source, word);
	return 0;
}

struct prefix address_from_words(enum pctl_family family, const uint32_t words[4])
{
	const bool ipv6 = family == PCTL_IPV6;

	return (struct prefix){
		.high = (uint64_t)ntohl(words[0]) << 32 | (ipv6 ? ntohl(words[1]) : 0),
		.low = ipv6 ? (uint64_t)ntohl(words[2]) << 32 | ntohl(words[3]) : 0,
		.family = (uint8_t)family,
		.length = (uint8_t)family_bits(family),
	};
}

bool address_is_meant(const struct word *word)
{
	const char *slash = memchr(word->text, '/', word->length);
	struct word address = *word;
	char text[INET6_ADDRSTRLEN];
	uint64_t halves[2];

	if (slash)
		address.length = (size_t)(slash - word->text);
	return word_copy(&address, text, sizeof(text)) &&
	       (inet_pton(AF_INET, text, halves) == 1 || inet_pton(AF_INET6, text, halves) == 1);
}

/* The prefix length behind the slash. */
static int read_length(struct source *source, const struct word *word, size_t slash,
		       struct prefix *prefix)
{
	const char *text = word->text + slash + 1, *end = word->text + word->length;
	int max = (int)family_bits(prefix->family);
	int number = take_number(&text, end, max);

	if (number < 0 || text < end)
		return source_error(source, word,
				    "'%.*s': behind the '/' stands the length of the prefix, a "
				    "number from 0 to %d",
				    WORD_ARGS(word), max);
	prefix->length = (uint8_t)number;
	return 0;
}

/* Packets never carry IPv4-mapped addresses; only sockets of programs have them. The IPv4
 * address is meant. */
static int refuse_mapped(struct source *source, const struct word *word,
			 const struct prefix *prefix)
{
	struct prefix inside = { .high = prefix->low << 32, .family = PCTL_IPV4 };
	char text[ADDRESS_TEXT];

	if (prefix->family != PCTL_IPV6 || prefix->length < 96 || prefix->high ||
	    prefix->low >> 32 != 0xffff)
		return 0;
	inside.length = (uint8_t)(prefix->length - 96);
	address_print(&inside, text);
	return source_error(source, word, "'%.*s' is an IPv4 address in the form of IPv6: write %s",
			    WORD_ARGS(word), text);
}

static int refuse_unaligned(struct source *source, const struct word *word, struct prefix prefix)
{
	char block[ADDRESS_TEXT], address[ADDRESS_TEXT];
	struct prefix single = prefix;

	if (prefix_is_aligned(&prefix))
		return 0;
	single.length = (uint8_t)family_bits(prefix.family);
	prefix_align(&prefix);
	address_print(&single, address);
	address_print(&prefix, block);
	return source_error(source, word,
			    "'%.*s' has bits behind its length: write %s for the block, %s for the "
			    "address",
			    WORD_ARGS(word), block, address);
}

int address_read(struct source *source, const struct word *word, struct prefix *prefix)
{
	const char *slash = memchr(word->text, '/', word->length);
	size_t length = slash ? (size_t)(slash - word->text) : word->length;
	struct prefix new;
	int error;

	if (read_plain_ipv4(word, prefix))
		return 0;
	error = read_address(source, word, length, &new);
	if (!error && slash)
		error = read_length(source, word, length, &new);
	if (!error)
		error = refuse_mapped(source, word, &new);
	if (!error)
		error = refuse_unaligned(source, word, new);
	if (!error)
		*prefix = new;
	return error;
}

void address_print(const struct prefix *prefix, char text[ADDRESS_TEXT])
{
	uint64_t halves[2] = { htobe64(prefix->high), htobe64(prefix->low) };
	size_t length;

	/* Neither fails: the buffer is large enough. */
	inet_ntop(prefix->family == PCTL_IPV4 ? AF_INET : AF_INET6, halves, text, ADDRESS_TEXT);
	length = strlen(text);
	if (prefix->length < family_bits(prefix->family))
		snprintf(text + length, ADDRESS_TEXT - length, "/%u", prefix->length);
}
