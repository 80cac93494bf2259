// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>

#include "command.h"
#include "json_text.h"
#include "output.h"

int output_json(json_t *value)
{
	int error = value ? json_text_print(value, JSON_INDENT(2)) : -ENOMEM;

	putchar('\n');
	json_decref(value);
	return error == -ENOMEM ? command_failed(NULL, error, NULL) : EXIT_DONE;
}

int output_json_in(json_t *array, json_t *value)
{
	if (!array)
		return output_json(value);
	return json_array_append_new(array, value) ? command_failed(NULL, -ENOMEM, NULL)
						   : EXIT_DONE;
}
