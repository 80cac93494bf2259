// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "table.h"
#include "util.h"

struct libscols_table *table_new(const struct table_column *columns)
{
	struct libscols_table *table = scols_new_table();

	if (!table)
		return NULL;
	scols_table_enable_colors(table, terminal_wants_colour(stdout));
	for (; columns->name; columns++)
		scols_table_new_column(table, columns->name, 0,
				       columns->number ? SCOLS_FL_RIGHT : 0);
	return table;
}

void table_set_colour(struct libscols_line *line, enum colour colour)
{
	const char *sequence = terminal_start(stdout, colour);

	if (line && *sequence)
		scols_line_set_color(line, sequence);
}

void table_set(struct libscols_line *line, size_t column, const char *format, ...)
{
	_cleanup_(freep) char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (line && text)
		scols_line_set_data(line, column, text);
}

/* The length of the longest cell of a column. */
static size_t cells_width(struct libscols_table *table, size_t column)
{
	size_t width = 0;

	for (size_t i = 0; i < scols_table_get_nlines(table); i++) {
		struct libscols_line *line = scols_table_get_line(table, i);
		const char *text = scols_cell_get_data(scols_line_get_cell(line, column));
		size_t length = text ? strlen(text) : 0;

		width = length > width ? length : width;
	}
	return width;
}

static bool is_hidden(struct libscols_table *table, size_t column)
{
	return scols_column_is_hidden(scols_table_get_column(table, column));
}

static void hide(struct libscols_table *table, size_t column)
{
	struct libscols_column *which = scols_table_get_column(table, column);

	scols_column_set_flags(which, scols_column_get_flags(which) | SCOLS_FL_HIDDEN);
}

void table_hide_empty(struct libscols_table *table, size_t first, size_t last)
{
	for (size_t i = first; i <= last; i++)
		if (!cells_width(table, i))
			hide(table, i);
}

/* The width of the table. */
static size_t table_width(struct libscols_table *table, const struct table_column *columns)
{
	size_t width = 0;

	for (size_t i = 0; columns[i].name; i++) {
		size_t cells = cells_width(table, i), name = strlen(columns[i].name);

		if (!is_hidden(table, i))
			width += 1 + (cells > name ? cells : name);
	}
	return width ? width - 1 : 0;
}

/* Leaves out the columns with the highest `expendable`. False: there are none left. */
static bool hide_most_expendable(struct libscols_table *table, const struct table_column *columns)
{
	int highest = 0;

	for (size_t i = 0; columns[i].name; i++)
		if (columns[i].expendable > highest && !is_hidden(table, i))
			highest = columns[i].expendable;
	for (size_t i = 0; columns[i].name && highest; i++)
		if (columns[i].expendable == highest)
			hide(table, i);
	return highest;
}

void table_print(struct libscols_table *table, const struct table_column *columns)
{
	struct winsize size = {};

	if (isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		while (table_width(table, columns) > size.ws_col &&
		       hide_most_expendable(table, columns))
			;
	scols_print_table(table);
	scols_unref_table(table);
}
