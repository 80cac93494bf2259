/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of apply, diff, deny, allow and delete: a new policy for what is attached, and what
 * changed. */
#ifndef PCTL_CHANGE_H
#define PCTL_CHANGE_H

#include "attachment.h"

/* Puts it in force and prints which rules and defaults came and went. Returns an exit status.
 */
int change_and_tell(struct session *session, struct attachment *attachment, struct plan *plan,
		    bool json);

/* Prints the same and changes nothing; *same tells whether it is in force already. */
int change_preview(const struct attachment *attachment, struct plan *plan, bool json, bool *same);

#endif
