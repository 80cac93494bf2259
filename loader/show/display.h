/* SPDX-License-Identifier: GPL-2.0-only */
/* How results look: colour where there is a terminal, numbers and times for people, JSON for
 * machines. */
#ifndef PCTL_DISPLAY_H
#define PCTL_DISPLAY_H

#include <jansson.h>
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
bool display_wants_colour(FILE *stream);

/* The escape sequence that starts `colour` on the stream, "" where none is wanted; and the one that
 * ends it. */
const char *display_start(FILE *stream, enum colour colour);
const char *display_end(FILE *stream);

void display_coloured(FILE *stream, enum colour colour, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* "2026-11-20 07:40:12" in local time. */
void display_time(uint64_t seconds, char text[32]);

/* 1234567 as "1,234,567"; returns text. */
#define DISPLAY_NUMBER_SIZE 32
const char *display_number(uint64_t number, char text[DISPLAY_NUMBER_SIZE]);

/* A string; bytes that are not UTF-8 (a path may have them) become '?'. */
json_t *display_json_text(const char *text);

/* Prints a value and a newline on standard output, and lets go of it. Returns an exit status. */
int display_json(json_t *value);

/* The same, or, unless `array` is NULL, puts it there: it is one of several. */
int display_json_in(json_t *array, json_t *value);

#endif
