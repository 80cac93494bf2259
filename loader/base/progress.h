/* SPDX-License-Identifier: GPL-2.0-only */
/* How far a task is that takes long. What works says so here; nothing is drawn unless the program
 * asks for it with progress_to(). */
#ifndef PCTL_PROGRESS_H
#define PCTL_PROGRESS_H

#include <stddef.h>

/* Begins a task of `total` units; 0: nobody knows how many. An earlier one is over then.
 * @subject: path of what it is about; @doing: what is done with it, "reading" */
void progress_begin(const char *subject, const char *doing, size_t total);

/* So many units are done. May be called often. */
void progress_at(size_t done);

/* The task is over. To be called before anything else is printed. */
void progress_end(void);

/* What draws it. */
struct progress_view {
	void (*begin)(const char *subject, const char *doing, size_t total);
	void (*at)(size_t done);
	void (*end)(void);
};

/* From now on each call above is passed on to `view`; NULL: to nobody, as at first. */
void progress_to(const struct progress_view *view);

#endif
