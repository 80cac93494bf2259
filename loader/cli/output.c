// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>

#include "command.h"
#include "output.h"

int output_json(json_t *value)
{
	int failed = value ? json_dumpf(value, stdout, JSON_INDENT(2)) : -1;

	putchar('\n');
	json_decref(value);
	return failed ? command_failed(NULL, -ENOMEM, NULL) : EXIT_DONE;
}

int output_json_in(json_t *array, json_t *value)
{
	if (!array)
		return output_json(value);
	return json_array_append_new(array, value) ? command_failed(NULL, -ENOMEM, NULL)
						   : EXIT_DONE;
}
