// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>

#include "abi.h"
#include "reasons.h"
#include "util.h"

static const struct {
	const char *name, *meaning;
} reasons[] = {
#define X(id, number, name, meaning) [number] = { name, meaning },
	PCTL_REASONS(X)
#undef X
};

const char *reason_name(uint8_t reason)
{
	if (reason == PCTL_REASON_RATE)
		return "rate";
	return reason < ARRAY_SIZE(reasons) ? reasons[reason].name : NULL;
}

const char *answer_fate_name(uint8_t fate)
{
	return fate == PCTL_ANSWER_SENT ? "sent" : "limited";
}

const char *reason_meaning(uint8_t reason)
{
	if (reason == PCTL_REASON_RATE)
		return "it exceeds the rate of the rule that would pass it";
	return reason < ARRAY_SIZE(reasons) ? reasons[reason].meaning : NULL;
}
