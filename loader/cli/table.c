// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>

#include "display.h"
#include "table.h"
#include "util.h"

struct libscols_table *table_new(const struct table_column *columns)
{
	struct libscols_table *table = scols_new_table();

	if (!table)
		return NULL;
	scols_table_enable_colors(table, display_wants_colour(stdout));
	for (; columns->name; columns++)
		scols_table_new_column(table, columns->name, 0,
				       columns->number ? SCOLS_FL_RIGHT : 0);
	return table;
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
