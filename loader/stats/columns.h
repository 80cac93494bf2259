/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines of a table as wide as the terminal, as text. Columns for which there is no room are left
 * out. */
#ifndef PCTL_COLUMNS_H
#define PCTL_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum column_place {
	COLUMN_LEFT,
	COLUMN_RIGHT,
	COLUMN_LAST, /* the last one: takes the rest of the line, at least `width` */
};

struct column {
	const char *name; /* NULL: the end of the array */
	int width; /* 0: left out */
	enum column_place place;
	int expendable; /* the column with the highest number is left out first; 0: never */
};

#define COLUMNS_MAX 8
#define CELL_SIZE 128

/* One line: the text of each column. */
struct cells {
	const struct column *columns;
	char texts[COLUMNS_MAX][CELL_SIZE];
};

/* Leaves out expendable columns until the line is at most `width` wide, or none is left.
 * COLUMN_LAST takes the rest of the line. */
void columns_fit(struct column *columns, int width);

void columns_titles(const struct column *columns, char *text, size_t size);

void cells_text(struct cells *cells, int column, const char *text);
void cells_number(struct cells *cells, int column, uint64_t number);
void cells_rate(struct cells *cells, int column, bool known, double rate);
void cells_line(const struct cells *cells, char *text, size_t size);

#endif
