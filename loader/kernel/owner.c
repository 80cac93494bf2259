// SPDX-License-Identifier: GPL-2.0-only
#include "owner.h"

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
