/* SPDX-License-Identifier: GPL-2.0-only */
/* What becomes an entry of the history (history.h): changes that are done. Nothing here fails. */
#ifndef PCTL_RECORD_H
#define PCTL_RECORD_H

#include "transition.h"

/* The policy of a transition is in force. */
void record_transition(const struct session *session, const struct hooks *hooks,
		       const struct transition *transition);

/* The policy of an attachment was confirmed. @pending: as it waited */
void record_confirmed(const struct session *session, const char *interface,
		      const struct generation *generation, const struct pending *pending);

/* Nothing is attached any more. */
void record_detached(const struct session *session, const struct hooks *hooks,
		     const struct generation *generation);

#endif
