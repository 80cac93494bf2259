// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "json_text.h"
#include "util.h"

json_t *json_text(const char *text)
{
	json_t *value = json_string(text);
	_cleanup_(freep) char *ascii = value ? NULL : strdup(text);

	if (!ascii)
		return value;
	for (char *byte = ascii; *byte; byte++)
		if ((unsigned char)*byte > '~')
			*byte = '?';
	return json_string(ascii);
}

json_t *json_text_or_null(const char *text)
{
	return *text ? json_text(text) : json_null();
}
