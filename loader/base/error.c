// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "error.h"

/* Each thread has its own. */
static __thread char message[1024];

static void (*listener)(const char *words); /* NULL: nobody */

int error_set(int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	return error;
}

int error_prefix(int error, const char *format, ...)
{
	char old[sizeof(message)], words[256];
	va_list args;

	snprintf(old, sizeof(old), "%s", error_message(error));
	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
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

void notice_to(void (*hear)(const char *words))
{
	listener = hear;
}

void notice(const char *format, ...)
{
	char words[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	if (listener)
		listener(words);
}
