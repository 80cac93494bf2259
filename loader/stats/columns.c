// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "columns.h"
#include "view.h"

static int total_width(const struct column *columns)
{
	int width = 0;

	for (; columns->name; columns++)
		if (columns->width)
			width += columns->width + (columns->place != COLUMN_LAST);
	return width;
}

static struct column *most_expendable(struct column *columns)
{
	struct column *most = NULL;

	for (; columns->name; columns++)
		if (columns->width && columns->expendable &&
		    (!most || columns->expendable > most->expendable))
			most = columns;
	return most;
}

void columns_fit(struct column *columns, int width)
{
	struct column *next;

	while (total_width(columns) > width && (next = most_expendable(columns)))
		next->width = 0;
	for (; columns->name; columns++)
		if (columns->place == COLUMN_LAST)
			columns->width = CELL_SIZE;
}

static size_t add_cell(const struct column *column, const char *cell, char *text, size_t size)
{
	int used;

	if (column->place == COLUMN_LAST)
		used = snprintf(text, size, "%s", cell);
	else if (column->place == COLUMN_LEFT)
		used = snprintf(text, size, "%-*.*s ", column->width, column->width, cell);
	else
		used = snprintf(text, size, "%*s ", column->width, cell);
	return (size_t)used < size ? (size_t)used : size - 1;
}

void columns_titles(const struct column *columns, char *text, size_t size)
{
	size_t used = 0;

	for (; columns->name; columns++)
		if (columns->width)
			used += add_cell(columns, columns->name, text + used, size - used);
}

void cells_line(const struct cells *cells, char *text, size_t size)
{
	size_t used = 0;

	for (int i = 0; cells->columns[i].name; i++)
		if (cells->columns[i].width)
			used += add_cell(&cells->columns[i], cells->texts[i], text + used,
					 size - used);
}

/* The name of an interface may hold control characters. */
void cells_text(struct cells *cells, int column, const char *text)
{
	char *cell = cells->texts[column];

	snprintf(cell, CELL_SIZE, "%s", text);
	for (; *cell; cell++)
		if ((unsigned char)*cell < ' ' || *cell == 127)
			*cell = '?';
}

void cells_number(struct cells *cells, int column, uint64_t number)
{
	view_number(cells->texts[column], number, cells->columns[column].width);
}

void cells_rate(struct cells *cells, int column, bool known, double rate)
{
	view_rate(cells->texts[column], known, rate, cells->columns[column].width);
}
