/* SPDX-License-Identifier: GPL-2.0-only */
/* How text looks to people: colour where there is a terminal, and times and numbers that are easy
 * to read. */
#ifndef PCTL_TERMINAL_H
#define PCTL_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum colour {
	COLOUR_NONE,
	COLOUR_RED,
	COLOUR_GREEN,
	COLOUR_YELLOW,
	COLOUR_FAINT,
};

/* Is colour wanted on this stream: a terminal, not "dumb", and NO_COLOR (no-color.org) not set? */
bool terminal_wants_colour(FILE *stream);

/* The escape sequence that starts `colour` on the stream, and the one that ends it. Both are ""
 * where no colour is wanted. */
const char *terminal_start(FILE *stream, enum colour colour);
const char *terminal_end(FILE *stream);

void terminal_print(FILE *stream, enum colour colour, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* "2026-11-20 07:40:12" in local time. @seconds: since 1970 */
void readable_time(uint64_t seconds, char text[32]);

/* 1234567 as "1,234,567"; returns text. */
#define READABLE_NUMBER_SIZE 32
const char *readable_number(uint64_t number, char text[READABLE_NUMBER_SIZE]);

#endif
