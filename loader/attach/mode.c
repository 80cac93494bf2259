// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "mode.h"

const char *const mode_choices[] = {
	[MODE_AUTO] = "auto",
	[MODE_NATIVE] = "native",
	[MODE_GENERIC] = "generic",
	[MODE_GENERIC + 1] = NULL,
};

int mode_choice_parse(const char *name, enum mode_choice *choice)
{
	for (int i = 0; mode_choices[i]; i++)
		if (!strcmp(name, mode_choices[i])) {
			*choice = i;
			return 0;
		}
	return -EINVAL;
}
