/* SPDX-License-Identifier: GPL-2.0-only */
/* Brings what is attached to one veth in line with what its container shall have. */
#ifndef PCTL_RECONCILE_H
#define PCTL_RECONCILE_H

#include "attachment.h"

struct desired_attachment {
	struct plan *plan; /* NULL: nothing shall be attached. Its rules get their ids */
	struct owner owner; /* who demands it */
	enum mode_choice mode;
	bool any_mode; /* who has a policy keeps his mode */
	struct generation *prepared; /* for him too: attachment_prepare(); taken. NULL: none */
	bool renew; /* take off what cannot be read any more: the caller holds the interface */
	bool keep; /* who has a policy keeps it, whichever: this is for who has none, or is held */
};

enum reconciled {
	RECONCILED_SAME, /* it was so already, but perhaps for the owner record */
	RECONCILED_ATTACHED,
	RECONCILED_CHANGED,
	RECONCILED_OTHER_MODE, /* the same policy in another XDP mode */
	RECONCILED_REPAIRED, /* somebody had taken programs off */
	RECONCILED_RENEWED, /* taken off and attached anew */
	RECONCILED_DETACHED,
	RECONCILED_KEPT,
	RECONCILED_OTHERS, /* somebody else's attachment: left alone */
};

/*
 * Returns 0 and *done, or a negative errno with a message: then what was in force before still is.
 * -EUCLEAN: somebody removed pins of it, and it has to be renewed.
 * @found: set to the owner record of what was there, if there was anything
 */
int reconcile(struct session *session, const struct link *link,
	      const struct desired_attachment *want, enum reconciled *done, struct owner *found);

#endif
