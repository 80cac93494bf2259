/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes what is attached to one veth what is desired. */
#ifndef PCTL_RECONCILE_H
#define PCTL_RECONCILE_H

#include "attachment.h"
#include "desired_attachment.h"

enum reconciled {
	RECONCILED_SAME, /* it was so already, except perhaps for the owner record */
	RECONCILED_ATTACHED,
	RECONCILED_CHANGED,
	RECONCILED_OTHER_MODE, /* the same policy by another hook or in another XDP mode */
	RECONCILED_REPAIRED, /* programs had been taken off */
	RECONCILED_RENEWED, /* detached and attached again */
	RECONCILED_DETACHED,
	RECONCILED_KEPT,
	RECONCILED_QUARANTINE, /* it is in quarantine without a record of its container: the
				* interface alone, until it is released */
	RECONCILED_OTHERS, /* the attachment has another manager: left alone */
};

/*
 * Returns 0 and *done, or a negative errno with a message: then what was in force before still is.
 * -EUCLEAN: pins of the attachment were removed; it has to be renewed.
 * @found: set to the owner record of what was there, if there was anything
 */
int reconcile(struct session *session, const struct link *link,
	      const struct desired_attachment *desired, enum reconciled *done, struct owner *found);

#endif
