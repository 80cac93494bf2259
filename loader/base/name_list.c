// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "name_list.h"

#define DOTS "..."

static bool is_full(const char *list)
{
	size_t used = strlen(list);

	return used >= strlen(DOTS) && !strcmp(list + used - strlen(DOTS), DOTS);
}

void name_list_add(char *list, size_t size, const char *separator, const char *name)
{
	size_t used = strlen(list);

	if (is_full(list))
		return;
	if (!used)
		separator = "";
	/* Room for the dots is kept. */
	if (used + strlen(separator) + strlen(name) + strlen(separator) + strlen(DOTS) < size)
		snprintf(list + used, size - used, "%s%s", separator, name);
	else if (used + strlen(separator) + strlen(DOTS) < size)
		snprintf(list + used, size - used, "%s" DOTS, separator);
}
