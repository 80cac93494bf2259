/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the checks of doctor look at, read once, and what they found. A check changes nothing: no
 * session is opened, because that would finish interrupted changes. An interrupted change is a
 * finding, and so is what may not be read.
 */
#ifndef PCTL_CHECKUP_H
#define PCTL_CHECKUP_H

#include "attachment.h"
#include "findings.h"
#include "other_namespaces.h"

struct checkup {
	struct findings findings;
	struct session session; /* netlink and, if it could be read, the pins; never opened */
	char nowhere[400]; /* why there are no pins to read; "": there may be one */
	struct lock_holder holder; /* if the pins were read without its lock: what has it */
	bool looked; /* the pins could be read; if not: */
	char unseen[300]; /* why not; "" if `nowhere` says so */
	struct link *links; /* of this namespace */
	size_t link_count;
	struct other_namespaces others;
	int jited; /* is a program that was loaded for a trial compiled: program_is_jited() */
	uint32_t *attached; /* ifindexes that have an attachment */
	size_t attached_count;
	struct name_question *name_questions; /* for the engine: checkup_names_ask() */
	size_t name_question_count;
};

#define CHECKUP_EMPTY                                  \
	{                                              \
		.session = SESSION_EMPTY, .jited = -1, \
	}

/* Reads what the checks look at. What cannot be read becomes a finding later. Fails only without
 * memory or netlink. To be closed in any case. */
int checkup_open(struct checkup *checkup);
/* Gives the lock of the pins back: from here on others may change what is attached. */
void checkup_unlock(struct checkup *checkup);
void checkup_close(struct checkup *checkup);

/* The link of this namespace with this ifindex; NULL: there is none. */
const struct link *checkup_link_at(const struct checkup *checkup, uint32_t ifindex);

/* Does policyctl have a policy on this interface? */
bool checkup_has_policy(const struct checkup *checkup, uint32_t ifindex);

#endif
