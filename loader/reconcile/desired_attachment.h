/* SPDX-License-Identifier: GPL-2.0-only */
/* What should be attached to one veth: a policy, in a mode, in the name of an owner. */
#ifndef PCTL_DESIRED_ATTACHMENT_H
#define PCTL_DESIRED_ATTACHMENT_H

#include "attachment.h"
#include "desired_policy.h"
#include "reconcile_pass.h"

struct desired_attachment {
	struct plan *plan; /* NULL: nothing should be attached. Its rules get their ids */
	struct owner owner; /* its manager is the only one whose attachments are touched */
	enum mode_choice mode;
	bool any_mode; /* an attachment that is there keeps its mode */
	struct generation *prepared; /* attachment_prepare() of the same; taken. NULL: none */
	bool renew; /* detach what cannot be read any more: the caller holds the interface */
	bool keep; /* a policy that is there stays, whichever; this one is for a veth without, or
		    * with one that holds all */
	struct desired_policy *reference; /* keeps `plan` alive; NULL: it needs none */
	struct plan quarantine; /* what `plan` is of a container in quarantine */
};

void desired_attachment_clear(struct desired_attachment *desired);

/*
 * What a container should have on this veth: its quarantine if it is in one, else what its desired
 * policy says. For desired_attachment_clear(), in any case.
 * @policy: of kind POLICY, FAULTY or NOTHING
 * 0 or -ENOMEM.
 */
int desired_attachment_fill(struct reconcile_pass *pass, struct veth *veth,
			    const struct container *container, struct desired_policy *policy,
			    struct desired_attachment *desired);

/* The same for an interface that is followed by its name. @policy: of kind POLICY or FAULTY */
int desired_attachment_fill_named(struct reconcile_pass *pass, struct veth *veth,
				  const struct named_interfaces *interfaces,
				  struct desired_policy *policy,
				  struct desired_attachment *desired);

/* The owner record of an attachment for a container. @bridge: ifindex, 0: not known yet */
void desired_owner(const struct follower *f, const struct container *container, uint32_t bridge,
		   const struct desired_policy *policy, struct owner *owner);

/* The XDP mode for a container, or none. *any: an attachment that is there keeps its mode. */
enum mode_choice desired_mode(const struct follower *f, const struct container *container,
			      bool *any);

static inline bool desired_is_quarantine(const struct desired_attachment *desired)
{
	return desired->plan && desired->plan->quarantine;
}

/* Has the veth a policy of ours, other than one that denies all? *held: what its owner record says
 * of that. */
bool veth_has_policy(struct reconcile_pass *pass, const struct veth *veth, enum owner_hold *held);

#endif
