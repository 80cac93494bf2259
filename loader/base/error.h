/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What went wrong, in words. Inside the loader a function that fails returns a negative errno; the
 * one that knows what happened puts it in words here, once, and the command line prints it. Each
 * thread has a message of its own.
 */
#ifndef PCTL_ERROR_H
#define PCTL_ERROR_H

#include <stdarg.h>
#include <stddef.h>

/* Remembers the message (replacing an earlier one) and returns `error`: a negative errno, or what
 * else a function returns where it has something to say. */
int error_set(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts more words in front of the remembered message: "words: message". Returns `error`. */
int error_prefix(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The remembered message; the text of `error` when there is none. */
const char *error_message(int error);

/* Forgets the message. */
void error_clear(void);

/* Formats words that people read: with error_alias(). At most 1024 bytes. */
void error_words(char *text, size_t size, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

/* From now on messages and notices of all threads say @shown where they would say @path, or begin a
 * longer path with it. For one pair; both are kept. */
void error_alias(const char *path, const char *shown);

/* Says what is worth knowing but is no failure: to whom, the program decides with notice_to(). */
void notice(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* From now on `listener` gets the words of notice(), of all threads; NULL: nobody does, as at
 * first. Returns the listener before. */
typedef void notice_listener(const char *words);
notice_listener *notice_to(notice_listener *listener);

#endif
