/* SPDX-License-Identifier: GPL-2.0-only */
/* A text that is being read: a policy file or a SPEC. Errors and warnings name it. */
#ifndef PCTL_SOURCE_H
#define PCTL_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "place.h"

struct diagnostics;

struct source {
	const char *name; /* what messages call it */
	const char *text; /* not NUL-terminated */
	size_t length;
	struct diagnostics *diagnostics;
	size_t errors; /* reported so far */
};

/* A piece of a source. */
struct word {
	const char *text; /* inside the source, not NUL-terminated */
	size_t length;
	struct place place;
};

bool word_is(const struct word *word, const char *text);

/* Not tolower(): the meaning of a text must not depend on a locale. */
static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Copies a word into a C string; false when it does not fit (no name we know is that long). */
bool word_copy(const struct word *word, char *buffer, size_t size);

static inline bool word_is_number(const struct word *word)
{
	return *word->text >= '0' && *word->text <= '9';
}

/* For printf's "%.*s"; cuts a long word. */
#define WORD_ARGS(word) ((int)((word)->length < 64 ? (word)->length : 64)), (word)->text

/* The piece of a source at this place, which the lexer has given before. */
struct word source_word(const struct source *source, struct place place, size_t length);

/* Reports an error at @word. Returns -EINVAL for the caller to pass on, or -ENOMEM. */
int source_error(struct source *source, const struct word *word, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Reports a warning at @word. 0 or -ENOMEM. */
int source_warning(struct source *source, const struct word *word, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
