/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which bytes of a text may reach a terminal. Names, paths, labels and messages of others may hold
 * any byte: escape sequences that rewrite the screen, and characters that turn the direction of the
 * text around or that nobody sees (Unicode TR 36, "Trojan Source").
 */
#ifndef PCTL_PRINTABLE_H
#define PCTL_PRINTABLE_H

#include <stddef.h>
#include <stdint.h>

/*
 * The character of UTF-8 at `text`. Returns its length in bytes, 1 to 4; 0: the bytes are no UTF-8,
 * or only the beginning of a character (see printable_is_begun()).
 * @length: the bytes that there are, at least 1
 */
size_t printable_decode(const char *text, size_t length, uint32_t *character);

/* The length in bytes of the character at `text`, if a terminal may get it; else 0. A newline and a
 * tab are not among these. */
size_t printable_character(const char *text, size_t length);

/* Could the bytes be the beginning of a character, of which the rest is still to come? */
int printable_is_begun(const char *text, size_t length);

/* Control characters become '?', so that the text is one line. */
void printable_one_line(char *text);

/* Copies a text, cut to `size`; what a terminal must not get becomes '?', byte by byte. */
void printable_copy(char *copy, size_t size, const char *text);

#endif
