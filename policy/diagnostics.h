/* SPDX-License-Identifier: GPL-2.0-only */
/* Errors and warnings about a policy, collected in one run, each with its place in the text. */
#ifndef PCTL_DIAGNOSTICS_H
#define PCTL_DIAGNOSTICS_H

#include <stddef.h>

#include "place.h"

enum severity {
	SEVERITY_WARNING,
	SEVERITY_ERROR,
};

struct diagnostic {
	enum severity severity;
	char *source; /* name of the text: a file, an option */
	struct place place; /* line 0: of the text as a whole */
	unsigned int width; /* columns to underline, at least 1 */
	char *line; /* the source line, NULL if there is none */
	char *message; /* without a newline, starting in lower case */
};

/* Zero-initialised is empty. */
struct diagnostics {
	struct diagnostic *items;
	size_t count;
	size_t errors; /* how many of them are errors */
};

/* Adds one; the texts are copied, `line` may be NULL. In line and message, bytes that are not
 * printable ASCII become '?': they may come from an untrusted text, and must not control a
 * terminal. Returns 0 or -ENOMEM. */
int diagnostics_add(struct diagnostics *diagnostics, enum severity severity, const char *source,
		    struct place place, unsigned int width, const char *line, const char *format,
		    ...) __attribute__((format(printf, 7, 8)));

/*
 * One diagnostic as text, with a trailing newline, malloc'd; NULL without memory:
 *
 *   web.policy:3:15: error: port 70000 is larger than 65535
 *       allow to tcp dport 70000
 *                          ^~~~~
 */
char *diagnostic_print(const struct diagnostic *diagnostic);

void diagnostics_clear(struct diagnostics *diagnostics);

#endif
