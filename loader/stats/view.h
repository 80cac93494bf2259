/* SPDX-License-Identifier: GPL-2.0-only */
/* Which rows of a sample the live view shows, in which order, and how it writes their numbers.
 * Knows of no terminal. */
#ifndef PCTL_VIEW_H
#define PCTL_VIEW_H

#include "sample.h"

enum view_sort {
	VIEW_BY_DROPS, /* what drops most per second, then what dropped most; then what passes */
	VIEW_BY_PACKETS,
	VIEW_BY_BYTES,
	VIEW_BY_RATE, /* packets per second */
	VIEW_BY_INTERFACE,
	VIEW_BY_ORDER, /* as the rules stand in their policies */
	VIEW_SORTS,
};

struct view {
	enum view_sort sort;
	bool reversed;
	bool without_zeros; /* rows that never counted are hidden */
	char filter[32]; /* only rows that have this in the name of interface or container, or in
			    the rule */
};

/* A rule, or what stands for one, in one direction. Points into the sample. */
struct view_line {
	const struct sample_item *item;
	const struct sample_row *row;
	enum pctl_direction direction;
};

/* The lines to show, sorted: in *lines, malloc'd; equals in the order of interfaces and rules. 0 or
 * -ENOMEM. */
int view_lines(const struct view *view, const struct sample *sample, struct view_line **lines,
	       size_t *count);

/* The attachments the filter leaves, likewise. */
int view_items(const struct view *view, const struct sample *sample,
	       const struct sample_item ***items, size_t *count);

/* The sum over both directions. */
struct measure view_both(const struct measure measures[PCTL_DIRECTIONS]);

#define VIEW_NUMBER_SIZE 32
/* As exact as `width` columns (5 at least) allow: 1,234,567 or 1.23M. */
void view_number(char text[VIEW_NUMBER_SIZE], uint64_t number, int width);

/* The same of a rate, below 10 with a decimal if it has one; "-" if it is not known. */
void view_rate(char text[VIEW_NUMBER_SIZE], bool known, double rate, int width);

#endif
