// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "error.h"
#include "ids.h"
#include "print.h"
#include "quarantine.h"
#include "reconcile.h"
#include "util.h"

static int attach(struct session *session, const struct link *link,
		  const struct desired_attachment *desired)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;

	if (desired->prepared)
		return attachment_attach_prepared(session, link, desired->prepared, &desired->owner,
						  &attachment);
	policy_forget_ids(desired->plan->policy);
	return attachment_attach(session, link, desired->mode, desired->plan, &desired->owner,
				 &attachment);
}

/* Puts back programs that another process took off. */
static int repair(struct session *session, struct attachment *attachment, enum reconciled *done)
{
	int error = attachment_repair(session, attachment);

	if (error > 0)
		*done = RECONCILED_REPAIRED;
	return error < 0 ? error : 0;
}

/* The name of a container, and why it is held, may change while its rules stay. */
static int update_owner(struct attachment *attachment, const struct owner *owner)
{
	if (!memcmp(&attachment->current.owner, owner, sizeof(*owner)))
		return 0;
	attachment->current.owner = *owner;
	return generation_save_owner(&attachment->current);
}

static bool wants_other_mode(const struct attachment *attachment,
			     const struct desired_attachment *desired)
{
	static const enum xdp_mode modes[] = {
		[MODE_NATIVE] = XDP_MODE_NATIVE,
		[MODE_GENERIC] = XDP_MODE_GENERIC,
		[MODE_NONE] = XDP_MODE_NONE,
	};

	return !desired->any_mode && desired->mode != MODE_AUTO &&
	       modes[desired->mode] != attachment->current.meta.mode;
}

static int change_rules(struct session *session, struct attachment *attachment,
			const struct desired_attachment *desired, const struct policy *old,
			enum reconciled *done)
{
	policy_forget_ids(desired->plan->policy);
	*done = RECONCILED_CHANGED;
	return policy_assign_ids(desired->plan->policy, old)
		       ?: attachment_change(session, attachment, desired->plan, old,
					    &desired->owner);
}

static int change_mode(struct session *session, struct attachment *attachment,
		       const struct desired_attachment *desired, const struct policy *old,
		       enum reconciled *done)
{
	policy_forget_ids(desired->plan->policy);
	*done = RECONCILED_OTHER_MODE;
	return policy_assign_ids(desired->plan->policy, old)
		       ?: attachment_change_mode(session, attachment, desired->plan, old,
						 &desired->owner, desired->mode);
}

static int change(struct session *session, struct attachment *attachment,
		  const struct desired_attachment *desired, enum reconciled *done)
{
	_cleanup_(policy_freep) struct policy *old = NULL;
	bool same = false;
	int error = generation_policy(&attachment->current, &old);

	error = error ?: policy_same(old, desired->plan->policy, &same);
	if (error)
		return error;
	if (!same || attachment->current.meta.quarantine !=
			     (desired->plan->quarantine ? QUARANTINE_ON : QUARANTINE_NONE))
		return change_rules(session, attachment, desired, old, done);
	if (wants_other_mode(attachment, desired))
		return change_mode(session, attachment, desired, old, done);
	error = update_owner(attachment, &desired->owner);
	return error ?: repair(session, attachment, done);
}

static int detach(struct session *session, struct attachment *attachment, enum reconciled *done)
{
	*done = RECONCILED_DETACHED;
	return attachment_detach(session, attachment);
}

/* What cannot be read any more cannot be changed. */
static int renew(struct session *session, const struct link *link, struct attachment *attachment,
		 const struct desired_attachment *desired, enum reconciled *done)
{
	int error = detach(session, attachment, done);

	*done = RECONCILED_RENEWED;
	return error ?: attach(session, link, desired);
}

/* It was released, and what it asks for now is wrong: what it had before the quarantine stays. */
static int bring_back(struct session *session, struct attachment *attachment, enum reconciled *done)
{
	bool attached;

	*done = RECONCILED_CHANGED;
	return quarantine_leave(session, attachment, &attached);
}

static int adapt(struct session *session, const struct link *link, struct attachment *attachment,
		 const struct desired_attachment *desired, enum reconciled *done)
{
	const struct owner *owner = &attachment->current.owner;

	if (!owner_is(owner) || owner->manager != desired->owner.manager) {
		*done = RECONCILED_OTHERS;
		return 0;
	}
	if (quarantine_is_on(attachment) && !desired_is_quarantine(desired)) {
		int error = attachment_repair(session, attachment);

		*done = RECONCILED_QUARANTINE;
		return error < 0 ? error : 0;
	}
	if (desired->keep && attachment->current.meta.quarantine == QUARANTINE_RELEASED)
		return bring_back(session, attachment, done);
	if (desired->keep && !owner->held) {
		*done = RECONCILED_KEPT;
		return repair(session, attachment, done);
	}
	if (!desired->plan)
		return detach(session, attachment, done);
	if (attachment->current.damaged && !desired->renew)
		return error_set(-EUCLEAN, "pins of its policy were removed");
	if (attachment->current.damaged)
		return renew(session, link, attachment, desired, done);
	return change(session, attachment, desired, done);
}

int reconcile(struct session *session, const struct link *link,
	      const struct desired_attachment *desired, enum reconciled *done, struct owner *found)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	int error = attachment_open(session, link->ifindex, &attachment);

	*done = RECONCILED_SAME;
	*found = attachment.current.owner;
	if (!error)
		return adapt(session, link, &attachment, desired, done);
	if (error != -ENOENT)
		return error;
	error_clear();
	if (!desired->plan)
		return 0;
	*done = RECONCILED_ATTACHED;
	return attach(session, link, desired);
}
