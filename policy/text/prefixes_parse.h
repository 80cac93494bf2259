/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads lists of addresses, as sets from files have them. */
#ifndef PCTL_PREFIXES_PARSE_H
#define PCTL_PREFIXES_PARSE_H

#include "prefixes.h"

struct diagnostics;

/*
 * Parses a list of addresses, as lines (feed_lines.h) or as JSON (feed_json.h), by its form.
 * @name: of the file, for messages; the first 20 errors are reported
 * @progress: NULL, or called now and then with the bytes read so far
 * Returns 0 and normalised prefixes, -EINVAL with *diagnostics, or -ENOMEM.
 */
int prefixes_parse(const char *name, const char *text, size_t length, struct prefixes *prefixes,
		   struct diagnostics *diagnostics, void (*progress)(void *data, size_t bytes),
		   void *data);

#endif
