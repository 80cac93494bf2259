/* SPDX-License-Identifier: GPL-2.0-only */
#include "prefixes_parse.h"

#include <errno.h>
#include <string.h>

#include "addresses.h"
#include "cleanup.h"
#include "diagnostics.h"

#define MAX_ERRORS 20
/* Bytes between two reports of progress: rare enough to cost nothing, often enough to be seen
 * moving. */
#define PROGRESS_BYTES (256 << 10)

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The address in a line, and the rest of the line without the comment. False: there is no
 * address. */
static bool find_word(const char *line, const char *end, unsigned int number, struct word *word,
		      struct word *rest)
{
	const char *text = line, *begin;

	while (text < end && is_blank(*text))
		text++;
	begin = text;
	while (text < end && !is_blank(*text) && *text != '#')
		text++;
	*word = (struct word){ begin,
			       (size_t)(text - begin),
			       { number, (unsigned int)(begin - line) + 1 } };
	while (text < end && is_blank(*text))
		text++;
	*rest = (struct word){ text,
			       (size_t)(end - text),
			       { number, (unsigned int)(text - line) + 1 } };
	return word->length;
}

/* A NUL byte is an error in a comment too, as in policies. */
static int refuse_nul(struct source *source, const struct word *rest)
{
	const char *nul = memchr(rest->text, '\0', rest->length);
	struct word word = { nul, 1, rest->place };

	if (!nul)
		return 0;
	word.place.column += (unsigned int)(nul - rest->text);
	return source_error(source, &word, "a NUL byte: this is not a text");
}

static int parse_line(struct source *source, const char *line, const char *end, unsigned int number,
		      struct prefixes *prefixes, size_t *capacity)
{
	struct word word, rest;
	struct prefix prefix;
	int error;

	if (!find_word(line, end, number, &word, &rest))
		return rest.length ? refuse_nul(source, &rest) : 0;
	error = address_read(source, &word, &prefix);
	if (!error && rest.length)
		error = *rest.text == '#'
				? refuse_nul(source, &rest)
				: source_error(source, &rest,
					       "one address or block a line, and comments "
					       "behind a #");
	return error ? error : prefixes_add(prefixes, capacity, prefix);
}

static int too_many_errors(struct source *source, const char *line, unsigned int number)
{
	struct word word = { line, 1, { number, 1 } };

	return source_error(source, &word,
			    "more than %d errors: from here on the file was not read", MAX_ERRORS);
}

static int parse_lines(struct source *source, struct prefixes *prefixes,
		       void (*progress)(void *data, size_t bytes), void *data)
{
	const char *end = source->text + source->length, *line_end;
	size_t capacity = 0, told = 0;
	unsigned int number = 1;
	int error;

	for (const char *line = source->text; line < end; line = line_end + 1, number++) {
		line_end = memchr(line, '\n', (size_t)(end - line));
		if (!line_end)
			line_end = end;
		if (source->errors == MAX_ERRORS)
			return too_many_errors(source, line, number);
		error = parse_line(source, line, line_end, number, prefixes, &capacity);
		if (error && error != -EINVAL)
			return error;
		if (progress && (size_t)(line_end - source->text) - told >= PROGRESS_BYTES) {
			told = (size_t)(line_end - source->text);
			progress(data, told);
		}
	}
	return source->errors ? -EINVAL : 0;
}

int prefixes_parse(const char *name, const char *text, size_t length, struct prefixes *prefixes,
		   struct diagnostics *diagnostics, void (*progress)(void *data, size_t bytes),
		   void *data)
{
	_cleanup_(prefixes_clear) struct prefixes new = { 0 };
	struct source source = {
		.name = name,
		.text = text,
		.length = length,
		.diagnostics = diagnostics,
	};
	int error = parse_lines(&source, &new, progress, data);

	if (error)
		return error;
	prefixes_normalise(&new);
	*prefixes = new;
	new = (struct prefixes){ 0 };
	return 0;
}
