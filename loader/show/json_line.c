// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>

#include "json_line.h"
#include "json_text.h"

int json_print_line(json_t *object, unsigned int digits)
{
	int error = object ? json_text_print(object, JSON_COMPACT | JSON_REAL_PRECISION(digits))
			   : -ENOMEM;

	putchar('\n');
	json_decref(object);
	return error == -ENOMEM ? error : 0;
}
