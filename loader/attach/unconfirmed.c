// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>

#include "before.h"
#include "clock.h"
#include "error.h"
#include "record.h"
#include "unconfirmed.h"
#include "util.h"

int unconfirmed_begin(struct attachment *attachment)
{
	struct generation *current = &attachment->current;

	current->pending.ends = clock_boot_ns() + current->pending.seconds * NS_PER_SECOND;
	return pending_save(current->maps[MAP_PENDING], &current->pending);
}

int unconfirmed_confirm(struct session *session, struct attachment *attachment)
{
	const struct pending pending = attachment->current.pending;
	int error = 0;

	if (pending.learning)
		return error_set(-EPERM,
				 "policyctl learn is at work, and puts back what was there");
	error = generation_confirm(&attachment->current);
	if (error)
		return error;
	pending_wake(&pending);
	record_confirmed(session, attachment->hooks.link.name, &attachment->current, &pending);
	return 0;
}

static int go_back(struct session *session, struct attachment *attachment,
		   enum plan_purpose purpose)
{
	_cleanup_(generation_close) struct generation before = GENERATION_EMPTY;
	int error = generation_open_before(&attachment->current, &before);

	if (error == -ENOENT)
		return error_set(error, "what was in force before is not pinned any more");
	return error ?: attachment_bring_back(session, attachment, &before, purpose);
}

int unconfirmed_go_back(struct session *session, struct attachment *attachment,
			enum plan_purpose purpose, bool *attached)
{
	*attached = !attachment->current.pending.nothing_before;
	return *attached ? go_back(session, attachment, purpose)
			 : attachment_detach(session, attachment);
}

void unconfirmed_recover(struct session *session, uint32_t ifindex)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	int error = attachment_open(session, ifindex, &attachment);
	char name[IF_NAMESIZE];
	uint32_t seconds;
	bool attached, learning;

	if (error || !attachment_unconfirmed(&attachment) ||
	    pending_left(&attachment.current.pending)) {
		error_clear();
		return;
	}
	seconds = attachment.current.pending.seconds;
	learning = attachment.current.pending.learning;
	snprintf(name, sizeof(name), "%s", attachment.hooks.link.name);
	error = unconfirmed_go_back(session, &attachment, PLAN_NOT_CONFIRMED, &attached);
	if (error)
		notice("%s: its policy was not confirmed in %u s, and going back failed: %s; the "
		       "next command tries again",
		       name, seconds, error_message(error));
	else if (learning)
		notice("%s: policyctl learn left a policy behind: %s", name,
		       attached ? "the one before is in force again" : "it is detached again");
	else
		notice("%s: its policy was not confirmed in %u s: %s", name, seconds,
		       attached ? "the one before is in force again" : "it is detached again");
	error_clear();
}
