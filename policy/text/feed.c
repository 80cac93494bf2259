/* SPDX-License-Identifier: GPL-2.0-only */
#include "feed.h"

#include <errno.h>
#include <string.h>

#include "addresses.h"

/* Bytes between two reports of progress: rare enough to cost nothing, often enough to be seen
 * moving. */
#define PROGRESS_BYTES (256 << 10)
/* A range of IPv6 addresses may be 254 blocks: a small file must not take all memory. The map of a
 * set could not hold more. */
#define BLOCKS_MAX (1u << 24)

/* Splits ADDRESS-ADDRESS. False: there is no hyphen. */
static bool split(const struct word *word, struct word *first, struct word *last)
{
	const char *hyphen = memchr(word->text, '-', word->length);

	if (!hyphen)
		return false;
	*first = *last = *word;
	first->length = (size_t)(hyphen - word->text);
	last->text = hyphen + 1;
	last->length = word->length - first->length - 1;
	last->place.column += (unsigned int)first->length + 1;
	return true;
}

bool feed_is_entry(const struct word *word)
{
	struct word first, last;

	if (split(word, &first, &last))
		return address_is_meant(&first) || address_is_meant(&last);
	return address_is_meant(word);
}

static int check_room(struct feed *feed, const struct word *word)
{
	if (feed->prefixes.count < BLOCKS_MAX)
		return 0;
	return source_error(&feed->source, word, "more than %u blocks of addresses", BLOCKS_MAX);
}

int feed_add(struct feed *feed, const struct word *word)
{
	struct word first, last;
	struct prefix prefix;
	int error;

	if (split(word, &first, &last) && address_is_meant(&first))
		return feed_add_range(feed, &first, &last);
	error = address_read(&feed->source, word, &prefix);
	if (!error)
		error = check_room(feed, word);
	return error ? error : prefixes_add(&feed->prefixes, &feed->capacity, prefix);
}

static bool is_address(const struct prefix *prefix)
{
	return prefix->length == family_bits(prefix->family);
}

int feed_add_range(struct feed *feed, const struct word *first, const struct word *last)
{
	struct prefix low, high;
	int error = address_read(&feed->source, first, &low);

	if (!error)
		error = address_read(&feed->source, last, &high);
	if (!error && low.family != high.family)
		return source_error(&feed->source, last,
				    "a range from IPv4 to IPv6 has no meaning");
	if (!error && (!is_address(&low) || !is_address(&high)))
		return source_error(&feed->source, first,
				    "a range has an address at each end, 192.0.2.1-192.0.2.9");
	if (!error && prefix_compare(&low, &high) > 0)
		return source_error(&feed->source, first,
				    "the range is empty: its first address is behind its last");
	if (!error)
		error = check_room(feed, first);
	return error ? error : prefixes_add_range(&feed->prefixes, &feed->capacity, low, high);
}

void feed_progress(struct feed *feed, const char *at)
{
	size_t bytes = (size_t)(at - feed->source.text);

	if (!feed->progress || bytes - feed->reported < PROGRESS_BYTES)
		return;
	feed->reported = bytes;
	feed->progress(feed->data, bytes);
}

int feed_too_many_errors(struct feed *feed, const char *at, unsigned int line)
{
	struct word word = { at, 1, { line, 1 } };

	return source_error(&feed->source, &word,
			    "more than %d errors: from here on the file was not read",
			    FEED_ERRORS_MAX);
}
