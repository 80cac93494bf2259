/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What failed, where one failure does not keep the others from their turn: an interface of several,
 * for example. Library code collects here and goes on; the command line or the log prints each.
 */
#ifndef PCTL_FAILURES_H
#define PCTL_FAILURES_H

#include <stddef.h>

struct failure {
	char *subject; /* what it happened to, the name of an interface for example; may be NULL */
	char *words; /* error_message() at that time; NULL without memory */
	int error; /* a negative errno */
};

struct failures {
	struct failure *items; /* in the order in which they happened */
	size_t count;
	int error; /* of the last one; 0: nothing failed. Set also where an item had no memory */
};

/* Adds one, with the words of error_message(), which are cleared. Returns `error`. */
int failures_add(struct failures *failures, const char *subject, int error);

/* What to say of one: its words, or the text of its error. */
const char *failure_words(const struct failure *failure);

void failures_clear(struct failures *failures);

#endif
