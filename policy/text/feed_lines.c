/* SPDX-License-Identifier: GPL-2.0-only */
#include "feed_lines.h"

#include <errno.h>
#include <string.h>

/* What is left of a line. */
struct line {
	const char *begin, *at, *end;
	unsigned int number;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_separator(char c)
{
	return c == ',' || c == ';' || c == '|';
}

static void skip_blanks(struct line *line)
{
	while (line->at < line->end && is_blank(*line->at))
		line->at++;
}

/* From here to the end there is a comment, or nothing. */
static bool at_comment(const struct line *line)
{
	if (line->at == line->end || *line->at == '#')
		return true;
	return *line->at == ';' && (line->at == line->begin || is_blank(line->at[-1]));
}

static struct word word_at(const struct line *line, const char *begin, const char *end)
{
	return (struct word){ begin,
			      (size_t)(end - begin),
			      { line->number, (unsigned int)(begin - line->begin) + 1 } };
}

/* Takes a quoted field, which may have separators in it. False: it has no second quote. */
static bool take_quoted(struct line *line, struct word *field)
{
	const char *begin = line->at + 1, *quote = begin;

	quote = memchr(begin, '"', (size_t)(line->end - begin));
	if (!quote)
		return false;
	*field = word_at(line, begin, quote);
	line->at = quote + 1;
	return true;
}

/* Takes the field that begins here: up to a blank, a separator or a comment. */
static struct word take_field(struct line *line)
{
	const char *begin = line->at;
	struct word field;

	if (line->at < line->end && *line->at == '"' && take_quoted(line, &field))
		return field;
	while (line->at < line->end && !is_blank(*line->at) && !is_separator(*line->at) &&
	       *line->at != '#')
		line->at++;
	return word_at(line, begin, line->at);
}

/* A NUL byte is an error in a comment too, as in policies. */
static int refuse_nul(struct feed *feed, const struct line *line)
{
	const char *nul = memchr(line->begin, '\0', (size_t)(line->end - line->begin));
	struct word word;

	if (!nul)
		return 0;
	word = word_at(line, nul, nul + 1);
	return source_error(&feed->source, &word, "a NUL byte: this is not a text");
}

/* The columns behind the first: they are not read, so none may be an address. */
static int check_columns(struct feed *feed, struct line *line)
{
	struct word field;

	skip_blanks(line);
	while (!at_comment(line)) {
		if (is_separator(*line->at))
			line->at++;
		skip_blanks(line);
		field = take_field(line);
		if (feed_is_entry(&field))
			return source_error(
				&feed->source, &field,
				"a second address in the line: write one address, block "
				"or range (192.0.2.1-192.0.2.9) a line");
		skip_blanks(line);
	}
	return 0;
}

/* `ADDRESS - ADDRESS`, from the hyphen on. */
static int read_range(struct feed *feed, struct line *line, const struct word *first)
{
	struct word last;

	line->at++;
	skip_blanks(line);
	last = take_field(line);
	return feed_add_range(feed, first, &last);
}

static int read_line(struct feed *feed, struct line *line)
{
	struct word field = take_field(line);
	int error;

	skip_blanks(line);
	if (line->at < line->end && *line->at == '-')
		error = read_range(feed, line, &field);
	else
		error = feed_add(feed, &field);
	return error || line->at == line->end ? error : check_columns(feed, line);
}

/* The names of the columns, `network,country`. */
static bool is_header(struct line line)
{
	struct word field = take_field(&line);
	char c = *field.text;

	if (!field.length || !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
		return false;
	for (size_t i = 0; i < field.length; i++)
		if (strchr(".:/", field.text[i]))
			return false;
	skip_blanks(&line);
	return line.at < line.end && *line.at == ',';
}

int feed_read_lines(struct feed *feed)
{
	const char *end = feed->source.text + feed->source.length;
	struct line line = { .begin = feed->source.text, .number = 1 };
	bool first = true;
	int error;

	for (; line.begin < end; line.begin = line.end + 1, line.number++) {
		line.at = line.begin;
		line.end = memchr(line.begin, '\n', (size_t)(end - line.begin));
		if (!line.end)
			line.end = end;
		if (feed->source.errors == FEED_ERRORS_MAX)
			return feed_too_many_errors(feed, line.begin, line.number);
		error = refuse_nul(feed, &line);
		skip_blanks(&line);
		if (!error && !at_comment(&line)) {
			if (!first || !is_header(line))
				error = read_line(feed, &line);
			first = false;
		}
		if (error && error != -EINVAL)
			return error;
		feed_progress(feed, line.end);
	}
	return feed->source.errors ? -EINVAL : 0;
}
