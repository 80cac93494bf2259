/* SPDX-License-Identifier: GPL-2.0-only */
#include "diagnostics.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

/* Of a longer line, only the part around the mistake is shown. */
#define SHOWN_BEFORE 60
#define SHOWN_AFTER 60

/* Policies come from container labels too: their bytes must not control a terminal. */
static void sanitise(char *text)
{
	for (; text && *text; text++)
		if (((unsigned char)*text < ' ' && *text != '\t') || (unsigned char)*text > '~')
			*text = '?';
}

/* The bytes of a path stay, but it is one line. */
static void sanitise_path(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ')
			*text = '?';
}

static void diagnostic_clear(struct diagnostic *diagnostic)
{
	free(diagnostic->source);
	free(diagnostic->line);
	free(diagnostic->message);
	*diagnostic = (struct diagnostic){ 0 };
}

static int append(struct diagnostics *diagnostics, struct diagnostic *diagnostic)
{
	struct diagnostic *items;

	items = realloc(diagnostics->items, (diagnostics->count + 1) * sizeof(*items));
	if (!items)
		return -ENOMEM;
	diagnostics->items = items;
	items[diagnostics->count++] = *diagnostic;
	if (diagnostic->severity == SEVERITY_ERROR)
		diagnostics->errors++;
	*diagnostic = (struct diagnostic){ 0 }; /* the list owns it now */
	return 0;
}

int diagnostics_add(struct diagnostics *diagnostics, enum severity severity, const char *source,
		    struct place place, unsigned int width, const char *line, const char *format,
		    ...)
{
	_cleanup_(diagnostic_clear) struct diagnostic new = {
		.severity = severity,
		.place = place,
		.width = width ? width : 1,
		.source = strdup(source),
		.line = line ? strdup(line) : NULL,
	};
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&new.message, format, arguments) < 0)
		new.message = NULL;
	va_end(arguments);
	if (!new.source || !new.message || (line && !new.line))
		return -ENOMEM;
	sanitise_path(new.source);
	sanitise(new.line);
	sanitise(new.message);
	return append(diagnostics, &new);
}

static void print_place(FILE *out, const struct diagnostic *diagnostic)
{
	fputs(diagnostic->source, out);
	if (diagnostic->place.line)
		fprintf(out, ":%u:%u", diagnostic->place.line, diagnostic->place.column);
}

/* The line with the caret has the same tabs as the text, so that the caret is below its column. */
static void print_excerpt(FILE *out, const struct diagnostic *diagnostic)
{
	size_t length = strlen(diagnostic->line), column = diagnostic->place.column;
	size_t at = column && column - 1 <= length ? column - 1 : length;
	size_t begin = at > SHOWN_BEFORE ? at - SHOWN_BEFORE : 0;
	size_t end = length - at > SHOWN_AFTER ? at + SHOWN_AFTER : length;
	const char *skipped = begin ? "..." : "";

	fprintf(out, "    %s%.*s%s\n    %s", skipped, (int)(end - begin), diagnostic->line + begin,
		end < length ? "..." : "", begin ? "   " : "");
	for (size_t i = begin; i < at; i++)
		fputc(diagnostic->line[i] == '\t' ? '\t' : ' ', out);
	fputc('^', out);
	for (size_t i = 1; i < diagnostic->width && at + i < end; i++)
		fputc('~', out);
	fputc('\n', out);
}

char *diagnostic_print(const struct diagnostic *diagnostic)
{
	_cleanup_(freep) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool failed;

	if (!out)
		return NULL;
	print_place(out, diagnostic);
	fprintf(out, ": %s: %s\n", diagnostic->severity == SEVERITY_ERROR ? "error" : "warning",
		diagnostic->message);
	if (diagnostic->line && diagnostic->place.line)
		print_excerpt(out, diagnostic);
	failed = ferror(out);
	if (fclose(out) || failed)
		return NULL;
	return TAKE_PTR(text);
}

void diagnostics_clear(struct diagnostics *diagnostics)
{
	if (!diagnostics)
		return;
	for (size_t i = 0; i < diagnostics->count; i++)
		diagnostic_clear(&diagnostics->items[i]);
	free(diagnostics->items);
	*diagnostics = (struct diagnostics){ 0 };
}
