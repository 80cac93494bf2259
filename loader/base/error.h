/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What went wrong, in words. Inside the loader a function that fails returns a negative errno; the
 * one that knows what happened puts it in words here, once, and the command line prints it. Each
 * thread has a message of its own.
 */
#ifndef PCTL_ERROR_H
#define PCTL_ERROR_H

/* Remembers the message (replacing an earlier one) and returns `error`, a negative errno. */
int error_set(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts more words in front of the remembered message: "words: message". Returns `error`. */
int error_prefix(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The remembered message; the text of `error` when there is none. */
const char *error_message(int error);

/* Forgets the message. */
void error_clear(void);

/* Says what is worth knowing but is no failure: to whom, the program decides with notice_to(). */
void notice(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* From now on `hear` gets the words of notice(), of all threads; NULL: nobody does, as at first. */
void notice_to(void (*hear)(const char *words));

#endif
