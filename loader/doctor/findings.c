// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "findings.h"

void findings_about(struct findings *findings, const char *subject)
{
	snprintf(findings->subject, sizeof(findings->subject), "%s", subject);
}

/* Formats the words into memory of their own. */
static void write_words(struct findings *findings, char **words, const char *format, va_list args)
{
	char text[1024];

	error_words(text, sizeof(text), format, args);
	*words = strdup(text);
	findings->lost |= !*words;
}

/* Where the next finding goes. */
static size_t find_place(const struct findings *findings)
{
	for (size_t i = findings->count; i-- > 0;)
		if (findings->items[i].subject &&
		    !strcmp(findings->items[i].subject, findings->subject))
			return i + 1;
	return findings->count;
}

void findings_add(struct findings *findings, enum finding_level level, const char *check,
		  const char *format, ...)
{
	struct finding *grown = reallocarray(findings->items, findings->count + 1, sizeof(*grown));
	struct finding *finding;
	va_list args;

	if (!grown) {
		findings->lost = true;
		return;
	}
	findings->items = grown;
	findings->last = find_place(findings);
	finding = &grown[findings->last];
	memmove(finding + 1, finding, (findings->count++ - findings->last) * sizeof(*finding));
	*finding = (struct finding){ .level = level, .check = check };
	finding->subject = strdup(findings->subject);
	findings->lost |= !finding->subject;
	va_start(args, format);
	write_words(findings, &finding->what, format, args);
	va_end(args);
}

void findings_why(struct findings *findings, const char *format, ...)
{
	va_list args;

	if (!findings->count || findings->items[findings->last].why)
		return;
	va_start(args, format);
	write_words(findings, &findings->items[findings->last].why, format, args);
	va_end(args);
}

void findings_do(struct findings *findings, const char *format, ...)
{
	va_list args;

	if (!findings->count || findings->items[findings->last].todo)
		return;
	va_start(args, format);
	write_words(findings, &findings->items[findings->last].todo, format, args);
	va_end(args);
}

size_t findings_count(const struct findings *findings, enum finding_level level)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += findings->items[i].level == level;
	return count;
}

void findings_clear(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		free(findings->items[i].subject);
		free(findings->items[i].what);
		free(findings->items[i].why);
		free(findings->items[i].todo);
	}
	free(findings->items);
	*findings = (struct findings){};
}
