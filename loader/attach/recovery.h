/* SPDX-License-Identifier: GPL-2.0-only */
/* Recovery: what a killed command left half done is finished or undone, and attachments of
 * interfaces that are gone are forgotten. */
#ifndef PCTL_RECOVERY_H
#define PCTL_RECOVERY_H

#include "session.h"

/* Recovers every attachment of an open session; notice() says what was done to each. One that
 * cannot be recovered does not keep the others from it: that is a notice, too. 0, or a negative
 * errno if the attachments or the links cannot be listed. */
int session_recover(struct session *session);

#endif
