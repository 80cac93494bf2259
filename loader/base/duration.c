// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "duration.h"

static uint64_t unit_of(const char *text)
{
	static const struct {
		const char *name;
		uint64_t seconds;
	} units[] = { { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 } };

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (!strcmp(units[i].name, text))
			return units[i].seconds;
	return 0;
}

uint64_t duration_parse(const char *text, uint64_t most)
{
	unsigned long long value;
	uint64_t unit;
	char *end;

	if (*text < '0' || *text > '9')
		return 0;
	errno = 0;
	value = strtoull(text, &end, 10);
	unit = unit_of(end);
	if (errno || !unit || value > most / unit)
		return 0;
	return value * unit;
}
