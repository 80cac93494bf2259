// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "printable.h"

/* Of this thread. */
static __thread char message[1024];

static char alias_path[64], alias_shown[64];

static notice_listener *listener; /* NULL: nobody */

void error_alias(const char *path, const char *shown)
{
	snprintf(alias_path, sizeof(alias_path), "%s", path);
	snprintf(alias_shown, sizeof(alias_shown), "%s", shown);
}

/* The next place in a text where the path stands, and not the beginning of another name. */
static char *find_alias(char *text)
{
	size_t length = strlen(alias_path);

	while (length && (text = strstr(text, alias_path)) && isalnum(text[length]))
		text += length;
	return length ? text : NULL;
}

void error_words(char *text, size_t size, const char *format, va_list args)
{
	size_t length = strlen(alias_path);
	char *found = text, rest[sizeof(message)];

	vsnprintf(text, size, format, args);
	printable_one_line(text);
	while ((found = find_alias(found))) {
		snprintf(rest, sizeof(rest), "%s", found + length);
		snprintf(found, size - (found - text), "%s%s", alias_shown, rest);
		found += strnlen(alias_shown, size - (found - text) - 1);
	}
}

int error_set(int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	error_words(message, sizeof(message), format, args);
	va_end(args);
	return error;
}

int error_prefix(int error, const char *format, ...)
{
	char old[sizeof(message)], words[256];
	va_list args;

	snprintf(old, sizeof(old), "%s", error_message(error));
	va_start(args, format);
	error_words(words, sizeof(words), format, args);
	va_end(args);
	snprintf(message, sizeof(message), "%s: %.700s", words, old);
	return error;
}

const char *error_message(int error)
{
	return message[0] ? message : strerror(-error);
}

void error_clear(void)
{
	message[0] = '\0';
}

notice_listener *notice_to(notice_listener *new)
{
	notice_listener *before = listener;

	listener = new;
	return before;
}

void notice(const char *format, ...)
{
	char words[1024];
	va_list args;

	va_start(args, format);
	error_words(words, sizeof(words), format, args);
	va_end(args);
	if (listener)
		listener(words);
}
