// SPDX-License-Identifier: GPL-2.0-only
#include "before.h"
#include "compile.h"
#include "ids.h"
#include "util.h"

/* The owner as it was before; if there was none, only the source of the policy goes. */
static const struct owner *owner_before(const struct attachment *attachment,
					const struct generation *before, struct owner *owner)
{
	*owner = attachment->current.owner;
	if (owner_is(&before->owner))
		*owner = before->owner;
	else
		owner->source[0] = '\0';
	return owner_is(owner) ? owner : NULL;
}

int attachment_bring_back(struct session *session, struct attachment *attachment,
			  const struct generation *before, enum plan_purpose purpose)
{
	_cleanup_(policy_freep) struct policy *old = NULL;
	_cleanup_(plan_free) struct plan plan = { .purpose = purpose };
	struct owner owner;
	int error = generation_policy(before, &plan.policy);

	error = error ?: generation_policy(&attachment->current, &old);
	error = error ?: policy_assign_ids(plan.policy, old);
	error = error ?: policy_compile(plan.policy, "policy", &plan.compiled, NULL);
	return error
		       ?: attachment_change_mode(session, attachment, &plan, old,
						 owner_before(attachment, before, &owner),
						 before->meta.mode_choice);
}
