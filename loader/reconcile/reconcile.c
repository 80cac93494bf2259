// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "reconcile.h"
#include "error.h"
#include "util.h"

static int attach(struct session *session, const struct link *link, const struct demand *demand)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;

	if (demand->prepared)
		return attachment_attach_prepared(session, link, demand->prepared, &demand->owner,
						  &attachment);
	policy_forget_ids(demand->plan->policy);
	return attachment_attach(session, link, demand->mode, demand->plan, &demand->owner,
				 &attachment);
}

/* Puts back what somebody took off. */
static int repair(struct session *session, struct attachment *attachment, enum enforced *done)
{
	int error = attachment_repair(session, attachment);

	if (error > 0)
		*done = ENFORCED_REPAIRED;
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
static enum xdp_mode other_mode(const struct attachment *attachment, const struct demand *demand)
{
	enum xdp_mode wanted = demand->mode == MODE_NATIVE ? XDP_MODE_NATIVE : XDP_MODE_GENERIC;

	if (demand->any_mode || demand->mode == MODE_AUTO ||
	    wanted == attachment->current.meta.mode)
		return XDP_MODE_NONE;
	return wanted;
}

static int change_rules(struct session *session, struct attachment *attachment,
			const struct demand *demand, const struct policy *old, enum enforced *done)
{
	policy_forget_ids(demand->plan->policy);
	*done = ENFORCED_CHANGED;
	return policy_assign_ids(demand->plan->policy, old)
		       ?: attachment_change(session, attachment, demand->plan, old, &demand->owner);
}

static int change_mode(struct session *session, struct attachment *attachment,
		       const struct demand *demand, const struct policy *old, enum enforced *done)
{
	policy_forget_ids(demand->plan->policy);
	*done = ENFORCED_OTHER_MODE;
	return policy_assign_ids(demand->plan->policy, old)
		       ?: attachment_change_mode(session, attachment, demand->plan, old,
						 &demand->owner, other_mode(attachment, demand));
}

static int change(struct session *session, struct attachment *attachment,
		  const struct demand *demand, enum enforced *done)
{
	_cleanup_(policy_freep) struct policy *old = NULL;
	bool same = false;
	int error = generation_policy(&attachment->current, &old);

	error = error ?: policy_same(old, demand->plan->policy, &same);
	if (error)
		return error;
	if (!same)
		return change_rules(session, attachment, demand, old, done);
	if (other_mode(attachment, demand) != XDP_MODE_NONE)
		return change_mode(session, attachment, demand, old, done);
	error = update_owner(attachment, &demand->owner);
	return error ?: repair(session, attachment, done);
}

static int detach(struct session *session, struct attachment *attachment, enum enforced *done)
{
	*done = ENFORCED_DETACHED;
	return attachment_detach(session, attachment);
}

/* What cannot be read any more cannot be changed. */
static int renew(struct session *session, const struct link *link, struct attachment *attachment,
		 const struct demand *demand, enum enforced *done)
{
	int error = detach(session, attachment, done);

	*done = ENFORCED_RENEWED;
	return error ?: attach(session, link, demand);
}

static int adapt(struct session *session, const struct link *link, struct attachment *attachment,
		 const struct demand *demand, enum enforced *done)
{
	const struct owner *owner = &attachment->current.owner;

	if (!owner_is(owner) || owner->manager != demand->owner.manager) {
		*done = ENFORCED_OTHERS;
		return 0;
	}
	if (demand->keep && !owner->held) {
		*done = ENFORCED_KEPT;
		return repair(session, attachment, done);
	}
	if (!demand->plan)
		return detach(session, attachment, done);
	if (attachment->current.damaged && !demand->renew)
		return error_set(-EUCLEAN, "somebody removed pins of its policy");
	if (attachment->current.damaged)
		return renew(session, link, attachment, demand, done);
	return change(session, attachment, demand, done);
}

int enforce(struct session *session, const struct link *link, const struct demand *demand,
	    enum enforced *done, struct owner *found)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	int error = attachment_open(session, link->ifindex, &attachment);

	*done = ENFORCED_SAME;
	*found = attachment.current.owner;
	if (!error)
		return adapt(session, link, &attachment, demand, done);
	if (error != -ENOENT)
		return error;
	error_clear();
	if (!demand->plan)
		return 0;
	*done = ENFORCED_ATTACHED;
	return attach(session, link, demand);
}
