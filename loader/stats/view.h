/* SPDX-License-Identifier: GPL-2.0-only */
/* Which rows of a sample the live view shows, in which order, and how it writes their numbers. */
#ifndef PCTL_VIEW_H
#define PCTL_VIEW_H

#include "sample.h"

enum view_sort {
	VIEW_BY_DROPS, /* by drops per second, then by drops; rows that dropped nothing are last */
	VIEW_BY_PACKETS,
	VIEW_BY_BYTES,
	VIEW_BY_RATE, /* packets per second */
	VIEW_BY_INTERFACE,
	VIEW_BY_ORDER, /* as in the policies */
	VIEW_SORTS,
};

struct view {
	enum view_sort sort;
	bool reversed;
	bool without_zeros; /* rows that never counted are hidden */
	char filter[32]; /* only rows with this text in the name of the interface or container,
			  * or in the rule */
};

/* A row of a sample in one direction. Points into the sample. */
struct view_line {
	const struct sample_item *item;
	const struct sample_row *row;
	enum pctl_direction direction;
};

/* The lines to show, sorted; lines that compare equal are in the order of interfaces and rules.
 * *lines is malloc'd. 0 or -ENOMEM. */
int view_lines(const struct view *view, const struct sample *sample, struct view_line **lines,
	       size_t *count);

/* The attachments to show, likewise. */
int view_items(const struct view *view, const struct sample *sample,
	       const struct sample_item ***items, size_t *count);

/* The sum over both directions. */
struct measure view_both(const struct measure measures[PCTL_DIRECTIONS]);

#define VIEW_NUMBER_SIZE 32
/* A number as exact as `width` columns allow, 5 at least: 1,234,567 or 1.23M. */
void view_number(char text[VIEW_NUMBER_SIZE], uint64_t number, int width);

/* The same for a rate, with one decimal below 10; "-" if it is not known. */
void view_rate(char text[VIEW_NUMBER_SIZE], bool known, double rate, int width);

#endif
