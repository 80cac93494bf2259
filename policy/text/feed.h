/* SPDX-License-Identifier: GPL-2.0-only */
/* A list of addresses that is being read, and one address, block or range of it. */
#ifndef PCTL_FEED_H
#define PCTL_FEED_H

#include "prefixes.h"
#include "source.h"

struct feed {
	struct source source;
	struct prefixes prefixes; /* not normalised */
	size_t capacity;
	void (*progress)(void *data, size_t bytes); /* NULL: nobody asks */
	void *data;
	size_t reported; /* bytes, by `progress` */
};

/* After so many errors the rest is not read: a binary file has one in each line. */
#define FEED_ERRORS_MAX 20

/* Whether this word looks like an address, a block or a range, with errors or not. */
bool feed_is_entry(const struct word *word);

/* Adds ADDRESS, ADDRESS/LENGTH or ADDRESS-ADDRESS. 0; -EINVAL, reported; -ENOMEM. */
int feed_add(struct feed *feed, const struct word *word);

/* Likewise, a range from the one to the other, both included. */
int feed_add_range(struct feed *feed, const struct word *first, const struct word *last);

/* Reports the progress now and then. @at: what comes is read next */
void feed_progress(struct feed *feed, const char *at);

/* Reports that the rest is not read. -EINVAL, -ENOMEM. @at: it begins with this line */
int feed_too_many_errors(struct feed *feed, const char *at, unsigned int line);

#endif
