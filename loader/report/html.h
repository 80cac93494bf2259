/* SPDX-License-Identifier: GPL-2.0-only */
/* Texts of others within HTML: they stay text, whatever bytes they have. */
#ifndef PCTL_HTML_H
#define PCTL_HTML_H

#include <stdio.h>

/* Writes a text, as content or as an attribute's value in double quotes: markup is escaped (HTML
 * Standard, 13.3), and what a terminal must not get becomes '?' (printable.h). */
void html_text(FILE *out, const char *text);

/* The same of what printf() makes of it. */
void html_print(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
