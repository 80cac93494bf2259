/* SPDX-License-Identifier: GPL-2.0-only */
/* What becomes of a packet. */
#ifndef PCTL_VERDICTS_H
#define PCTL_VERDICTS_H

#include <stdbool.h>

enum verdict {
	VERDICT_ALLOW,
	VERDICT_DENY,
	VERDICT_REJECT, /* as deny, and the sender is told */
	VERDICT_COUNT,
};

/* Whether packets with this verdict are dropped. Comments about denials mean `reject`, too. */
static inline bool verdict_denies(enum verdict verdict)
{
	return verdict != VERDICT_ALLOW;
}

#endif
