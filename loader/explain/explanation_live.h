/* SPDX-License-Identifier: GPL-2.0-only */
/* What the live sets of an attachment say of a packet's peer. */
#ifndef PCTL_EXPLANATION_LIVE_H
#define PCTL_EXPLANATION_LIVE_H

#include "explanation.h"

/* Lets the live sets of the explainer's policy answer for this one address as the kernel's do.
 * Notes those in which it is, or may be. @peer: NULL: the packet has none */
int explain_live(struct explainer *explainer, const struct prefix *peer,
		 struct explanation *explanation);

#endif
