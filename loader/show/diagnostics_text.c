// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "cleanup.h"
#include "diagnostics_text.h"
#include "terminal.h"

static void write_one(FILE *out, const struct diagnostic *item)
{
	_cleanup_(freep) char *text = diagnostic_print(item);

	if (text)
		terminal_print(out, item->severity == SEVERITY_ERROR ? COLOUR_RED : COLOUR_YELLOW,
			       "%s", text);
}

static bool is_known(const struct diagnostics *known, const struct diagnostic *item)
{
	for (size_t i = 0; known && i < known->count; i++)
		if (!strcmp(known->items[i].message, item->message))
			return true;
	return false;
}

void diagnostics_write(FILE *out, const struct diagnostics *diagnostics,
		       const struct diagnostics *known)
{
	for (size_t i = 0; i < diagnostics->count; i++)
		if (!is_known(known, &diagnostics->items[i]))
			write_one(out, &diagnostics->items[i]);
}
