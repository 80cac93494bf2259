/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The transition from one generation to the next, and the end of an attachment, in steps. A command
 * may be killed behind any of them: attachment.c takes the steps, recovery.c finishes or undoes
 * what it finds half done.
 */
#ifndef PCTL_TRANSITION_H
#define PCTL_TRANSITION_H

#include <limits.h>

#include "generation.h"
#include "hooks.h"
#include "session.h"

/* Where an interface and a generation of it live. */
void interface_path(const struct session *session, uint32_t ifindex, char path[PATH_MAX]);
void generation_path(const struct session *session, uint32_t ifindex, uint32_t number,
		     char path[PATH_MAX]);

/* Opens the complete generations of an interface: the newest, and the one before it; each stays
 * empty if there is none. Removes those that were never completed, in a session with the lock. */
int open_generations(struct session *session, uint32_t ifindex, struct generation *newest,
		     struct generation *older);

/* Reads the hooks again, since compiling and loading took time. Remembers in `target` whether the
 * clsact qdisc will be ours. */
int refresh_hooks(struct session *session, struct hooks *hooks, struct generation *target);

/* Reads the hooks again. -EIO: the interface does not run this generation. */
int verify_hooks(struct session *session, struct hooks *hooks, const struct generation *target);

/* From one generation to the next. */
struct transition {
	struct generation *target;
	const struct generation *previous; /* NULL: there was none */
	const struct plan *plan; /* what `target` was made of; NULL: it is not known any more */
	/* The policies of both; NULL: not read yet. */
	const struct policy *policy, *previous_policy;
	/* Nothing that came through the interface before is to be known: it is new. */
	bool newborn;
};

/*
 * Brings a pinned generation marked PHASE_ENFORCING into force and marks it done. Updates *hooks.
 * After a failure undo_enforcing() can still go back.
 */
int finish_enforcing(struct session *session, struct hooks *hooks,
		     const struct transition *transition);

/*
 * Undoes a finish_enforcing() that failed halfway; its error message stays. False: that failed,
 * too. Then `target` must stay pinned: the next session brings it into force.
 */
bool undo_enforcing(struct session *session, const struct generation *target,
		    const struct generation *previous);

/* Takes all programs off and forgets the interface. `older` may be empty. */
int finish_detaching(struct session *session, const struct hooks *hooks,
		     const struct generation *newest, const struct generation *older);

/* Removes all pins of an interface. */
int forget(const struct session *session, uint32_t ifindex);
/* The same after a failure: its error message stays. */
void forget_after_failure(const struct session *session, uint32_t ifindex);

#endif
