// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "error.h"
#include "ids.h"
#include "print.h"
#include "reconcile.h"
#include "util.h"

static int attach(struct session *session, const struct link *link,
		  const struct desired_attachment *want)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;

	if (want->prepared)
		return attachment_attach_prepared(session, link, want->prepared, &want->owner,
						  &attachment);
	policy_forget_ids(want->plan->policy);
	return attachment_attach(session, link, want->mode, want->plan, &want->owner, &attachment);
}

/* Puts back what somebody took off. */
static int repair(struct session *session, struct attachment *attachment, enum reconciled *done)
{
	int error = attachment_repair(session, attachment);

	if (error > 0)
		*done = RECONCILED_REPAIRED;
	return error < 0 ? error : 0;
}

/* The name of a container, and why it is held, change without its rules. */
static int update_owner(struct attachment *attachment, const struct owner *owner)
{
	if (!memcmp(&attachment->current.owner, owner, sizeof(*owner)))
		return 0;
	attachment->current.owner = *owner;
	return generation_save_owner(&attachment->current);
}

/* The mode that is asked for, where that is another. */
static enum xdp_mode other_mode(const struct attachment *attachment,
				const struct desired_attachment *want)
{
	enum xdp_mode desired = want->mode == MODE_NATIVE ? XDP_MODE_NATIVE : XDP_MODE_GENERIC;

	if (want->any_mode || want->mode == MODE_AUTO || desired == attachment->current.meta.mode)
		return XDP_MODE_NONE;
	return desired;
}

static int change_rules(struct session *session, struct attachment *attachment,
			const struct desired_attachment *want, const struct policy *old,
			enum reconciled *done)
{
	policy_forget_ids(want->plan->policy);
	*done = RECONCILED_CHANGED;
	return policy_assign_ids(want->plan->policy, old)
		       ?: attachment_change(session, attachment, want->plan, old, &want->owner);
}

static int change_mode(struct session *session, struct attachment *attachment,
		       const struct desired_attachment *want, const struct policy *old,
		       enum reconciled *done)
{
	policy_forget_ids(want->plan->policy);
	*done = RECONCILED_OTHER_MODE;
	return policy_assign_ids(want->plan->policy, old)
		       ?: attachment_change_mode(session, attachment, want->plan, old, &want->owner,
						 other_mode(attachment, want));
}

static int change(struct session *session, struct attachment *attachment,
		  const struct desired_attachment *want, enum reconciled *done)
{
	_cleanup_(policy_freep) struct policy *old = NULL;
	bool same = false;
	int error = generation_policy(&attachment->current, &old);

	error = error ?: policy_same(old, want->plan->policy, &same);
	if (error)
		return error;
	if (!same)
		return change_rules(session, attachment, want, old, done);
	if (other_mode(attachment, want) != XDP_MODE_NONE)
		return change_mode(session, attachment, want, old, done);
	error = update_owner(attachment, &want->owner);
	return error ?: repair(session, attachment, done);
}

static int detach(struct session *session, struct attachment *attachment, enum reconciled *done)
{
	*done = RECONCILED_DETACHED;
	return attachment_detach(session, attachment);
}

/* What cannot be read any more cannot be changed. */
static int renew(struct session *session, const struct link *link, struct attachment *attachment,
		 const struct desired_attachment *want, enum reconciled *done)
{
	int error = detach(session, attachment, done);

	*done = RECONCILED_RENEWED;
	return error ?: attach(session, link, want);
}

static int adapt(struct session *session, const struct link *link, struct attachment *attachment,
		 const struct desired_attachment *want, enum reconciled *done)
{
	const struct owner *owner = &attachment->current.owner;

	if (!owner_is(owner) || owner->manager != want->owner.manager) {
		*done = RECONCILED_OTHERS;
		return 0;
	}
	if (want->keep && !owner->held) {
		*done = RECONCILED_KEPT;
		return repair(session, attachment, done);
	}
	if (!want->plan)
		return detach(session, attachment, done);
	if (attachment->current.damaged && !want->renew)
		return error_set(-EUCLEAN, "somebody removed pins of its policy");
	if (attachment->current.damaged)
		return renew(session, link, attachment, want, done);
	return change(session, attachment, want, done);
}

int reconcile(struct session *session, const struct link *link,
	      const struct desired_attachment *want, enum reconciled *done, struct owner *found)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	int error = attachment_open(session, link->ifindex, &attachment);

	*done = RECONCILED_SAME;
	*found = attachment.current.owner;
	if (!error)
		return adapt(session, link, &attachment, want, done);
	if (error != -ENOENT)
		return error;
	error_clear();
	if (!want->plan)
		return 0;
	*done = RECONCILED_ATTACHED;
	return attach(session, link, want);
}
