/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One line on standard error that says how far something is which takes long: drawn if that is a
 * terminal, from half a second after the first beginning on, and erased at the end.
 */
#ifndef PCTL_PROGRESS_H
#define PCTL_PROGRESS_H

#include <stddef.h>

/* Now this is done, `total` units of it; 0: nobody knows how many. */
void progress_begin(const char *subject, const char *doing, size_t total);

/* So many of them are done; as often as one likes. */
void progress_at(size_t done);

/* Before anything else is printed. */
void progress_end(void);

#endif
