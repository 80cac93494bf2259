/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What went wrong, in words. A function that fails returns a negative errno. The one that knows
 * what happened sets a message here, and the command line or the log prints it. Each thread has a
 * message of its own.
 */
#ifndef PCTL_ERROR_H
#define PCTL_ERROR_H

#include <stdarg.h>
#include <stddef.h>

/* Sets the message, in place of an earlier one, and returns `error`: a negative errno, or another
 * result that needs an explanation. */
int error_set(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts words in front of the message: "words: message". Returns `error`. */
int error_prefix(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The message; the text of `error` when there is none. */
const char *error_message(int error);

/* Removes the message. */
void error_clear(void);

/* Formats a text of at most 1024 bytes in one line, in which error_alias() replaces a path. */
void error_words(char *text, size_t size, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

/* From now on @shown stands in messages and notices of all threads where @path would, also as the
 * beginning of a longer path. There is one such pair; both texts are copied. */
void error_alias(const char *path, const char *shown);

/* Tells the listener of notice_to() what is worth knowing but is no failure. */
void notice(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* From now on `listener` gets the words of notice(), from all threads. NULL: they are dropped,
 * which is so at first. Returns the listener before. */
typedef void notice_listener(const char *words);
notice_listener *notice_to(notice_listener *listener);

#endif
