// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>

#include "json_line.h"

int json_print_line(json_t *object, unsigned int digits)
{
	int failed = object ? json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(digits))
			    : -1;

	putchar('\n');
	json_decref(object);
	return failed && !ferror(stdout) ? -ENOMEM : 0;
}
