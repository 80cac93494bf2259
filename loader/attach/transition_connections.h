/* SPDX-License-Identifier: GPL-2.0-only */
/* What becomes of an attachment's connections in a transition from one generation to the next. */
#ifndef PCTL_TRANSITION_CONNECTIONS_H
#define PCTL_TRANSITION_CONNECTIONS_H

#include "adoption.h"
#include "transition.h"

/*
 * Before the programs of the target are on the hooks: adopts what is open, if it is the first that
 * knows connections, or goes back to a policy of before; fills its tables from those before, if
 * they have another size.
 */
int connections_before(struct session *session, const struct hooks *hooks,
		       const struct transition *transition, struct adoption *adoption);

/*
 * When they are, and the others no longer run: does that again for what was opened meanwhile,
 * judges all connections by the target's policy, and notice() says what was adopted and cut. May
 * be repeated, by a command behind one that was killed.
 */
int connections_behind(struct session *session, const struct hooks *hooks,
		       const struct transition *transition, struct adoption *adoption);

/* The target's programs were taken off again: those that it let begin are judged by the previous
 * one. */
int connections_back(const struct generation *previous, const struct generation *target);

#endif
