/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Learning on all interfaces of a target. Where no policy tracks connections one is put in force
 * that does and changes no verdict (learning_policy.h), for a while (unconfirmed.h): it waits to be
 * confirmed, which nobody may do, so whatever ends this process, what was there before comes back.
 */
#ifndef PCTL_LEARNER_H
#define PCTL_LEARNER_H

#include "flows.h"
#include "learning.h"
#include "learnt_names.h"
#include "pending.h"
#include "session.h"
#include "target.h"

struct learner_site {
	struct link link;
	struct attachment attachment;
	struct learning learning;
	bool begun;
	bool put; /* the policy in force is ours */
};

struct learner {
	struct learner_site *sites;
	size_t count;
	struct flows flows;
	struct pending pending;
	struct nl *nl;
	struct learning_gaps gaps; /* of all */
	uint64_t connections;
	struct learnt_names names; /* of peers, as far as known */
};

/*
 * Puts policies in force where there is need, and begins. On failure nothing has changed, or the
 * error says what has.
 * @pending: for these policies, with `learning`
 * Returns an enum target_result or a negative errno, with words. The learner is to be closed in any
 * case, which changes nothing in force.
 */
int learner_open(const struct target *target, const struct pending *pending,
		 struct learner *learner);

/* Looks at all of them. *left: on how many it still learns; notice() says why it ended on one. */
int learner_look(struct learner *learner, bool thoroughly, size_t *left);

/* Looks for the last time; `flows`, `gaps`, `connections` and `names` are then complete. */
int learner_finish(struct learner *learner);

/* What was in force before comes back. An interface that is gone, or has another policy by now, is
 * left alone. On failure the error has the words, and the policy goes back later. */
int learner_put_back(struct learner *learner);

void learner_close(struct learner *learner);

/* How many connections are known so far. */
uint64_t learner_connections(const struct learner *learner);

#endif
