// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "policy_name.h"

static bool is_allowed(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || byte == '.' || byte == '_' || byte == '-';
}

bool policy_name_is_good(const char *name, size_t length)
{
	if (!length || length > POLICY_NAME_MAX || *name == '.')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!is_allowed(name[i]))
			return false;
	return true;
}

size_t policy_name_without_suffix(const char *name)
{
	size_t length = strlen(name), suffix = strlen(POLICY_NAME_SUFFIX);

	if (length <= suffix || strcmp(name + length - suffix, POLICY_NAME_SUFFIX) != 0)
		return 0;
	return length - suffix;
}
