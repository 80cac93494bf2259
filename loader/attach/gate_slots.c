// SPDX-License-Identifier: GPL-2.0-only
#include <limits.h>
#include <stdio.h>

#include "claim.h"
#include "gate.h"
#include "gate_slots.h"

bool gate_slots_live(const char *pins, uint32_t last)
{
	char path[PATH_MAX];

	for (uint32_t number = PINS_DAEMON_GATE; number <= last; number++) {
		snprintf(path, sizeof(path), "%s/" PINS_GATE "%u", pins, number);
		if (claim_lives(path))
			return true;
	}
	return false;
}

bool gates_live(const char *pins)
{
	return gate_slots_live(pins, GATES_MAX);
}
