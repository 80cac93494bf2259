/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of policyctl undo that ends the waiting of a change, as policyctl confirm does. */
#ifndef PCTL_UNDO_UNCONFIRMED_H
#define PCTL_UNDO_UNCONFIRMED_H

#include "target.h"

/* Takes back, now, what waits to be confirmed, and prints it. Returns an exit status. */
int undo_unconfirmed(struct session *session, struct attachments *attachments, bool json);

#endif
