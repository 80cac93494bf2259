/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables on standard output, drawn by libsmartcols: as wide as their cells, in colour on a
 * terminal.
 */
#ifndef PCTL_TABLE_H
#define PCTL_TABLE_H

#include <libsmartcols/libsmartcols.h>
#include <stdbool.h>

#include "terminal.h"

struct table_column {
	const char *name;
	bool number; /* aligned to the right */
	int expendable; /* on a narrow terminal, columns with the highest number are left out
			 * first; 0: never */
};

/* A table with these columns; the array ends with a column without a name. NULL: no memory. */
struct libscols_table *table_new(const struct table_column *columns);

/* Leaves out each column from `first` to `last` whose cells are all empty. */
void table_hide_empty(struct libscols_table *table, size_t first, size_t last);

/* Prints the table and releases it. If it is wider than the terminal, expendable columns are left
 * out. */
void table_print(struct libscols_table *table, const struct table_column *columns);

/* Sets one cell. */
void table_set(struct libscols_line *line, size_t column, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Gives a line a colour, where colour is wanted: by our sequence, since libsmartcols' own does not
 * get through base/guarded_output.h. */
void table_set_colour(struct libscols_line *line, enum colour colour);

static inline void table_set_red(struct libscols_line *line)
{
	table_set_colour(line, COLOUR_RED);
}

#endif
