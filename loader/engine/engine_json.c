// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "engine_json.h"
#include "error.h"
#include "util.h"

#define NUL_ESCAPED "\\u0000"
#define REPLACEMENT_ESCAPED "\\ufffd"

static void replace_nul(char *text)
{
	while ((text = strchr(text, '\\'))) {
		if (!strncmp(text, NUL_ESCAPED, strlen(NUL_ESCAPED)))
			memcpy(text, REPLACEMENT_ESCAPED, strlen(REPLACEMENT_ESCAPED));
		text += text[1] ? 2 : 1;
	}
}

int engine_json_load(const char *text, size_t size, json_t **json)
{
	_cleanup_(freep) char *copy = strndup(text, size);
	json_error_t fault;

	if (!copy)
		return -ENOMEM;
	replace_nul(copy);
	*json = json_loads(copy, 0, &fault);
	return *json ? 0
		     : error_set(-EPROTO, "the container engine's answer is not understood: %s",
				 fault.text);
}
