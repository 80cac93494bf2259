// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "owner.h"

#define CUT "..."

/* The bytes behind the text are zero: records are compared as they are. */
void owner_set(char *field, size_t size, const char *text)
{
	size_t length = strlen(text);

	memset(field, 0, size);
	if (length < size)
		memcpy(field, text, length);
	else
		memcpy(memcpy(field, text, size - sizeof(CUT)) + size - sizeof(CUT), CUT,
		       sizeof(CUT));
}

const char *owner_manager_name(const struct owner *owner)
{
	switch (owner->manager) {
	case OWNER_DAEMON:
		return "daemon";
	case OWNER_SIDECAR:
		return "sidecar";
	}
	return "";
}
