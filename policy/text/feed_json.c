/* SPDX-License-Identifier: GPL-2.0-only */
#include "feed_json.h"

#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "diagnostics.h"

#define DEPTH_MAX 64
/* The longest address, a prefix length, and as much again for a range. */
#define ENTRY_MAX 100

struct reader {
	struct feed *feed;
	const char *at, *end, *line_start;
	unsigned int line, depth;
	size_t others; /* values that are strings and no addresses */
};

static int read_value(struct reader *reader);

static struct word word_at(const struct reader *reader, const char *begin, size_t length)
{
	return (struct word){ begin,
			      length,
			      { reader->line, (unsigned int)(begin - reader->line_start) + 1 } };
}

/* What is expected here is not there: the rest cannot be read. */
static int expected(struct reader *reader, const char *wanted)
{
	struct word word = word_at(reader, reader->at, reader->at < reader->end);

	if (reader->at == reader->end)
		return source_error(&reader->feed->source, &word,
				    "the JSON text ends where %s should follow: it is cut off",
				    wanted);
	return source_error(&reader->feed->source, &word, "not JSON: expected %s", wanted);
}

static void skip_blanks(struct reader *reader)
{
	for (; reader->at < reader->end && strchr(" \t\r\n", *reader->at) && *reader->at;
	     reader->at++) {
		if (*reader->at != '\n')
			continue;
		reader->line++;
		reader->line_start = reader->at + 1;
	}
}

static bool take(struct reader *reader, char c)
{
	skip_blanks(reader);
	if (reader->at == reader->end || *reader->at != c)
		return false;
	reader->at++;
	return true;
}

/* --- strings --- */

/* Without the backslashes of `10.0.0.0\/8`, as some writers have them; other escapes are in no
 * address. False: it is too long for one. */
static bool unescape(const struct word *string, char text[ENTRY_MAX], size_t *length)
{
	*length = 0;
	for (size_t i = 0; i < string->length; i++) {
		if (string->text[i] == '\\' && i + 1 < string->length && string->text[i + 1] == '/')
			continue;
		if (*length == ENTRY_MAX)
			return false;
		text[(*length)++] = string->text[i];
	}
	return true;
}

/* The text of an entry is a copy: what is reported of it is told of the string itself. */
static int add_copy(struct feed *feed, const struct word *string, const struct word *copy)
{
	_cleanup_(diagnostics_clear) struct diagnostics found = { 0 };
	struct source source = feed->source;
	int error;

	feed->source = (struct source){ source.name, copy->text, copy->length, &found, 0 };
	error = feed_add(feed, copy);
	feed->source = source;
	if (error != -EINVAL)
		return error;
	return source_error(&feed->source, string, "%s", found.items[0].message);
}

static int add_string(struct reader *reader, const struct word *string)
{
	struct feed *feed = reader->feed;
	struct word copy = *string;
	char text[ENTRY_MAX];
	int error;

	if (!memchr(string->text, '\\', string->length)) {
		if (feed_is_entry(string))
			return feed_add(feed, string);
	} else if (unescape(string, text, &copy.length)) {
		copy.text = text;
		if (feed_is_entry(&copy)) {
			error = add_copy(feed, string, &copy);
			return error;
		}
	}
	reader->others++;
	return 0;
}

/* From its quote on. RFC 8259 section 7: no control characters. */
static int read_string(struct reader *reader)
{
	const char *begin = reader->at + 1, *text = begin;
	struct word string;
	int error;

	while (text < reader->end && *text != '"' && (unsigned char)*text >= ' ')
		text += *text == '\\' && text + 1 < reader->end ? 2 : 1;
	if (text >= reader->end || *text != '"') {
		reader->at = text < reader->end ? text : reader->end;
		return expected(reader, "a quote that ends the string");
	}
	string = word_at(reader, begin, (size_t)(text - begin));
	reader->at = text + 1;
	error = add_string(reader, &string);
	if (error == -EINVAL && reader->feed->source.errors < FEED_ERRORS_MAX)
		return 0; /* the rest is read all the same */
	if (error == -EINVAL)
		return feed_too_many_errors(reader->feed, reader->line_start, reader->line);
	return error;
}

/* --- all else --- */

static bool take_word(struct reader *reader, const char *word)
{
	size_t length = strlen(word);

	if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
		return false;
	reader->at += length;
	return true;
}

/* A number, by its characters: it is not looked at. */
static int read_other(struct reader *reader)
{
	const char *begin = reader->at;

	if (take_word(reader, "true") || take_word(reader, "false") || take_word(reader, "null"))
		return 0;
	while (reader->at < reader->end && *reader->at && strchr("+-.0123456789Ee", *reader->at))
		reader->at++;
	return reader->at == begin ? expected(reader, "a value") : 0;
}

/* A name is read as any string: lists of addresses may be names. It does not count as a value. */
static int read_name(struct reader *reader)
{
	size_t others = reader->others;
	int error;

	skip_blanks(reader);
	if (reader->at == reader->end || *reader->at != '"')
		return expected(reader, "a name in quotes");
	error = read_string(reader);
	reader->others = others;
	if (!error && !take(reader, ':'))
		error = expected(reader, "':'");
	return error;
}

/* An object or an array, behind its first sign. */
static int read_items(struct reader *reader, bool is_object, char close)
{
	int error = 0;

	if (take(reader, close))
		return 0;
	do {
		error = is_object ? read_name(reader) : 0;
		if (!error)
			error = read_value(reader);
		if (error)
			return error;
	} while (take(reader, ','));
	if (!take(reader, close))
		return expected(reader, is_object ? "',' or '}'" : "',' or ']'");
	return 0;
}

static int read_value(struct reader *reader)
{
	bool is_object;
	int error;

	skip_blanks(reader);
	feed_progress(reader->feed, reader->at);
	if (reader->at == reader->end)
		return expected(reader, "a value");
	if (*reader->at == '"')
		return read_string(reader);
	if (*reader->at != '{' && *reader->at != '[')
		return read_other(reader);
	if (reader->depth == DEPTH_MAX)
		return expected(reader, "no more than 64 levels");
	is_object = *reader->at++ == '{';
	reader->depth++;
	error = read_items(reader, is_object, is_object ? '}' : ']');
	reader->depth--;
	return error;
}

int feed_read_json(struct feed *feed)
{
	struct source *source = &feed->source;
	struct reader reader = {
		.feed = feed,
		.at = source->text,
		.end = source->text + source->length,
		.line_start = source->text,
		.line = 1,
	};
	struct word start = { source->text, source->length > 0, { 1, 1 } };
	int error = 0;

	for (skip_blanks(&reader); !error && reader.at < reader.end; skip_blanks(&reader))
		error = read_value(&reader);
	if (error)
		return error;
	if (!feed->prefixes.count && reader.others && !source->errors)
		return source_error(source, &start, "no address is in this JSON text");
	return source->errors ? -EINVAL : 0;
}
