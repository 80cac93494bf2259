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

const char *mode_choice_name(enum mode_choice choice)
{
	return choice == MODE_NONE ? "none" : mode_choices[choice];
}

const char *const hook_choices[] = {
	[HOOK_CHOICE_AUTO] = "auto",
	[HOOK_CHOICE_XDP] = "xdp",
	[HOOK_CHOICE_TC] = "tc",
	[HOOK_CHOICE_TC + 1] = NULL,
};

int hook_choice_parse(const char *name, enum hook_choice *choice)
{
	for (int i = 0; hook_choices[i]; i++)
		if (!strcmp(name, hook_choices[i])) {
			*choice = i;
			return 0;
		}
	return -EINVAL;
}

int mode_choice_parse(const char *name, enum mode_choice *choice)
{
	for (int i = 0; mode_choices[i]; i++)
		if (!strcmp(name, mode_choices[i])) {
			*choice = i;
			return 0;
		}
	return -EINVAL;
}
