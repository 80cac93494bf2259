/* SPDX-License-Identifier: GPL-2.0-only */
#include "source.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "diagnostics.h"

bool word_is(const struct word *word, const char *text)
{
	return word->length == strlen(text) && !memcmp(word->text, text, word->length);
}

bool word_copy(const struct word *word, char *buffer, size_t size)
{
	if (word->length >= size)
		return false;
	memcpy(buffer, word->text, word->length);
	buffer[word->length] = '\0';
	return true;
}

struct word source_word(const struct source *source, struct place place, size_t length)
{
	const char *at = source->text, *end = source->text + source->length;

	for (unsigned int line = 1; line < place.line && at < end; line++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		at = newline ? newline + 1 : end;
	}
	if (place.column && (size_t)(end - at) >= place.column - 1 + length)
		at += place.column - 1;
	else
		length = 0;
	return (struct word){ at, length, place };
}

/* The whole line around @word, malloc'd. NUL bytes in it become '?', since they would end it. */
static char *line_around(const struct source *source, const struct word *word)
{
	const char *begin = word->text, *end = source->text + source->length;
	const char *newline = memchr(word->text, '\n', (size_t)(end - word->text));
	char *line;

	if (newline)
		end = newline;
	while (begin > source->text && begin[-1] != '\n')
		begin--;
	if (end > begin && end[-1] == '\r')
		end--;
	line = malloc((size_t)(end - begin) + 1);
	if (!line)
		return NULL;
	for (size_t i = 0; i < (size_t)(end - begin); i++)
		line[i] = begin[i] ? begin[i] : '?';
	line[end - begin] = '\0';
	return line;
}

static int report(struct source *source, enum severity severity, const struct word *word,
		  const char *format, va_list arguments)
{
	_cleanup_(freep) char *line = line_around(source, word), *message = NULL;

	if (vasprintf(&message, format, arguments) < 0)
		message = NULL;
	if (!line || !message)
		return -ENOMEM;
	return diagnostics_add(source->diagnostics, severity, source->name, word->place,
			       (unsigned int)word->length, line, "%s", message);
}

int source_error(struct source *source, const struct word *word, const char *format, ...)
{
	va_list arguments;
	int error;

	va_start(arguments, format);
	error = report(source, SEVERITY_ERROR, word, format, arguments);
	va_end(arguments);
	source->errors++;
	return error ? error : -EINVAL;
}

int source_warning(struct source *source, const struct word *word, const char *format, ...)
{
	va_list arguments;
	int error;

	va_start(arguments, format);
	error = report(source, SEVERITY_WARNING, word, format, arguments);
	va_end(arguments);
	return error;
}
