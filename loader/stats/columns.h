/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines of a table as wide as the terminal: columns that have no room are left out. Writes text,
 * knows of no terminal. */
#ifndef PCTL_COLUMNS_H
#define PCTL_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum column_place {
	COLUMN_LEFT,
	COLUMN_RIGHT,
	COLUMN_LAST, /* takes what is left of the line, `width` at least; the last one */
};

struct column {
	const char *name; /* NULL: behind the last one */
	int width; /* 0: left out */
	enum column_place place;
	int expendable; /* the highest number is left out first; 0: never */
};

#define COLUMNS_MAX 8
#define CELL_SIZE 128

/* What stands in the columns of one line. */
struct cells {
	const struct column *columns;
	char texts[COLUMNS_MAX][CELL_SIZE];
};

/* Leaves columns out until the line is at most `width` wide, if that can be; COLUMN_LAST grows. */
void columns_fit(struct column *columns, int width);

void columns_titles(const struct column *columns, char *text, size_t size);

void cells_text(struct cells *cells, int column, const char *text);
void cells_number(struct cells *cells, int column, uint64_t number);
void cells_rate(struct cells *cells, int column, bool known, double rate);
void cells_line(const struct cells *cells, char *text, size_t size);

#endif
